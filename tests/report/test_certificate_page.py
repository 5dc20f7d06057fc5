"""The page of a certificate: well formed, whole, escaped, without network, and rounded to the safe side."""

import re
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest

from fathometer.evidence import Answer, Check, Estimate, InputError, Status, text_up
from fathometer.report import (
    CertificatePage,
    LearningCurve,
    RiskRow,
    RiskRows,
    TextTable,
    certified_sentence,
    percent_ends,
    percent_up,
    write_certificate_page,
)

VOID = {"meta", "br", "hr", "img", "link", "input"}
RISK = Estimate.sampled(0.047, 0.0129, 0.1162, 0.95)
ROWS = (
    RiskRow("occam_binomial", "0/1 risk of the predictor", 0.06061, RISK, 0.0425, Status.UNDECIDED, True),
    RiskRow("test_kl", "ramp risk at margin $4_{x}", 0.128024, None, 0.00625, Status.HOLDS),
    RiskRow("odd", "<script>alert(1)</script>", 0.01, RISK, 0.00125, Status.VIOLATED),
    RiskRow("transport", "ramp risk \x07 模型", None, RISK, 1e-5, Status.VACUOUS),
)
CURVE = LearningCurve([100, 300, 1000], Estimate.sampled([0.2, 0.1, 0.05], 0.01, 0.3, 0.95), [0.3, 0.2, 0.1], [0.1] * 3)
PAGE = CertificatePage(
    title="Who pays <back> & who does not",
    sentence=certified_sentence(0.06061, 0.05),
    delta=0.05,
    rows=ROWS,
    certificate=0.06061,
    test_risk=RISK,
    majority_risk=Estimate.exact(0.3733),
    gap=Estimate.sampled(0.02, -0.01, 0.05, 0.95),
    checked=(Check("parts alike", Answer.HOLDS, None, "p = 0.4"), Check("groups", Answer.UNDECIDABLE, None, "none")),
    seed=7,
    seed_given=True,
    sizes={"training": 300, "test": 100},
    versions={"numpy": "2.0"},
    predictor_file="C.joblib",
    predictor_sha256="ab" * 32,
    per_class=TextTable("By class", ("class", "recall"), (("<img src=x>", "0.9"),)),
    curve=CURVE,
)


class Tags(HTMLParser):
    """Keeps a stack of open elements, and every attribute."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.attributes, self.text = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append(tag)
        self.attributes += [(tag, *pair) for pair in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def parsed(page):
    tags = Tags()
    tags.feed(page.html())
    tags.close()
    assert tags.open == []
    return tags


@pytest.fixture(scope="module")
def tags():
    return parsed(PAGE)


def test_the_page_is_well_formed_and_has_a_language_headings_and_words_for_its_pictures(tags):
    assert ("html", "lang", "en") in tags.attributes
    assert [tag for tag in tags.seen if tag in ("h1", "h2", "h3")] == ["h1", "h2", "h2", "h2", "h3", "h3", "h2"]
    assert tags.seen.count("svg") == 3
    assert sum(name == "aria-label" for _, name, _ in tags.attributes) == 3


def test_nothing_is_run_and_nothing_is_fetched(tags):
    assert not {"script", "img", "link", "iframe", "object"} & set(tags.seen)
    outside = [value for _, name, value in tags.attributes if name in ("href", "xlink:href", "src", "action")]
    assert all(value.startswith("#") for value in outside)
    assert not re.search(r"@import|url\((?!#)", PAGE.html())
    assert not [name for _, name, _ in tags.attributes if name.startswith("on")]


def test_every_number_of_the_ledger_is_there(tags):
    text = "".join(tags.text)
    for row in ROWS:
        numbers = [text_up(row.delta_spent, 5), "diverges" if row.value is None else text_up(row.value, 5)]
        numbers += ["not measured"] if row.measured is None else [row.measured.text(4)]
        assert all(number in text for number in [*numbers, row.bound, row.certifies, str(row.status)])
    for piece in (PAGE.sentence, "37.3 %", "7, chosen by the user", "ab" * 32, "training 300, test 100", "numpy 2.0"):
        assert piece in text


def test_names_are_text(tags):
    assert "Who pays <back> & who does not" in tags.text
    assert "<img src=x>" in tags.text
    assert "&lt;script&gt;alert(1)" in PAGE.html()


def test_the_sentence_stands_first_and_what_speaks_against_it_next():
    page = replace(PAGE, warnings=("COPIES",), drift=Check("no drift", Answer.FAILS, None, "p = 0"))
    text = page.html()
    places = [text.index(piece) for piece in (page.sentence, "COPIES", "1 of 4 rows lie below", "no drift: no", "<svg")]
    assert places == sorted(places)
    assert 'role="alert"' not in replace(PAGE, rows=ROWS[:1]).html()


def test_a_certificate_above_the_majority_class_is_called_useless():
    page = replace(PAGE, rows=ROWS[:1], majority_risk=Estimate.exact(0.06))
    assert page.alarms == (
        "The certificate is not below the risk of always naming the largest class (6 %): it says nothing of use.",
    )


def test_a_page_that_knows_nothing_says_so():
    page = CertificatePage("t", certified_sentence(None, 0.05), 0.05, ())
    text = " ".join("".join(parsed(page).text).split())
    assert "No certificate: no row" in text
    for piece in ("The ledger has no rows.", "Nothing was checked.", "Not known: the risk on the training rows"):
        assert piece in text
    assert "Not in this certificate: risk on the rows it was trained on" in text


def test_hundreds_of_rows_are_in_the_table_and_the_best_in_the_picture():
    rows = tuple(replace(ROWS[1], bound=f"b{i}", value=0.2 + i / 1000) for i in range(300))
    picture = replace(PAGE, rows=(*rows, ROWS[2], ROWS[0])).picture
    assert [row.bound for row in picture.drawn[-2:]] == ["odd", "occam_binomial"]
    assert (len(picture.drawn), picture.drawn[0].bound) == (14, "b0")
    assert "288 more rows" in picture.caption
    assert "b299" in replace(PAGE, rows=rows).html()


@pytest.mark.parametrize("value", [0.06061, 0.061, 0.1 + 1e-17, 0.3, 1e-9, 0.0, 1.0, np.nextafter(0.05, 1)])
def test_a_certificate_in_percent_is_rounded_up(value):
    shown = Fraction(percent_up(value).removesuffix(" %")) / 100
    assert Fraction(repr(float(value))) <= shown <= Fraction(repr(float(value))) * Fraction(101, 100)
    assert percent_up(value) in certified_sentence(value, 0.05)


def test_the_sentence_is_the_one_that_was_asked_for():
    expected = "With probability at least 0.95, this predictor errs on at most 6.07 % of new rows drawn like these."
    assert certified_sentence(0.06061, 0.05) == expected


def test_intervals_in_percent_are_rounded_outward():
    assert percent_ends(Estimate.enclosed(0.1, 0.01239, 0.12341)) == "1.23 % to 12.4 %"
    assert percent_ends(Estimate.exact(0.1)) == ""
    assert percent_ends(Estimate.enclosed(0.1, -np.inf, np.inf)) == "no lower end to no upper end"


@pytest.mark.parametrize("majority", [None, 0.02, 0.9])
def test_the_picture_is_an_svg_with_any_majority(majority):
    chart = RiskRows("t", ROWS, majority)
    assert ElementTree.fromstring(chart.svg()).tag.endswith("svg")
    assert (chart.reach > 0.9) == (majority == 0.9)


def test_a_picture_needs_rows():
    with pytest.raises(InputError, match="must have at least one row"):
        RiskRows("t", ())


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"sizes": [3, 2, 1]}, "sizes must be increasing positive"),
        ({"sizes": [[1, 2, 3]]}, "sizes must be increasing positive"),
        ({"sizes": []}, "sizes must be increasing positive"),
        ({"gap": [0.1]}, r"gap must have the shape of sizes \(3,\), got \(1,\)"),
    ],
)
def test_a_learning_curve_that_does_not_fit_is_refused(wrong, message):
    with pytest.raises(InputError, match=message):
        replace(CURVE, **wrong)


def test_the_page_is_written(tmp_path):
    write_certificate_page(tmp_path / "new" / "c.html", replace(PAGE, title="\udcff"))
    assert "\\udcff" in (tmp_path / "new" / "c.html").read_text("utf-8")

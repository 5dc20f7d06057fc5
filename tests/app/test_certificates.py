"""What the view Certificates asks: bounds taken apart, against rows, dice, and a saved certificate."""

import itertools
import json

import numpy as np
import pytest
from scipy.stats import beta as beta_law

from fathometer.app.questions import question, view_questions
from fathometer.app.questions.certificates._rows import ROWS
from fathometer.evidence import InputError
from fathometer.generalization import bound, evaluate_bound, linear_certificate, save_certificate
from fathometer.numerics import kl

SETTING = {"delta": 0.01, "m": 700, "risk": 0.1, "kl": 8.0, "norm": 0.3, "margin": 2.0, "dim": 12, "candidates": 40}


def last(name, **given):
    return [*question(name).answers(given)][-1].document


@pytest.fixture(scope="module")
def rows():
    return {row["bound"]: row for row in last("certificates.evaluate", **SETTING)["rows"]}


def test_rows_are_bounds_of_the_catalogue(rows):
    assert [*rows] == [row.bound for row in ROWS]
    assert {name: row["title"] for name, row in rows.items()} == {name: bound(name).title for name in rows}


def test_parts_add_up_to_the_bound(rows):
    for row in rows.values():
        assert row["empirical"] + row["confidence"] + row["complexity"] == pytest.approx(row["value"], abs=1e-12)
        assert row["empirical"] == 0.1
        assert row["independent"] == {"answer": "holds", "said": "it is so"}


def test_values_are_those_of_the_formulas(rows):
    assert rows["test_binomial"]["value"] == pytest.approx(beta_law.ppf(0.99, 71, 630), rel=1e-9)
    assert rows["occam_binomial"]["value"] == pytest.approx(beta_law.ppf(1 - 0.01 / 40, 71, 630), rel=1e-9)
    budget = (8 + np.log(2 * np.sqrt(700) / 0.01)) / 700
    assert float(kl(0.1, rows["maurer_seeger"]["value"])) == pytest.approx(budget, rel=1e-9)
    assert rows["mcallester"]["value"] == pytest.approx(0.1 + np.sqrt(budget / 2), rel=1e-9)
    rademacher = 0.1 + 2 * 0.5 * 0.3 / np.sqrt(700) + np.sqrt(np.log(100) / 1400)
    assert rows["rademacher_linear"]["value"] == pytest.approx(rademacher, rel=1e-9)
    transported = evaluate_bound("risk_transport", risk=0.1, lipschitz=0.5, distance=0.3, m=700, delta=0.01)
    assert rows["risk_transport"]["value"] == transported.value
    assert rows["risk_transport"]["complexity"] == pytest.approx(0.15)


def test_without_complexity_nothing_is_paid_for_it():
    free = {row["bound"]: row for row in last("certificates.evaluate", **SETTING | {"kl": 0, "candidates": 1})["rows"]}
    for name in ("occam_binomial", "catoni", "maurer_seeger", "mcallester", "output_conversion"):
        assert free[name]["complexity"] == 0
    assert free["occam_binomial"]["value"] == free["test_binomial"]["value"]


def test_a_cheat_looks_better_and_its_hypothesis_fails(rows):
    for row in last("certificates.evaluate", **SETTING, cheat=True)["rows"]:
        assert row["independent"]["answer"] == "fails"
        assert row["complexity"] == 0
        assert row["value"] == pytest.approx(row["empirical"] + row["confidence"], abs=1e-12)
        assert row["value"] <= rows[row["bound"]]["value"]


def test_every_corner_of_the_controls_is_answered():
    ends = [
        {
            "m": 20,
            "risk": 1.0,
            "kl": 1e4,
            "norm": 1e3,
            "margin": 1e-3,
            "dim": 10**6,
            "candidates": 10**6,
            "delta": 1e-6,
        },
        {"m": 10**7, "risk": 0.0, "kl": 0.0, "norm": 1e-3, "margin": 1e3, "dim": 1, "candidates": 1, "delta": 0.5},
    ]
    for given in ends:
        document = last("certificates.evaluate", **given)
        json.dumps(document, allow_nan=False)
        assert all(row["vacuous"] for row in document["rows"]) == (given["risk"] == 1)


def test_curves_meet_the_rows_and_are_never_rounded_down():
    numbers = SETTING | {"m": 20}
    arrays = [*question("certificates.curve").answers(numbers)][-1].arrays
    assert arrays["m"][0] == 20
    for row in last("certificates.evaluate", **numbers)["rows"]:
        curve = arrays[row["bound"]]
        assert curve.shape == arrays["m"].shape
        assert np.float64(np.float32(curve[0])) >= row["value"]
        assert curve[0] == pytest.approx(row["value"], rel=1e-6)


def test_the_rows_that_are_needed_are_the_fewest():
    needed = last("certificates.needed", **SETTING, majority=0.2)
    assert needed["bound"] == "maurer_seeger"
    values = [
        evaluate_bound("maurer_seeger", risk=0.1, kl=8.0, m=m, delta=0.01).value
        for m in (needed["rows"] - 1, needed["rows"])
    ]
    assert values[0] >= 0.2 > values[1]
    assert last("certificates.needed", **SETTING, majority=0.1)["rows"] is None


def test_dice_show_that_the_cheat_fails_and_the_others_do_not():
    throws = [*question("certificates.dice").answers({"m": 200, "risk": 0.2, "candidates": 50, "throws": 10})]
    assert [throw.document["samples"] for throw in throws] == [100 * k for k in range(1, 11)]
    arms = {arm["arm"]: arm for arm in throws[-1].document["arms"]}
    for arm in arms.values():
        assert arm["lower"] <= arm["share"] <= arm["upper"]
        assert arm["failures"] == round(1000 * arm["share"])
    assert arms["cheat"]["status"] == "VIOLATED"
    assert arms["cheat"]["share"] > 0.8
    assert arms["honest"]["lower"] < 0.05
    assert arms["paid"]["lower"] < 0.05
    assert arms["cheat"]["median"] < 0.2 < min(arms["honest"]["median"], arms["paid"]["median"])


def test_the_same_seed_gives_the_same_dice_and_counts_grow_by_the_last_throw():
    given = {"m": 50, "throws": 3, "seed": 4}
    first, second = ([*question("certificates.dice").answers(given)] for _ in range(2))
    assert [throw.document for throw in first] == [throw.document for throw in second]
    for before, after in itertools.pairwise(first):
        for one, other in zip(before.document["arms"], after.document["arms"], strict=True):
            assert other["failures"] == one["failures"] + other["last"]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    rng = np.random.default_rng(7)
    x = rng.normal(size=(90, 2))
    y = (x[:, 0] + 0.5 * rng.normal(size=90) > 0).astype(int)
    certificate, path = linear_certificate(x, y), tmp_path_factory.mktemp("c") / "file.json"
    save_certificate(path, certificate)
    return certificate, path


def test_a_saved_certificate_is_shown_as_it_is(saved):
    certificate, path = saved
    document = [*question("certificates.read").answers({}, path)][-1].document
    json.dumps(document, allow_nan=False)
    assert document["untouched"]
    assert [(row["bound"], row["value"], row["terms"]) for row in document["rows"]] == [
        (row.bound, row.value, dict(row.terms)) for row in certificate.ledger.rows
    ]
    assert [row["status"] for row in document["rows"]] == [str(row.status) for row in certificate.ledger.rows]
    assert sum(row["wins"] for row in document["rows"]) == (certificate.ledger.winner is not None)


def test_a_changed_certificate_says_so(saved, tmp_path):
    path = tmp_path / "file.json"
    path.write_text(saved[1].read_text().replace('"seed": 0', '"seed": 1'))
    document = [*question("certificates.read").answers({}, path)][-1].document
    assert not document["untouched"]
    assert document["alarms"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{]", "the file is not a JSON file"),
        ("[1, 2]", "the file must be a certificate of schema"),
        ('{"schema": "fathometer.linear_certificate/2"}', "the file cannot be read as a certificate"),
        ('{"schema": "fathometer.linear_certificate/1"}', "which an older version wrote"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_file_that_is_none_gives_one_line_without_a_path(tmp_path, text, line):
    path = tmp_path / "file.json"
    path.write_text(text)
    with pytest.raises(InputError, match=line) as refusal:
        [*question("certificates.read").answers({}, path)]
    assert str(tmp_path) not in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_without_a_file_there_is_nothing_to_read():
    with pytest.raises(InputError, match="choose a certificate"):
        last("certificates.read")


@pytest.mark.slow
def test_what_an_exported_page_holds_is_small():
    size = 0
    for asked in view_questions("certificates"):
        for given in asked.recorded:
            size += sum(len(json.dumps(answer.document)) for answer in asked.answers(given))
    assert size < 100_000

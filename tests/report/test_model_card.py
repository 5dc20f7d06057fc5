"""Model cards: front matter that YAML reads, the headings of the paper, and names that stay text."""

from dataclasses import replace

import pytest
import yaml

from fathometer.evidence import text_up
from fathometer.report import CardDetails, model_card
from tests.report.test_certificate_page import PAGE, ROWS

NASTY = 'a "b" \\ : - {c} # é 模型 \x07 \x85 \udcff \U0001f600 <script> | `x` *y*\nz'
HEADINGS = [
    "Model details",
    "Intended use",
    "Factors",
    "Metrics",
    "Evaluation data",
    "Training data",
    "Quantitative analyses",
    "Ethical considerations",
    "Caveats and recommendations",
]


def front(card):
    assert card.startswith("---\n")
    return yaml.safe_load(card.split("---\n")[1])


def test_the_front_matter_holds_the_results():
    matter = front(model_card(PAGE))
    assert (matter["license"], matter["library_name"], matter["datasets"]) == ("unknown", "fathometer", [])
    assert matter["metrics"] == ["accuracy", "certified_risk"]
    (result,) = matter["model-index"][0]["results"]
    assert result["task"]["type"] == "tabular-classification"
    accuracy, certified = (metric["value"] for metric in result["metrics"])
    assert accuracy == pytest.approx(1 - PAGE.test_risk.value)
    assert certified >= PAGE.certificate == pytest.approx(certified, rel=1e-5)


def test_small_and_absent_numbers_are_read_back():
    metrics = front(model_card(replace(PAGE, certificate=1e-7)))["model-index"][0]["results"][0]["metrics"]
    assert metrics[1]["value"] == 1e-7
    nothing = front(model_card(replace(PAGE, certificate=None, test_risk=None), CardDetails(tags=())))
    assert (nothing["metrics"], nothing["tags"], nothing["model-index"][0]["results"][0]["metrics"]) == ([], [], [])
    assert front(model_card(PAGE, CardDetails(metric=None)))["metrics"] == ["risk", "certified_risk"]


def test_names_are_escaped():
    card = model_card(PAGE, CardDetails(name=NASTY, dataset=NASTY, tags=(NASTY,), license=NASTY, library=NASTY))
    matter = front(card)
    assert matter["tags"] == matter["datasets"] == [matter["license"]] == [matter["library_name"]] == [NASTY]
    assert matter["model-index"][0]["name"] == NASTY
    assert "<script>" not in card.split("---\n", 2)[2]
    assert "&lt;script&gt; \\| \\`x\\` \\*y\\* z" in card


def test_every_section_and_every_row_is_there():
    card = model_card(PAGE)
    assert [line[3:] for line in card.splitlines() if line.startswith("## ")] == HEADINGS
    for row in ROWS:
        assert text_up(row.delta_spent, 5) in card
        assert row.value is None or text_up(row.value, 5) in card
    assert "WARNING: 1 of 4 rows lie below" in card


def test_what_only_the_owner_knows_is_marked():
    marked, given = (model_card(PAGE, details) for details in (None, CardDetails(owner="Ada", use="teaching")))
    assert marked.count("To be written by the owner") - given.count("To be written by the owner") == 2
    assert "- **Owner:** Ada" in given

import json
import re
from xml.etree import ElementTree

import numpy as np
import pytest

from fathometer.evidence import AtMost, Estimate, InputError, Provenance, judge
from fathometer.report import Bars, Chart, Curve, Report, Role, Section

CHART = Chart(
    "fall",
    "time [s]",
    "height [m]",
    (
        Curve("predicted", [1, 2, 3], [3.0, 2.0, 1.0], Role.PREDICTED),
        Curve("measured", [1, 2, 3], Estimate.enclosed([3.0, 2.1, 1.0], [2.9, 2.0, 0.9], np.inf), Role.MEASURED),
        Curve("limit", [1, 3], [0.5, 0.5], Role.LIMIT, 1),
    ),
    "What falls & what <is> seen.",
    log_y=True,
)
BARS = Bars("certificates", "risk", ("a", "b"), [0.3, np.inf], Estimate.exact([0.1, 0.2]), 1.0, "two bounds")


@pytest.fixture
def report() -> Report:
    verdicts = (
        ("case <1>", judge(AtMost(1.0), Estimate.exact(0.5), "t")),
        ("2", judge(AtMost(1.0), Estimate.exact(2))),
    )
    section = Section("Falling", ("One & two.",), (CHART, BARS), verdicts, ("x", "y"), (("1", "2"),))
    return Report("A report", (section,), Provenance.here(3))


@pytest.mark.parametrize("chart", [CHART, BARS])
def test_a_chart_is_an_svg_with_its_labels(chart):
    root = ElementTree.fromstring(chart.svg())
    assert root.tag.endswith("svg")
    assert chart.svg() == chart.svg()


def test_a_chart_without_curves_or_labels_cannot_be_built():
    with pytest.raises(InputError, match="must have curves and both axis labels"):
        Chart("x", "t", "y", ())
    with pytest.raises(InputError, match="must have curves and both axis labels"):
        Chart("x", "t", "", CHART.curves)


def test_the_page_stands_alone(report):
    page = report.html()
    assert not re.search(r"<script|<link|<img|src=|@import|url\((?!#)", page)
    assert "case &lt;1&gt;" in page
    assert "What falls &amp; what &lt;is&gt; seen." in page
    assert page.count("<svg") == 2
    assert page.count('<span class="status HOLDS">') == 3  # in the heading, in the summary and in its row
    assert "VACUOUS</span>" not in page


def test_the_report_is_written_with_its_verdicts(report, tmp_path):
    page = report.write(tmp_path / "report")
    assert page.read_text() == report.html()
    document = json.loads((tmp_path / "report" / "verdicts.json").read_text())
    assert document["counts"] == {"HOLDS": 1, "VIOLATED": 1, "VACUOUS": 0, "INAPPLICABLE": 0, "UNDECIDED": 0}
    assert document["sections"][0]["verdicts"][1]["status"] == "VIOLATED"
    assert document["provenance"]["seed"] == 3


def test_nothing_is_written_if_the_page_cannot_be_made(report, tmp_path, monkeypatch):
    monkeypatch.setattr(Chart, "svg", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        report.write(tmp_path / "report")
    assert not (tmp_path / "report").exists()

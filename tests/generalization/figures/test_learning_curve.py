"""Figures from arrays: learning curves, and the risk by row of a ledger."""

from xml.etree import ElementTree

import numpy as np
import pytest

from fathometer.evidence import Estimate, InputError, Status
from fathometer.generalization.figures.learning_curve import learning_curve, risk_by_row
from fathometer.report import RiskRow, Role, render

SIZES = np.array([100, 300, 1000])
RISK = Estimate.sampled(np.array([0.2, 0.1, 0.05]), np.array([0.1, 0.06, 0.03]), np.array([0.3, 0.15, 0.08]), 0.95)
BOUND = np.array([0.35, 0.2, 0.1])


def test_every_curve_is_drawn_in_percent_with_its_interval():
    figure = learning_curve(SIZES, RISK, BOUND, RISK, RISK, 0.4)
    risks, gaps = figure.charts
    curves = {curve.label: curve for curve in risks.curves}
    assert curves["certificate: at most"].role is Role.PREDICTED
    np.testing.assert_array_equal(curves["certificate: at most"].y.value, 100 * BOUND)
    np.testing.assert_array_equal(curves["risk on rows that trained nothing"].y.upper, 100 * RISK.upper)
    np.testing.assert_array_equal(curves["always naming the largest class"].y, [40, 40])
    assert [curve.label for curve in gaps.curves] == ["gap", "no overfitting"]
    assert (risks.log_x, gaps.x_ticks) == (True, (100.0, 300.0, 1000.0))


def test_the_numbers_are_kept_beside_the_drawing(tmp_path):
    figure = learning_curve(SIZES, RISK, BOUND)
    assert len(figure.charts) == 1
    assert figure.write(tmp_path, "svg").exists()
    kept = np.load(tmp_path / "learning_curve.npz")
    np.testing.assert_array_equal(kept["risk_lower"], RISK.lower)
    assert set(kept) == {"sizes", "risk", "risk_lower", "risk_upper", "bound", "bound_lower", "bound_upper"}


def test_a_certificate_with_an_interval_has_bars():
    figure = learning_curve(SIZES, RISK, Estimate.enclosed(BOUND, BOUND - 0.01, BOUND + 0.01))
    assert [curve.label for curve in figure.charts[0].curves[:2]] == ["certificate: at most", ""]


def test_risk_by_row_is_the_picture_of_the_page():
    rows = [
        RiskRow("a", "0/1 risk", 0.1, Estimate.enclosed(0.05, 0.01, 0.2), 0.01, Status.UNDECIDED, True),
        RiskRow("b", "0/1 risk", None, None, 0.01, Status.VACUOUS),
    ]
    figure = risk_by_row(rows, 0.4)
    np.testing.assert_array_equal(figure.data["value"], [0.1, np.inf])
    np.testing.assert_array_equal(figure.data["measured_upper"], [0.2, np.inf])
    assert ElementTree.fromstring(render(figure.charts, "svg")).tag.endswith("svg")
    with pytest.raises(InputError, match="must have at least one row"):
        risk_by_row([])

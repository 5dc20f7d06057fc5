"""Learning curves, and the risk by row of a ledger: figures from arrays that somebody has computed."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.evidence import Estimate
from fathometer.report import Figure, LearningCurve, RiskRow, RiskRows


def learning_curve(
    sizes: ArrayLike,
    risk: Estimate | ArrayLike,
    bound: Estimate | ArrayLike,
    gap: Estimate | ArrayLike | None = None,
    training: Estimate | ArrayLike | None = None,
    majority: float | None = None,
) -> Figure:
    """Draw risk, certificate and gap against the number of training rows, in percent, with intervals.

    Args:
        sizes: shape (k,), rows of the training part, increasing.
        risk: shape (k,), in [0, 1], measured on rows that trained nothing.
        bound: shape (k,), in [0, 1], certified upper bound on the same risk.
        gap: shape (k,), in [-1, 1], risk minus training risk; None draws none.
        training: shape (k,), in [0, 1], risk on the training part; None draws none.
        majority: in [0, 1], risk of always naming the most frequent class; None draws none.

    Raises:
        InputError: if sizes do not increase, or another shape differs from theirs.
    """
    curve = LearningCurve(sizes, risk, bound, gap, training, majority)
    given = {"risk": risk, "bound": bound, "gap": gap, "training": training}
    data = {"sizes": np.asarray(sizes, np.float64)}
    for name, values in given.items():
        data |= {} if values is None else _arrays(name, Estimate.of(values))
    return Figure("learning_curve", curve.charts(), (), data)


def risk_by_row(rows: Sequence[RiskRow], majority: float | None = None) -> Figure:
    """Draw the certified and the measured risk of each row of a ledger, as the page of a certificate does.

    Args:
        rows: of the ledger, in the order in which they are drawn, at least one.
        majority: in [0, 1], risk of always naming the most frequent class; None draws no line.

    Raises:
        InputError: if there is no row.
    """
    chart = RiskRows("Certified and measured risk", tuple(rows), majority)
    data = {"value": np.array([np.inf if row.value is None else row.value for row in rows])}
    measured = [Estimate.exact(np.nan) if row.measured is None else row.measured for row in rows]
    for name in ("value", "lower", "upper"):
        data[f"measured_{name}"] = np.array([getattr(estimate, name) for estimate in measured])
    return Figure("risk_by_row", (chart,), (), data)


def _arrays(name: str, estimate: Estimate) -> dict[str, NDArray[np.float64]]:
    ends = {"": estimate.value, "_lower": estimate.lower, "_upper": estimate.upper}
    return {f"{name}{end}": np.asarray(values) for end, values in ends.items()}

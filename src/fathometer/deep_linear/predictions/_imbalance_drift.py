"""How far descent lets the imbalance drift in all."""

import numpy as np

from fathometer.evidence import Estimate


def imbalance_drift_bound(step: float, fallen: Estimate, sharpness: Estimate, rounding: float = 0.0) -> Estimate:
    """Bound step (R(0) - R(T)) / (1 - step S / 2) on the trace norm of the change of each D_k in T steps.

    Derived: increments of at most step^2 |grad R|^2, summed by the descent lemma.

    Args:
        step: step size, positive.
        fallen: R(0) - R(T).
        sharpness: S, the largest on the segments of the path.
        rounding: what is added to the bound, at least 0.

    Returns:
        Enclosed; inf where step S is not below 2.
    """
    parts = zip(_ends(fallen), (1 - step * part / 2 for part in _ends(sharpness)), strict=True)
    value, lower, upper = (step * max(drop, 0.0) / room + rounding if room > 0 else np.inf for drop, room in parts)
    return Estimate.enclosed(value, lower, upper)


def _ends(estimate: Estimate) -> tuple[float, float, float]:
    return float(estimate.value), float(estimate.lower), float(estimate.upper)

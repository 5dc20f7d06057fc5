"""Source, sizes and tolerance that the theorems on gradient flow share."""

import numpy as np

from fathometer.deep_linear.model._flow_problem import GradientFlow
from fathometer.deep_linear.model._references import MARION_CHIZAT
from fathometer.evidence import Source

TOLERANCE = 1e-7
"""Room that statements on whole flows leave for the integrator, relative to the natural size of what they bound."""


def small_start_source(remark: str) -> Source:
    """The theorem on small initial weights, in a form with explicit constants that is derived here."""
    return Source(MARION_CHIZAT, "theorem on small-scale initialization", f"derived with explicit constants; {remark}")


def natural_square(start: GradientFlow) -> float:
    """The largest squared norm that layers have at the start or, for a balanced limit, at the end."""
    largest = max(float(np.sum(matrix**2)) for matrix in start.weights)
    return max(largest, start.network.regression.norm ** (2 / start.network.depth))

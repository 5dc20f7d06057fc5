"""Confidence intervals that need more than NumPy; those of means and shares are made by `Estimate`."""

import numpy as np
from numpy.typing import ArrayLike

from fathometer.evidence import Estimate
from fathometer.numerics.arithmetic._rounding import wide
from fathometer.numerics.kl._inverse import kl_inverse_lower, kl_inverse_upper


def bounded_mean(mean: ArrayLike, draws: int, confidence: float) -> Estimate:
    """Mean of independent draws in [0, 1] with the two-sided interval of the kl-Chernoff bound, at any number of them.

    Args:
        mean: of the draws, in [0, 1], any shape.
        draws: how many they were, at least 1.
        confidence: in (0, 1).
    """
    c = np.log(wide(2) / (1 - wide(confidence))) / draws
    return Estimate.sampled(mean, kl_inverse_lower(mean, c), kl_inverse_upper(mean, c), confidence)

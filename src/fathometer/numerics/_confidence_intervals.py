"""Means and shares over draws, with intervals that are practically certain."""

import numpy as np
from jaxtyping import Float
from scipy.stats import beta, norm

from fathometer.evidence import Estimate

CONFIDENCE = 1 - 1e-6


def sure_mean(values: Float[np.ndarray, " draws"]) -> Estimate:
    """Mean with its normal interval at confidence 1 - 1e-6; open for a single draw."""
    spread = float(np.std(values, ddof=1) / np.sqrt(len(values))) if len(values) > 1 else np.inf
    half = norm.ppf(1 - (1 - CONFIDENCE) / 2) * spread
    return Estimate.sampled(np.mean(values), np.mean(values) - half, np.mean(values) + half, CONFIDENCE)


def sure_share(hits: int, draws: int, maybe: int | None = None) -> Estimate:
    """Share of hits with its Clopper-Pearson interval at confidence 1 - 1e-6.

    Args:
        hits: draws that surely hit.
        draws: all of them.
        maybe: draws that may have hit, not fewer; they widen the interval. As many as `hits` when not given.
    """
    most, tail = hits if maybe is None else maybe, (1 - CONFIDENCE) / 2
    lower = beta.ppf(tail, hits, draws - hits + 1) if hits else 0.0
    upper = beta.ppf(1 - tail, most + 1, draws - most) if most < draws else 1.0
    return Estimate.sampled(hits / draws, lower, upper, CONFIDENCE)

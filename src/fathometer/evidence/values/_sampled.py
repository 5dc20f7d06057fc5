"""Estimates from repeated runs."""

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence.values._estimate import Estimate


def mean_estimate(values: NDArray[np.float64]) -> Estimate:
    """Mean over the last axis, without NaN, with its normal 95% interval; NaN where nothing is left."""
    count = np.sum(np.isfinite(values), axis=-1)
    kept = np.where(np.isfinite(values), values, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = kept.sum(axis=-1) / count
        spread = np.where(np.isfinite(values), (values - mean[..., None]) ** 2, 0.0).sum(axis=-1)
        half = 1.96 * np.sqrt(spread / (count - 1) / count)
    half = np.where(np.isnan(half), np.inf, half)
    return Estimate.sampled(mean, mean - half, mean + half, 0.95)


def share_estimate(hits: NDArray[np.bool_]) -> Estimate:
    """Share of hits along the last axis with Wilson's 95% interval."""
    n, share, z = hits.shape[-1], hits.mean(axis=-1), 1.96
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    lower, upper = np.minimum(share, centre - half), np.maximum(share, centre + half)
    return Estimate.sampled(share, np.maximum(lower, 0.0), np.minimum(upper, 1.0), 0.95)

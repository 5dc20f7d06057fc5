"""Intervals over texts: the texts are drawn again, and again."""

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.stats import norm, t as student

from fathometer.evidence import Estimate

CONFIDENCE = 0.95
"""Of every interval over texts."""
_DRAWS = 500


def resampled(texts: int, seed: int = 0) -> Float[np.ndarray, "draws texts"]:
    """How often each text is in each of 500 samples of as many texts, drawn with replacement; one sample of one text.

    Args:
        texts: how many there are.
        seed: of the generator.
    """
    if texts == 1:
        return np.ones((1, 1))
    shares = np.full(texts, 1 / texts)
    return np.random.default_rng(seed).multinomial(texts, shares, size=_DRAWS).astype(np.float64)


Range = tuple[float | NDArray[np.float64], float | NDArray[np.float64]]
ANY: Range = (-np.inf, np.inf)


def over_texts(
    value: NDArray[np.float64] | float, samples: Float[np.ndarray, "draws ..."], texts: int, within: Range = ANY
) -> Estimate:
    """An estimate whose interval is that of the bootstrap, open on both sides if there is only one text.

    The percentile interval is stretched about the value so that, for a mean of Gaussian draws, it is as wide as
    Student's: the bootstrap alone is too narrow for few texts by sqrt((n - 1)/n) and by the normal quantile.

    Args:
        value: on the texts themselves, of any shape.
        samples: on resampled texts, with the samples in front.
        texts: how many there are.
        within: the range that the quantity has whatever happens.
    """
    if texts < 2:
        return Estimate.sampled(value, -np.inf, np.inf, CONFIDENCE)
    tail = (1 - CONFIDENCE) / 2
    stretch = student.ppf(tail, texts - 1) / norm.ppf(tail) * np.sqrt(texts / (texts - 1))
    known = np.where(np.isnan(samples), value, samples)  # a sample of texts none of which has a value
    ends = value + stretch * (np.quantile(known, [tail, 1 - tail], axis=0) - value)
    lower, upper = np.clip(ends, *within)
    return Estimate.sampled(value, np.minimum(lower, value), np.maximum(upper, value), CONFIDENCE)


def ratio(over: Float[np.ndarray, "texts ..."], under: Float[np.ndarray, "texts ..."], within: Range = ANY) -> Estimate:
    """A ratio of two sums over texts with its interval; NaN where the denominator is 0.

    Args:
        over: terms of the numerator, with the texts in front.
        under: terms of the denominator, of the same shape.
        within: the range that the ratio has whatever happens.
    """
    counts = resampled(len(over))
    with np.errstate(invalid="ignore", divide="ignore"):
        samples = np.tensordot(counts, over, 1) / np.tensordot(counts, under, 1)
        return over_texts(np.sum(over, axis=0) / np.sum(under, axis=0), samples, len(over), within)


def mean(values: Float[np.ndarray, "texts ..."], within: Range = ANY) -> Estimate:
    """A mean over texts with its interval; texts without a value are left out.

    Args:
        values: with the texts in front.
        within: the range that the mean has whatever happens.
    """
    known = np.isfinite(values)
    return ratio(np.where(known, values, 0.0), known.astype(np.float64), within)


def less_than_one(estimate: Estimate) -> Estimate:
    """1 - x, with its interval."""
    value, lower, upper = (1 - np.asarray(part) for part in (estimate.value, estimate.upper, estimate.lower))
    return Estimate.sampled(value, lower, upper, CONFIDENCE)

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
    """How often each text is in each of 500 samples of as many texts, drawn with replacement.

    Args:
        texts: how many there are.
        seed: of the generator.
    """
    shares = np.full(texts, 1 / texts)
    return np.random.default_rng(seed).multinomial(texts, shares, size=_DRAWS).astype(np.float64)


def over_texts(value: NDArray[np.float64] | float, samples: Float[np.ndarray, "draws ..."], texts: int) -> Estimate:
    """An estimate whose interval is that of the bootstrap, open on both sides if there is only one text.

    The quantiles are those of the expanded percentile interval, which for a mean of Gaussian draws is as wide as
    Student's (Hesterberg, What teachers should know about the bootstrap, 2015).

    Args:
        value: on the texts themselves, of any shape.
        samples: on resampled texts, with the samples in front.
        texts: how many there are.
    """
    if texts < 2:
        return Estimate.sampled(value, -np.inf, np.inf, CONFIDENCE)
    tail = norm.cdf(np.sqrt(texts / (texts - 1)) * student.ppf((1 - CONFIDENCE) / 2, texts - 1))
    lower, upper = np.quantile(samples, [tail, 1 - tail], axis=0)
    return Estimate.sampled(value, np.minimum(lower, value), np.maximum(upper, value), CONFIDENCE)


def ratio(over: Float[np.ndarray, "texts ..."], under: Float[np.ndarray, "texts ..."]) -> Estimate:
    """A ratio of two sums over texts with its interval; NaN where the denominator is 0.

    Args:
        over: terms of the numerator, with the texts in front.
        under: terms of the denominator, of the same shape.
    """
    counts = resampled(len(over))
    with np.errstate(invalid="ignore", divide="ignore"):
        samples = np.tensordot(counts, over, 1) / np.tensordot(counts, under, 1)
        return over_texts(np.sum(over, axis=0) / np.sum(under, axis=0), samples, len(over))


def mean(values: Float[np.ndarray, "texts ..."]) -> Estimate:
    """A mean over texts with its interval; texts without a value are left out."""
    known = np.isfinite(values)
    return ratio(np.where(known, values, 0.0), known.astype(np.float64))


def less_than_one(estimate: Estimate) -> Estimate:
    """1 - x, with its interval."""
    value, lower, upper = (1 - np.asarray(part) for part in (estimate.value, estimate.upper, estimate.lower))
    return Estimate.sampled(value, lower, upper, CONFIDENCE)

"""Linear classifiers of several classes under Gaussian noise in every weight."""

import numpy as np
from jaxtyping import Float, Int
from scipy.special import ndtr


def smoothed_class_errors(
    x: Float[np.ndarray, "n d"],
    codes: Int[np.ndarray, " n"],
    weights: Float[np.ndarray, "d k"],
    sigma: float,
    threshold: float,
) -> Float[np.ndarray, " n"]:
    """Bound on the probability that some margin is at most `threshold` standard deviations of its noise, row by row.

    The noise of a difference of two scores has standard deviation sqrt(2) sigma |x|; the probabilities of the wrong
    classes are added and cut at 1. This is the risk that `output_conversion` asks for.

    Args:
        x: no row is zero.
        codes: number of each row's class.
        weights: scores are x @ weights.
        sigma: standard deviation of the noise, positive.
        threshold: at least 0.
    """
    scores = x @ weights
    margins = np.take_along_axis(scores, codes[:, None], axis=1) - scores
    below = ndtr(threshold - margins / (np.sqrt(2) * sigma * np.linalg.norm(x, axis=1, keepdims=True)))
    np.put_along_axis(below, codes[:, None], 0, axis=1)
    return np.minimum(below.sum(axis=1), 1)

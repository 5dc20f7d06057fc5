"""Linear classifiers of several classes: weights in closed form under Gaussian noise, and those that a sample fixes."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from scipy.special import ndtr, softmax

from fathometer.generalization.learning.linear._model import Scaling
from fathometer.generalization.learning.linear._training import upward

Weights = Float[np.ndarray, "d k"]

SOLVED = 1e-5
"""Largest distance of prior weights from the solution of their problem, relative to their length. Of directions it is
at most twice that, by which the distance from the prior is taken larger."""


@dataclass(frozen=True)
class ClassSample:
    """Rows of several classes.

    Attributes:
        x: shape (n, d), none of them zero.
        codes: shape (n,), number of each row's class.
    """

    x: Float[np.ndarray, "n d"]
    codes: Int[np.ndarray, " n"]


def smoothed_class_errors(
    x: Float[np.ndarray, "n d"],
    codes: Int[np.ndarray, " n"],
    weights: Weights,
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


def class_direction(weights: Weights) -> Weights:
    """The weights of the same margins whose columns add up to 0, divided by their Frobenius norm.

    Args:
        weights: scores are x @ weights; not all columns are equal.
    """
    centred = weights - weights.mean(axis=1, keepdims=True)
    return centred / np.linalg.norm(centred)


def fit_class_weights(sample: ClassSample, strength: float) -> Weights:
    """About the multinomial logistic regression with penalty |W|^2 / (2 strength) and no intercept.

    Args:
        sample: with every class, of which there are at least three.
        strength: weight of the losses against |W|^2/2, positive.
    """
    from sklearn.linear_model import LogisticRegression

    solver = LogisticRegression(C=strength, fit_intercept=False, solver="newton-cg", tol=1e-9, max_iter=200)
    return np.asarray(solver.fit(sample.x, sample.codes).coef_.T, np.float64)


def distance_to_class_solution(sample: ClassSample, strength: float, weights: Weights) -> float:
    """Upper bound on the distance of weights from what `fit_class_weights` solves for, whoever computed them.

    It is the length of the gradient of |W|^2/2 + strength sum (log sum exp(scores) - score of the class), a 1-strongly
    convex function (derived).

    Args:
        sample: what is trained on.
        strength: weight of the losses against |W|^2/2, positive.
        weights: shape (d, k).
    """
    pull = -softmax(sample.x @ weights, axis=1)
    pull[np.arange(len(sample.codes)), sample.codes] += 1
    return float(np.linalg.norm(weights - strength * (sample.x.T @ pull)))


@dataclass(frozen=True)
class SeveralClasses:
    """A linear classifier of several classes with what its certificate is made from.

    Attributes:
        scaling: fixed by the prior half.
        prior: scaled rows that fix the prior weights.
        learning: scaled rows that certify.
        centre: solution on the prior half.
        strength: of the centre.
        weights: those that are certified, whoever made them.
    """

    scaling: Scaling
    prior: ClassSample
    learning: ClassSample
    centre: Weights
    strength: float
    weights: Weights

    @property
    def distance(self) -> float:
        """Of the weights from the direction of the solution itself, rounded up."""
        return upward(float(np.linalg.norm(self.weights - class_direction(self.centre))) + 2 * SOLVED)

    @property
    def solved(self) -> bool:
        """Whether the centre is near enough to the solution of its problem."""
        apart = distance_to_class_solution(self.prior, self.strength, self.centre)
        return bool(apart <= SOLVED * np.linalg.norm(self.centre))

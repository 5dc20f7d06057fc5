"""Linear classifiers in the unit ball, and their risks in closed form."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, ndtr

from fathometer.evidence import InputError, Record, finite_array, label_array, real_array

Features = Float[np.ndarray, "n d"]
Signs = Float[np.ndarray, " n"]
LARGEST = 1e150
"""Squares of larger features would overflow."""

BIAS = 1 / 3
"""Of a row whose features have a root mean square length of 1."""

NEWTON_STEPS = 5

FEW_FRACTIONS, LARGEST_SHARE = 20, 0.25
"""A target of more fractions, or of more whole numbers for each row, is no set of labels."""


@dataclass(frozen=True)
class Sample:
    """Rows of one role.

    Attributes:
        x: shape (n, d), norms at most 1.
        y: shape (n,), -1 or 1.
    """

    x: Features
    y: Signs

    def margins(self, w: Float[np.ndarray, " d"]) -> Float[np.ndarray, " n"]:
        """Y <w, x>, row by row."""
        return self.y * (self.x @ w)

    def errors(self, w: Float[np.ndarray, " d"]) -> Bool[np.ndarray, " n"]:
        """Where the sign of the score is wrong; a score of 0 is wrong."""
        return self.margins(w) <= 0

    def ramp_losses(self, w: Float[np.ndarray, " d"], gamma: float) -> Float[np.ndarray, " n"]:
        """min(1, max(0, 1 - margin / gamma)): at least the 0/1 loss, and 1/gamma-Lipschitz in w."""
        return np.clip(1 - self.margins(w) / gamma, 0, 1)

    def gibbs_errors(self, w: Float[np.ndarray, " d"], sigma: float) -> Float[np.ndarray, " n"]:
        """Probability of error under N(w, sigma^2 I): Phi(-margin / (sigma |x|))."""
        return ndtr(-self.margins(w) / (sigma * np.linalg.norm(self.x, axis=1)))

    def smoothed_errors(self, w: Float[np.ndarray, " d"], sigma: float, threshold: float) -> Float[np.ndarray, " n"]:
        """Probability under N(w, sigma^2 I) of a margin of at most `threshold` standard deviations of its noise.

        Args:
            w: mean of the law.
            sigma: its standard deviation, positive.
            threshold: at least 0.
        """
        return ndtr(threshold - self.margins(w) / (sigma * np.linalg.norm(self.x, axis=1)))

    def gibbs_ramp_losses(self, w: Float[np.ndarray, " d"], sigma: float, gamma: float) -> Float[np.ndarray, " n"]:
        """Mean ramp loss under N(w, sigma^2 I): a difference of two expected shortfalls of a Gaussian margin.

        Args:
            w: mean of the law.
            sigma: its standard deviation, positive.
            gamma: margin from which on the loss is 0, positive.
        """
        margins, spread = self.margins(w), sigma * np.linalg.norm(self.x, axis=1)
        return np.clip((_shortfall(gamma, margins, spread) - _shortfall(0.0, margins, spread)) / gamma, 0, 1)


def _shortfall(level: float, mean: NDArray, spread: NDArray) -> NDArray:
    """E max(level - M, 0) for M ~ N(mean, spread^2)."""
    z = (level - mean) / spread
    return (level - mean) * ndtr(z) + spread * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


def read_binary(features: ArrayLike, labels: ArrayLike, minimum: int) -> tuple[Features, Signs]:
    """Read a binary classification problem; the smaller label becomes -1 and the larger one 1.

    Args:
        features: shape (n, p).
        labels: shape (n,).
        minimum: rows that are needed.

    Raises:
        InputError: if features are not a finite matrix of numbers up to 1e150 in size, labels do not fit them or are
            not of exactly two kinds, or there are fewer than `minimum` rows.
    """
    x, codes, kinds = read_classes(features, labels, minimum)
    if len(kinds) != 2:
        raise InputError(f"labels must be of exactly two kinds, got {len(kinds)}: {_few(kinds)}")
    return x, np.where(codes == 1, 1.0, -1.0)


def read_classes(
    features: ArrayLike, labels: ArrayLike, minimum: int, missing: bool = False
) -> tuple[Features, Int[np.ndarray, " n"], Shaped[np.ndarray, " k"]]:
    """Read a classification problem: features, the number of each row's class, and the classes in order.

    Args:
        features: shape (n, p).
        labels: shape (n,), numbers or text.
        minimum: rows that are needed.
        missing: whether features may be NaN.

    Raises:
        InputError: if features are not a finite matrix of numbers up to 1e150 in size, labels do not fit them, or there
            are fewer than `minimum` rows.
    """
    x = read_features(features, missing)
    y: Shaped[np.ndarray, " n"] = label_array("labels", labels)
    require_size(x, y, minimum)
    kinds, codes = np.unique(y, return_inverse=True)
    return x, codes.reshape(-1), kinds


def read_features(features: ArrayLike, missing: bool = False) -> Features:
    """Read a matrix of numbers.

    Args:
        features: shape (n, p).
        missing: whether values may be NaN.

    Raises:
        InputError: if they are no finite matrix of numbers up to 1e150 in size.
    """
    x = real_array("features", features) if missing else finite_array("features", features, ndim=2)
    if missing and (x.ndim != 2 or np.any(np.isinf(x))):
        raise InputError(f"features must be a matrix of numbers, missing or finite, got shape {x.shape}")
    if max(np.fmax.reduce(x, axis=None, initial=0), -np.fmin.reduce(x, axis=None, initial=0)) > LARGEST:
        raise InputError(f"features must be at most {LARGEST:g} in size, got {np.nanmax(np.abs(x)):g}")
    return x


def require_size(x: Features, y: NDArray, minimum: int) -> None:
    """Refuse labels of another length than the features, and too few rows.

    Args:
        x: shape (n, p).
        y: shape (n,).
        minimum: number of rows that are needed.

    Raises:
        InputError: if they are.
    """
    if y.shape != (len(x),):
        raise InputError(f"labels must have shape ({len(x)},), got {y.shape}")
    if len(x) < minimum or x.shape[1] < 1:
        raise InputError(f"data must have at least {minimum} rows and 1 feature, got shape {x.shape}")


def require_labels(labels: ArrayLike, kinds: Shaped[np.ndarray, " k"]) -> None:
    """Refuse a target that is a measurement: fractions of many kinds, or numbers that hardly repeat.

    Raises:
        InputError: if it is one, or there are not two kinds.
    """
    n = len(np.asarray(labels))
    if len(kinds) < 2:
        raise InputError(f"labels must be of at least two kinds, got 1: {kinds[0]}")
    if kinds.dtype.kind not in "iuf":
        return
    fractions = kinds.dtype.kind == "f" and np.any(kinds != np.rint(kinds))
    if len(kinds) > (FEW_FRACTIONS if fractions else n * LARGEST_SHARE):
        raise InputError(
            f"the target holds {len(kinds)} different numbers in {n} rows, such as {_few(kinds)}: regression needs a "
            "loss (--loss absolute); else give labels, or cut the numbers into classes"
        )


def _few(kinds: NDArray) -> str:
    return ", ".join(str(kind) for kind in kinds[:4]) + (", ..." if len(kinds) > 4 else "")


@dataclass(frozen=True, eq=False)
class Scaling(Record):
    """An affine map of the columns, fixed by reference rows, and a bias, then a projection onto the unit ball.

    The projection divides a row, bias included, by a number of its own: a linear classifier of the rows that come out
    is one of the rows that went in.

    Attributes:
        centre: shape (p,), means of the reference rows.
        spread: shape (p,), their standard deviations; 1 for a constant column.
        reach: root mean square norm of a reference row after both.
    """

    centre: NDArray[np.float64]
    spread: NDArray[np.float64]
    reach: float

    @classmethod
    def of(cls, reference: Float[np.ndarray, "k p"]) -> "Scaling":
        """The map that the reference rows fix."""
        centre, spread = reference.mean(axis=0), reference.std(axis=0)
        spread = np.where(spread > 0, spread, 1)
        norms = np.linalg.norm((reference - centre) / spread, axis=1)
        return cls(centre, spread, max(float(np.sqrt(np.mean(norms**2))), float(np.finfo(float).tiny)))

    def apply(self, x: Float[np.ndarray, "n p"]) -> Float[np.ndarray, "n p+1"]:
        """Map rows into the unit ball; rows that leave it are projected, so that this holds for all data, seen or not.

        The bias `BIAS` is one more feature, and the last.
        """
        rows = np.column_stack([(x - self.centre) / self.spread / self.reach, np.full(len(x), BIAS)])
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return rows / np.maximum(norms, 1) * (1 - 4 * np.finfo(float).eps)

    def weights_of(self, coefficients: Float[np.ndarray, " p"], intercept: float) -> Float[np.ndarray, " p+1"]:
        """The weights that decide on mapped rows as <coefficients, x> + intercept does on rows as they were given."""
        bias = (intercept + coefficients @ self.centre) / BIAS
        return np.append(coefficients * self.spread * self.reach, bias)


def fit_weights(sample: Sample, strength: float) -> Float[np.ndarray, " d"]:
    """Solution of the logistic regression with penalty |w|^2 / (2 strength) and no intercept, to rounding.

    Raises:
        InputError: if the sample holds one class only.
    """
    from sklearn.linear_model import LogisticRegression

    if len(np.unique(sample.y)) < 2:
        raise InputError(f"a part of the split with {len(sample.y)} rows holds one class only; give more rows")
    solver = LogisticRegression(C=strength, fit_intercept=False, max_iter=1000, solver="newton-cholesky", tol=1e-10)
    return _polished(sample, strength, np.asarray(solver.fit(sample.x, sample.y).coef_[0], np.float64))


def _polished(sample: Sample, strength: float, weights: Float[np.ndarray, " d"]) -> Float[np.ndarray, " d"]:
    """Newton steps as long as they shorten the gradient: the solver stops where that of the mean is small."""
    for _ in range(NEWTON_STEPS):
        miss = expit(-sample.margins(weights))
        gradient = weights - strength * (sample.x.T @ (sample.y * miss))
        curvature = np.eye(weights.size) + strength * (sample.x.T * (miss * (1 - miss))) @ sample.x
        step = weights - np.linalg.solve(curvature, gradient)
        if not distance_to_solution(sample, strength, step) < np.linalg.norm(gradient):
            break
        weights = step
    return weights


def distance_to_solution(sample: Sample, strength: float, weights: Float[np.ndarray, " d"]) -> float:
    """Upper bound on the distance of weights from what `fit_weights` solves for, whoever computed them.

    It is the length of the gradient of |w|^2/2 + strength sum ln(1 + exp(-margin)), a 1-strongly convex function
    (derived).

    Args:
        sample: what is trained on.
        strength: weight of the losses against |w|^2/2, positive.
        weights: shape (d,).
    """
    pull = sample.x.T @ (sample.y * expit(-sample.margins(weights)))
    return float(np.linalg.norm(weights - strength * pull))


def direction(weights: Float[np.ndarray, " d"]) -> Float[np.ndarray, " d"]:
    """Weights of length 1."""
    return weights / np.linalg.norm(weights)

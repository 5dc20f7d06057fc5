"""The linear classifier that is certified: its split, its scaling, its weights and what was fixed before them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from fathometer.data import Split, split_groups
from fathometer.evidence import InputError
from fathometer.generalization.learning.linear._model import Sample, Scaling, direction, fit_weights

FRACTIONS = {"prior": 0.3, "certificate": 0.35, "held_out": 0.2, "test": 0.15}
"""Shares of the four parts. The test part serves only for the measured risks."""

TRAINING = ("prior", "certificate")
STRENGTHS = (0.1, 1.0, 10.0, 100.0, 1000.0, 10_000.0)
"""Inverse penalties of the candidates, fixed in advance; the model has one of them."""

FOLDS, FOLDED_ROWS = 5, 5000
"""Of the cross-validation inside the prior part; it takes no more rows than that."""

_TIE = 1e-12
SMALLEST_MARGIN = 0.01
MINIMUM_ROWS = 60

WHOLE = ("prior",)
"""Parts that hold all rows of a group; the others hold one."""

Weights = Float[np.ndarray, " d"]


@dataclass(frozen=True)
class TrainedLinear:
    """A linear classifier with everything that its certificates are made from.

    Attributes:
        scaling: fixed by the prior part.
        samples: scaled rows by part.
        candidates: shape (len(STRENGTHS), d), solutions on the prior part.
        strength: of the candidate whose direction is the prior mean, chosen by the prior part.
        weights: shape (d,), those that are certified, whoever made them.
        gamma: margin of the ramp loss, fixed by the prior part.
    """

    scaling: Scaling
    samples: dict[str, Sample]
    candidates: Float[np.ndarray, "k d"]
    strength: float
    weights: Weights
    gamma: float

    @property
    def certificate(self) -> Sample:
        """The rows that the empirical risks are measured on."""
        return self.samples["certificate"]

    @property
    def held_out(self) -> Sample:
        """The rows that only the binomial certificate sees."""
        return self.samples["held_out"]

    @property
    def test(self) -> Sample:
        """The rows that no certificate sees."""
        return self.samples["test"]

    @property
    def w(self) -> Weights:
        """The certified classifier, of norm 1."""
        return direction(self.weights)

    @property
    def w0(self) -> Weights:
        """The prior mean, of norm 1."""
        return prior_mean(self.candidates, self.strength)

    @property
    def m(self) -> int:
        """Size of the certificate part."""
        return len(self.certificate.y)

    @property
    def sizes(self) -> dict[str, int]:
        """Number of rows by part."""
        return {name: len(sample.y) for name, sample in self.samples.items()}

    @property
    def dim(self) -> int:
        """Number of weights, bias included."""
        return self.weights.size

    @property
    def distance(self) -> float:
        """|w - w0|, rounded up."""
        return upward(float(np.linalg.norm(self.w - self.w0)))

    @property
    def lipschitz(self) -> float:
        """Of the ramp loss in w, rounded up: 1 / gamma, as no input is longer than 1."""
        return upward(1 / self.gamma)


def linear_split(groups: NDArray[np.int64], seed: int) -> Split:
    """The parts of a linear certificate."""
    return split_groups(groups, FRACTIONS, seed, WHOLE)


def train_linear(x: NDArray, y: NDArray, split: Split) -> TrainedLinear:
    """Fix scaling, candidates, strength and margin on the prior part, and train on prior and certificate part.

    Args:
        x: shape (n, p), finite.
        y: shape (n,), -1 or 1.
        split: with the parts of `FRACTIONS`.

    Raises:
        InputError: if the prior part holds one class only.
    """
    split.require_disjoint(("prior",), ("certificate",))
    split.require_disjoint(TRAINING, ("held_out", "test"))
    before = prepare_linear(x, y, split.parts)
    return replace(before, weights=fit_weights(joined(before.samples), before.strength))


def given_linear(
    x: NDArray,
    y: NDArray,
    parts: Mapping[str, NDArray[np.int64]],
    coefficients: Float[np.ndarray, " p"],
    intercept: float,
) -> TrainedLinear:
    """Prepare certificates for a classifier that was trained elsewhere: the sign of <coefficients, x> + intercept.

    Bounds for every linear classifier ask nothing of its training, only that no row of the certificate part is in the
    prior part; `test_binomial` asks that the classifier has not seen the held-out part. One part may serve as both.

    Args:
        x: shape (n, p), finite.
        y: shape (n,), -1 or 1.
        parts: row numbers of each part of `FRACTIONS`.
        coefficients: shape (p,), of the features as they were given.
        intercept: of the score.

    Raises:
        InputError: if prior and certificate part share a row, or the prior part holds one class only.
    """
    before = prepare_linear(x, y, parts)
    return replace(before, weights=before.scaling.weights_of(coefficients, intercept))


def prepare_linear(x: NDArray, y: NDArray, parts: Mapping[str, NDArray[np.int64]]) -> TrainedLinear:
    """Everything that the prior part fixes; the prior mean stands in for the weights.

    Args:
        x: shape (n, p), finite.
        y: shape (n,), -1 or 1.
        parts: row numbers of each part of `FRACTIONS`.

    Raises:
        InputError: if prior and certificate part share a row, or the prior part holds one class only.
    """
    if len(shared := np.intersect1d(parts["prior"], parts["certificate"])):
        raise InputError(f"row {shared[0]} is in the prior and in the certificate part ({len(shared)} such rows)")
    scaling = Scaling.of(x[parts["prior"]])
    samples = scaled_samples(x, y, parts, scaling)
    candidates = np.array([fit_weights(samples["prior"], strength) for strength in STRENGTHS])
    strength = chosen_strength(samples["prior"])
    centre = prior_mean(candidates, strength)
    return TrainedLinear(scaling, samples, candidates, strength, centre, prior_margin(samples["prior"], centre))


def chosen_strength(prior: Sample) -> float:
    """The smallest strength whose cross-validated error is within one standard error of the best one.

    Strong penalties keep the model near its prior mean, on which most certificates depend.
    """
    rows = slice(None, None, -(-len(prior.y) // FOLDED_ROWS))
    x, y = prior.x[rows], prior.y[rows]
    folds = _folds(y)
    parts = [fold for fold in range(FOLDS) if np.any(folds == fold) and len(np.unique(y[folds != fold])) == 2]
    errors = np.array([[_fold_error(x, y, folds == fold, strength) for fold in parts] for strength in STRENGTHS])
    means = errors.mean(axis=1)
    best = int(np.argmin(means))
    limit = means[best] + errors[best].std() / np.sqrt(max(len(parts) - 1, 1))
    return STRENGTHS[int(np.argmax(means <= limit + _TIE))]


def _folds(y: NDArray) -> NDArray[np.int64]:
    """Rows of each class in turn."""
    folds = np.empty(len(y), int)
    for sign in (-1, 1):
        folds[y == sign] = np.arange(np.sum(y == sign)) % FOLDS
    return folds


def _fold_error(x: NDArray, y: NDArray, left_out: NDArray, strength: float) -> float:
    weights = fit_weights(Sample(x[~left_out], y[~left_out]), strength)
    return float(np.mean(Sample(x[left_out], y[left_out]).errors(weights)))


def prior_mean(candidates: Float[np.ndarray, "k d"], strength: float) -> Weights:
    """Direction of the candidate of a strength."""
    return direction(candidates[STRENGTHS.index(strength)])


def scaled_samples(
    x: NDArray, y: NDArray, parts: Mapping[str, NDArray[np.int64]], scaling: Scaling
) -> dict[str, Sample]:
    """The scaled rows of each part.

    Args:
        x: shape (n, p), features as they were given.
        y: shape (n,), signs.
        parts: row numbers of each part.
        scaling: from features to rows of the unit ball.
    """
    scaled = scaling.apply(x)
    return {name: Sample(scaled[parts[name]], y[parts[name]]) for name in FRACTIONS}


def joined(samples: dict[str, Sample]) -> Sample:
    """The rows that the model is trained on."""
    x, y = (np.concatenate([getattr(samples[name], field) for name in TRAINING]) for field in ("x", "y"))
    return Sample(x, y)


def prior_margin(prior: Sample, w0: Weights) -> float:
    """Median margin of the prior mean on its own part, at least `SMALLEST_MARGIN`."""
    return max(float(np.median(prior.margins(w0))), SMALLEST_MARGIN)


def upward(value: float) -> float:
    """More than what rounding may have taken off a sum of float64 numbers; 0 stays 0."""
    return value * (1 + 1e-13)

"""The linear classifier that is certified: its split, its scaling, its weights and what was fixed before them."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from fathometer.data import Split, split_groups
from fathometer.generalization.learning.linear._model import Sample, Scaling, direction, fit_weights

FRACTIONS = {"prior": 0.3, "certificate": 0.35, "held_out": 0.2, "test": 0.15}
"""Shares of the four parts. The test part serves only for the measured risks."""

TRAINING = ("prior", "certificate")
STRENGTH = 10.0
STRENGTHS = (0.1, 1.0, 10.0, 100.0, 1000.0)
"""Inverse penalties: of the model, and of the candidates of `occam`; fixed in advance."""

SMALLEST_MARGIN = 0.01
MINIMUM_ROWS = 60

WHOLE = ("prior",)
"""Parts that hold all rows of a group; the others hold one."""

Weights = Float[np.ndarray, " d"]


@dataclass(frozen=True)
class TrainedLinear:
    """A linear classifier with everything that its certificates are made from.

    Attributes:
        split: which rows serve for what.
        scaling: fixed by the prior part.
        samples: scaled rows by part.
        candidates: shape (len(STRENGTHS), d), solutions on the prior part.
        weights: shape (d,), the solution on prior and certificate part.
        gamma: margin of the ramp loss, fixed by the prior part.
    """

    split: Split
    scaling: Scaling
    samples: dict[str, Sample]
    candidates: Float[np.ndarray, "k d"]
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
        """The prior mean, of norm 1: the candidate of the model's own strength."""
        return direction(self.candidates[STRENGTHS.index(STRENGTH)])

    @property
    def m(self) -> int:
        """Size of the certificate part."""
        return len(self.certificate.y)

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
    """Fix the scaling, the candidates and the margin on the prior part, and train on prior and certificate part.

    Args:
        x: shape (n, p), finite.
        y: shape (n,), -1 or 1.
        split: with the parts of `FRACTIONS`.

    Raises:
        InputError: if the prior part holds one class only.
    """
    split.require_disjoint(("prior",), ("certificate",))
    split.require_disjoint(TRAINING, ("held_out", "test"))
    scaling = Scaling.of(x[split.part("prior")])
    samples = scaled_samples(x, y, split, scaling)
    candidates = np.array([fit_weights(samples["prior"], strength) for strength in STRENGTHS])
    gamma = prior_margin(samples["prior"], direction(candidates[STRENGTHS.index(STRENGTH)]))
    weights = fit_weights(joined(samples), STRENGTH)
    return TrainedLinear(split, scaling, samples, candidates, weights, gamma)


def scaled_samples(x: NDArray, y: NDArray, split: Split, scaling: Scaling) -> dict[str, Sample]:
    """The scaled rows of each part.

    Args:
        x: shape (n, p), features as they were given.
        y: shape (n,), signs.
        split: which rows are in which part.
        scaling: from features to rows of the unit ball.
    """
    scaled = scaling.apply(x)
    return {name: Sample(scaled[split.part(name)], y[split.part(name)]) for name in FRACTIONS}


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

"""Gaussian laws on the weights of a network: their divergences, draws and Lipschitz constants."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError, Record
from fathometer.generalization.learning.linear._training import upward
from fathometer.generalization.learning.networks._layers import Weights, flat
from fathometer.numerics import Wide, round_up, wide
from fathometer.numerics.arithmetic._rounding import WIDE_EPS

DRAW = 1
"""Name of the stream of random numbers that the one drawn network comes from; 0 is that of the initial weights."""


@dataclass(frozen=True, eq=False)
class GaussianWeights(Record):
    """Independent Gaussian weights.

    Attributes:
        mean: float32, one matrix for each layer, of shape (inputs + 1, outputs); the last row is the bias.
        sigma: float32, of the same shapes, positive: standard deviations.

    Raises:
        InputError: if the shapes differ, a number is not finite, or a standard deviation is not positive.
    """

    mean: tuple[NDArray[Any], ...]
    sigma: tuple[NDArray[Any], ...]

    def __post_init__(self) -> None:
        if [matrix.shape for matrix in self.mean] != [matrix.shape for matrix in self.sigma]:
            raise InputError("mean and sigma must have the same shapes")
        for name in ("mean", "sigma"):
            matrices = tuple(np.asarray(matrix, np.float32) for matrix in getattr(self, name))
            if not all(np.all(np.isfinite(matrix)) for matrix in matrices):
                raise InputError(f"{name} of the weights must be finite")
            object.__setattr__(self, name, matrices)
        if not all(np.all(matrix > 0) for matrix in self.sigma):
            raise InputError("sigma of the weights must be positive: a Dirac has infinite KL")

    @classmethod
    def around(cls, mean: Weights, sigma: float) -> "GaussianWeights":
        """The isotropic law."""
        return cls(mean, tuple(np.full_like(matrix, sigma) for matrix in mean))

    def draw(self, seed: int) -> Weights:
        """One network, float64."""
        rng = np.random.default_rng([seed, DRAW])
        return tuple(
            mean.astype(np.float64) + sigma.astype(np.float64) * rng.standard_normal(mean.shape)
            for mean, sigma in zip(self.mean, self.sigma, strict=True)
        )


def weights_kl(posterior: GaussianWeights, prior: GaussianWeights) -> float:
    """KL(posterior || prior) in nats, summed in the widest format whatever the weights are stored in, rounded up."""
    shift, ratio = _relative(posterior.mean, posterior, prior)
    parts = (shift**2 / 2, (ratio**2 - 1) / 2, -np.log(ratio))
    return max(_sum_up(*parts), 0.0)


def weights_log_ratio(drawn: Weights, posterior: GaussianWeights, prior: GaussianWeights) -> float:
    """Ln of posterior over prior density at a network, summed in the widest format, rounded up.

    Args:
        drawn: the network, one matrix for each layer.
        posterior: of the same shapes.
        prior: of the same shapes.
    """
    shift, ratio = _relative(drawn, posterior, prior)
    noise = (wide(flat(drawn)) - flat(posterior.mean)) / wide(flat(posterior.sigma))
    return _sum_up(shift**2 / 2, noise**2 / -wide(2), -np.log(ratio))


def _sum_up(*parts: Wide) -> float:
    """Sum of all entries of all parts, and what rounding may have taken off it."""
    rest = 8 * WIDE_EPS * sum(np.sum(np.abs(part)) for part in parts)
    return float(round_up(sum(parts, start=wide(0)).sum() + rest))


def _relative(at: Weights, posterior: GaussianWeights, prior: GaussianWeights) -> tuple[Wide, Wide]:
    """Distance of some weights from the prior mean and the posterior widths, both in units of the prior widths."""
    width = wide(flat(prior.sigma))
    return (wide(flat(at)) - flat(prior.mean)) / width, flat(posterior.sigma) / width


def distance(first: Weights, second: Weights) -> float:
    """Euclidean distance of all weights, rounded up."""
    return upward(float(np.linalg.norm(flat(first) - flat(second))))


SLACK = 1 + 1e-10
"""Factor on every spectral norm and on the constant that they make, for the rounding of the decomposition."""


def spectral_norm(matrix: NDArray) -> float:
    """Largest singular value, an upper bound: by the singular value decomposition in float64, and its rounding."""
    return float(np.linalg.norm(matrix.astype(np.float64), 2)) * SLACK


def score_lipschitz(nets: Sequence[Weights], reach: float, slack: float = 0.0) -> float:
    """Lipschitz constant of the scores in all weights (Euclidean norms), for inputs of norm at most `reach`.

    It holds on the convex set of networks whose matrices have at most the spectral norms, and whose biases at most the
    norms, of the largest of the given ones plus a slack: the slack is the radius of a ball around one of them, or 0
    where the set need only hold the segments between them. With norms s_i, beta_i and a_0 = reach,
    a_i = s_i a_{i-1} + beta_i it is sqrt(sum_i (prod_{j>i} s_j)^2 (a_{i-1}^2 + 1)) (derived: the gradient along a
    segment, ReLU being 1-Lipschitz with value 0 at 0). With one layer it is exact: sqrt(reach^2 + 1).

    Args:
        nets: networks of the same shape.
        reach: largest norm of an input.
        slack: added to every norm.
    """
    layers = range(len(nets[0]))
    norms = [max(spectral_norm(net[k][:-1]) for net in nets) + slack for k in layers]
    biases = [max(float(np.linalg.norm(net[k][-1].astype(np.float64))) for net in nets) + slack for k in layers]
    size, total = reach, 0.0
    for k in layers:
        total += float(np.prod(norms[k + 1 :])) ** 2 * (size**2 + 1)
        size = norms[k] * size + biases[k]
    return float(np.sqrt(total)) * SLACK


def loss_lipschitz(loss: str, *, classes: int = 2, gamma: float = 1.0, pmin: float | None = None) -> float:
    """Lipschitz constant of a loss in the scores (Euclidean norm), rounded up.

    Args:
        loss: margin_ramp, min(1, max(0, 1 - margin/gamma)) of the margin over the best other class: sqrt(2)/gamma;
            multi_margin, (1/k) sum over the other classes of max(0, 1 - margin): sqrt((k-1)/k); cross_entropy: sqrt(2),
            over ln(1/pmin) if it is bounded.
        classes: k.
        gamma: of the ramp.
        pmin: of the bounded cross-entropy; None if it is not bounded.

    Raises:
        InputError: if the loss is none of them.
    """
    scale = 1.0 if pmin is None else -np.log(pmin)
    known = {
        "margin_ramp": np.sqrt(2) / gamma,
        "multi_margin": np.sqrt((classes - 1) / classes),
        "cross_entropy": np.sqrt(2) / scale,
    }
    if loss not in known:
        raise InputError(f"loss must be {', '.join(known)}, got {loss!r}")
    return upward(float(known[loss]))

"""Losses of networks on rows, in float64: of one network, and of a fresh one for every row."""

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int
from numpy.typing import NDArray

from fathometer.generalization.learning.networks._law import GaussianWeights
from fathometer.generalization.learning.networks._layers import Weights, drawn_scores, scores
from fathometer.generalization.learning.networks._problem import ClassRows
from fathometer.generalization.learning.networks._training import Level, bounded_cross_entropy

CHUNK = 8192
"""Rows that are evaluated at once; the random numbers of a recheck are drawn chunk by chunk too."""

GIBBS, GIBBS_TEST = 2, 3
"""Names of the streams of random numbers that measure the Gibbs risk on the certificate and on the test part."""


class Losses(NamedTuple):
    """Losses in [0, 1], one for each row, or for each row and draw.

    Attributes:
        errors: 1 where no score is above all others for the right class; a tie is an error.
        cross_entropy: bounded and divided by its bound.
        ramp: of the margin, at gamma.
    """

    errors: NDArray[np.float64]
    cross_entropy: NDArray[np.float64]
    ramp: NDArray[np.float64]


class Levels(NamedTuple):
    """What the losses are made with, fixed without the certificate part."""

    pmin: float
    gamma: float


def network_losses(weights: Weights, rows: ClassRows, levels: Levels) -> Losses:
    """Losses of one network.

    Args:
        weights: one matrix for each layer, its last row the bias.
        rows: features, shape (n, p), and numbers of the classes, shape (n,).
        levels: of clamping and margin.
    """
    net = [jnp.asarray(matrix, jnp.float64) for matrix in weights]
    return _joined([_fixed(net, *chunk, *levels) for chunk in _chunks(rows)])


def network_margins(weights: Weights, rows: ClassRows) -> Float[np.ndarray, " n"]:
    """Score of the right class minus the best other one."""
    net = [jnp.asarray(matrix, jnp.float64) for matrix in weights]
    return np.concatenate([np.asarray(margins(scores(net, jnp.asarray(x)), jnp.asarray(y))) for x, y in _chunks(rows)])


def gibbs_losses(law: GaussianWeights, rows: ClassRows, levels: Levels, seed: int, stream: int, passes: int) -> Losses:
    """Losses of a network drawn afresh for every row and every pass.

    They are independent, and their mean over the rows of one pass has the empirical Gibbs risk as its expectation, so
    that a Chernoff bound of passes times n terms holds for their mean (Hoeffding 1956: terms of different expectations
    concentrate no worse than equal ones).

    Args:
        law: of the weights.
        rows: of which each meets `passes` networks.
        levels: of the losses.
        seed: of the certificate.
        stream: name of the stream of random numbers.
        passes: number of draws for each row.
    """
    mean, sigma = ([jnp.asarray(matrix, jnp.float64) for matrix in part] for part in (law.mean, law.sigma))
    widths = [matrix.shape[1] for matrix in law.mean]
    return _joined(
        [
            _drawn(mean, sigma, x, y, shocks(seed, stream, turn, part, len(y), widths), *levels)
            for turn in range(passes)
            for part, (x, y) in enumerate(_chunks(rows))
        ]
    )


def shocks(seed: int, stream: int, turn: int, part: int, rows: int, widths: Sequence[int]) -> list[NDArray[np.float64]]:
    """Standard normal numbers for one chunk of rows in one pass: shape (rows, width) for each layer.

    Args:
        seed: of the certificate.
        stream: what the numbers are for.
        turn: number of the pass.
        part: number of the chunk.
        rows: rows of the chunk.
        widths: of the layers.
    """
    rng = np.random.default_rng([seed, stream, turn, part])
    return [rng.standard_normal((rows, width)) for width in widths]


def margins(logits: Float[Array, "n k"], y: Int[Array, " n"]) -> Float[Array, " n"]:
    """Score of the right class minus the best other one."""
    right = jnp.arange(logits.shape[1])[None] == y[:, None]
    return jnp.where(right, logits, -jnp.inf).max(axis=1) - jnp.where(right, -jnp.inf, logits).max(axis=1)


@jax.jit
def _fixed(net: list[Array], x: Array, y: Array, pmin: Level, gamma: Level) -> Losses:
    return _losses(scores(net, x), y, pmin, gamma)


@jax.jit
def _drawn(
    mean: list[Array], sigma: list[Array], x: Array, y: Array, noise: list[Array], pmin: Level, gamma: Level
) -> Losses:
    return _losses(drawn_scores(mean, sigma, x, noise), y, pmin, gamma)


def _losses(logits: Array, y: Array, pmin: Level, gamma: Level) -> Losses:
    margin = margins(logits, y)
    errors = jnp.where(margin > 0, 0.0, 1.0)
    return Losses(errors, bounded_cross_entropy(logits, y, pmin), jnp.clip(1 - margin / gamma, 0, 1))  # type: ignore[arg-type]


def _chunks(rows: ClassRows) -> list[tuple[NDArray, NDArray]]:
    return [(rows.x[first : first + CHUNK], rows.y[first : first + CHUNK]) for first in range(0, len(rows.y), CHUNK)]


def _joined(parts: list[Losses]) -> Losses:
    return Losses(*(np.concatenate([np.asarray(part[k]) for part in parts]) for k in range(3)))

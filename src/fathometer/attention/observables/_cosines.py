"""The cosines between tokens, as more than their mean."""

from collections.abc import Mapping

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray

from fathometer.attention.model._field import interaction
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._standard import pair_mass
from fathometer.evidence import Estimate, InputError, Observable, Problem, Trajectory, finite_array, finite_number
from fathometer.numerics import squared_chords

CLOSE = 0.99
"""Cosine above which the observable `close_pairs` counts a pair."""

_NO_DIRECTION = 64 * np.finfo(float).eps
"""Tokens nearer than this to the mean token have no direction as seen from it."""


def extreme_cosines(points: Float[np.ndarray, "t n d"]) -> Float[np.ndarray, "t 2"]:
    """Smallest and largest cosine between two tokens, for each of t states; NaN for a single token."""
    upper = np.triu_indices(points.shape[1], 1)
    if not upper[0].size:
        return np.full((len(points), 2), np.nan)
    pairs = np.stack([(state @ state.T)[upper] for state in points])
    return np.stack([pairs.min(axis=1), pairs.max(axis=1)], axis=1)


def average_directions(
    points: Float[np.ndarray, "n d"], masses: Float[np.ndarray, " n"], beta: float
) -> Float[np.ndarray, "n d"]:
    """Directions of the attention averages sum_j A_ij x_j: tokens after one layer of attention alone (SA).

    The average is the force of the model, which is tangent, and sum_j A_ij <x_i, x_j> along the token itself.

    Args:
        points: unit vectors.
        masses: positive, sum 1.
        beta: inverse temperature, >= 0.
    """
    arrays = jnp.asarray(points), jnp.asarray(masses)
    force, partition = interaction(*arrays, beta)
    gaps = squared_chords(arrays[0]) / 2
    along = jnp.sum(arrays[1][None] * jnp.exp(-beta * gaps) * (1 - gaps), axis=-1)
    averages = np.asarray((force + along[:, None] * arrays[0]) / partition[:, None])
    return averages / np.linalg.norm(averages, axis=1, keepdims=True)


def centred_directions(
    points: Float[np.ndarray, "*t n d"], masses: Float[np.ndarray, " n"]
) -> Float[np.ndarray, "*t n d"]:
    """Directions (x_i - x_bar)/|x_i - x_bar| from the mean token x_bar = sum_i m_i x_i; zero for tokens at the mean.

    Their cosines do not see a direction that all tokens share.

    Args:
        points: unit vectors.
        masses: positive, sum 1.
    """
    offsets = points - np.sum(masses[:, None] * points, axis=-2, keepdims=True)
    norms = np.linalg.norm(offsets, axis=-1, keepdims=True)
    seen = norms > _NO_DIRECTION
    return np.where(seen, offsets / np.where(seen, norms, 1.0), 0.0)


def centred(run: Trajectory) -> Trajectory:
    """Return the run with its tokens replaced by their directions from the mean token, for any observable to read.

    Args:
        run: tokens along any axis, with states "points".
    """
    masses = ParticleSystem.expect(run.problem).masses
    return run.mapped(lambda states: {**states, "points": centred_directions(states["points"], masses)})


def centred_mean_cosine(
    points: Float[np.ndarray, "*t n d"], masses: Float[np.ndarray, " n"]
) -> Float[np.ndarray, "*t"]:
    """Mean cosine over pairs i != j of the directions from the mean token, weighted by m_i m_j.

    Close to -sum_i m_i^2 / (1 - sum_i m_i^2) whenever the tokens are about equally far from their mean, because the
    offsets cancel: the quantiles of the centred cosines say more. Tokens at the mean are left out; NaN if fewer than
    two are left. Arguments as for `centred_directions`.
    """
    directions = centred_directions(points, masses)
    seen = np.any(directions != 0, axis=-1)
    weights = np.where(seen, masses, 0.0)
    enough = np.sum(seen, axis=-1) >= 2
    shares = weights / np.where(enough, np.sum(weights, axis=-1), 1.0)[..., None]
    centre = np.sum(shares[..., None] * directions, axis=-2, keepdims=True)
    spread = np.sum(shares * np.sum((directions - centre) ** 2, axis=-1), axis=-1)
    return np.asarray(np.where(enough, 1 - spread / np.where(enough, pair_mass(shares), 1.0), np.nan))


def close_pairs(
    points: Float[np.ndarray, "t n d"], masses: Float[np.ndarray, " n"], cosine: float = CLOSE
) -> Float[np.ndarray, " t"]:
    """Share of the pairs i != j, weighted by m_i m_j, whose cosine is above a value; NaN for a single token.

    Args:
        points: unit vectors.
        masses: positive, sum 1.
        cosine: in [-1, 1).

    Raises:
        InputError: if the cosine is not as above.
    """
    least = finite_number("cosine", cosine, at_least=-1, below=1)
    weights = _pair_weights(masses)
    if not weights.size:
        return np.full(len(points), np.nan)
    return np.array([weights @ (_pairs(state) > least) for state in points])


def cosine_quantiles(
    points: Float[np.ndarray, "t n d"], masses: Float[np.ndarray, " n"], levels: ArrayLike
) -> Float[np.ndarray, "t levels"]:
    """Quantiles of the cosines of pairs i != j, weighted by m_i m_j; NaN for a single token.

    Args:
        points: unit vectors.
        masses: positive, sum 1.
        levels: in [0, 1], shape (levels,).

    Raises:
        InputError: if a level is not as above.
    """
    shares = finite_array("levels", levels, ndim=1)
    if np.any((shares < 0) | (shares > 1)):
        raise InputError(f"levels must be in [0, 1], got {shares.tolist()}")
    weights = _pair_weights(masses)
    if not weights.size:
        return np.full((len(points), len(shares)), np.nan)
    return np.stack([np.quantile(_pairs(x), shares, weights=weights, method="inverted_cdf") for x in points])


def cosine_histogram(
    points: Float[np.ndarray, "t n d"], masses: Float[np.ndarray, " n"], bins: int = 100
) -> tuple[Float[np.ndarray, " edges"], Float[np.ndarray, "t bins"]]:
    """Density of the cosines of pairs i != j, weighted by m_i m_j, in equal bins of [-1, 1].

    Args:
        points: unit vectors, n >= 2.
        masses: positive, sum 1.
        bins: number of bins, at least 1.

    Returns:
        Edges of the bins, and for each state the density, whose integral is 1.

    Raises:
        InputError: if there is only one token.
    """
    weights = _pair_weights(masses)
    if not weights.size:
        raise InputError("a histogram of cosines needs at least two tokens")
    edges = np.linspace(-1, 1, bins + 1)
    return edges, np.stack([np.histogram(_pairs(x), edges, weights=weights)[0] for x in points]) * bins / 2


def _pairs(points: Float[np.ndarray, "n d"]) -> Float[np.ndarray, " pairs"]:
    """Cosines of all pairs i < j, clipped to [-1, 1]."""
    return np.clip(points @ points.T, -1, 1)[np.triu_indices(len(points), 1)]


def _pair_weights(masses: Float[np.ndarray, " n"]) -> Float[np.ndarray, " pairs"]:
    weights = np.outer(masses, masses)[np.triu_indices(len(masses), 1)]
    return weights / weights.sum() if weights.size else weights


def _measure_centred(problem: Problem, states: Mapping[str, NDArray]) -> Estimate:
    return Estimate.exact(centred_mean_cosine(states["points"], ParticleSystem.expect(problem).masses))


def _measure_close_pairs(problem: Problem, states: Mapping[str, NDArray]) -> Estimate:
    return Estimate.exact(close_pairs(states["points"], ParticleSystem.expect(problem).masses))


CENTRED_MEAN_COSINE = Observable(
    "centred_mean_cosine",
    "1",
    "mean cosine over pairs i != j of the directions x_i - x_bar from the mean token, weighted by m_i m_j",
    _measure_centred,
)
CLOSE_PAIRS = Observable(
    "close_pairs", "1", "share of the pairs i != j, weighted by m_i m_j, with cosine above 0.99", _measure_close_pairs
)

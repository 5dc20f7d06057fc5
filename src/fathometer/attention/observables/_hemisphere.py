"""Tokens in an open hemisphere: the chart, its width, the lowest token, and how they approach their limit."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from fathometer.evidence import Axis, Estimate
from fathometer.numerics import hemisphere_axis, in_float64

_WIDTH_ERROR = 1e-7
"""Error of a width, heuristic: simulated tokens that have met keep distances of a fraction of the tolerance."""

_RESOLVED = 1e-9
"""Deficit 1 - cosine below which the approach to the limit is rounding and error of the solver."""


def lowest_token(points: Float[np.ndarray, "t n d"], start: Float[np.ndarray, "n d"], along: Axis) -> Estimate:
    """Smallest <x_i, w> of each state, with the axis w of the largest margin at the start.

    Args:
        points: unit vectors, t states.
        start: the tokens at time 0.
        along: axis of the states.
    """
    return Estimate.exact(np.min(points @ hemisphere_axis(start)[0], axis=-1), along=along)


def chart_diameter(points: Float[np.ndarray, "t n d"], axis: Float[np.ndarray, " d"]) -> Float[np.ndarray, " t"]:
    """Largest distance between two tokens in the chart y_i = x_i / <x_i, axis>, for each of t states.

    Distances in the chart are not below those on the sphere, because the projection from the chart back to the sphere
    is 1-Lipschitz. Infinite where a token has left the open hemisphere.
    """
    heights = points @ axis
    inside = np.all(heights > 0, axis=-1)
    chart = points / np.where(heights > 0, heights, 1.0)[..., None]
    return np.where(inside, np.asarray(jax.lax.map(_diameter, jnp.asarray(chart))), np.inf)


def _diameter(points: Float[Array, "n d"]) -> Float[Array, ""]:
    """Largest distance, in memory n d."""
    return jnp.sqrt(jnp.max(jax.lax.map(lambda point: jnp.max(jnp.sum((points - point[None]) ** 2, axis=-1)), points)))


@in_float64
def log_chart_shrinkage(points: Float[np.ndarray, "t n d"], start: Float[np.ndarray, "n d"], along: Axis) -> Estimate:
    """Log D(t)/D(0) of the diameter D of the chart of largest margin at the start; with bars for 1e-7 in D, heuristic.

    Args:
        points: unit vectors, t states.
        start: the tokens at time 0.
        along: axis of the states.
    """
    widths = chart_diameter(np.concatenate([start[None], points]), hemisphere_axis(start)[0])
    log_start = np.log(max(widths[0], np.finfo(float).tiny))
    ends = (np.maximum(widths[1:] + error, 0.0) for error in (0.0, -_WIDTH_ERROR, _WIDTH_ERROR))
    with np.errstate(divide="ignore"):
        return Estimate.heuristic(*(np.log(width) - log_start for width in ends), along=along)


def slowest_approach(points: Float[np.ndarray, "t n d"], times: Float[np.ndarray, " t"], rate: float) -> Estimate:
    """Largest log of (1 - alpha)/(1 - alpha(t_0)) plus rate times t - t_0, over times t > t_0 with alpha >= 1/2.

    t_0 is the first of these times, alpha is the smallest <x_i, x*>. The limit x* is in the hull of the last state: its
    mean direction stands for it, and is wrong by at most the largest chord to it, r. The bars are what r does to the
    other chords, so that a run that has not converged is undecided. NaN if nothing is left; states with 1 - alpha below
    1e-9 are left out as rounding.

    Args:
        points: unit vectors, t states.
        times: of the states.
        rate: at which 1 - alpha has to fall, >= 0.
    """
    mean = points[-1].mean(axis=0)
    chords = np.max(np.linalg.norm(points - mean / np.linalg.norm(mean), axis=-1), axis=1)
    error = chords[-1]
    near = np.flatnonzero((chords + error <= 1) & (chords**2 / 2 > _RESOLVED))
    if len(near) < 2:
        return Estimate.exact(np.nan)
    first, later = chords[near[0]], chords[near[1:]]
    gained = rate * (times[near[1:]] - times[near[0]])
    with np.errstate(divide="ignore"):
        least = 2 * np.log(np.maximum(later - error, 0.0) / (first + error))
        most = 2 * np.log((later + error) / max(first - error, 0.0)) if first > error else np.full(len(later), np.inf)
    value = 2 * np.log(later / first) + gained
    return Estimate.heuristic(np.max(value), np.max(least + gained), np.max(most + gained))

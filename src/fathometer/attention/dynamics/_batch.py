"""Thousands of systems followed side by side in plain time, observed while they run."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int
from numpy.typing import ArrayLike, NDArray

from fathometer.attention.dynamics._assembly import read_times
from fathometer.attention.dynamics._simulate import local_error
from fathometer.attention.model._system import Model, ParticleSystem, read_beta, read_model
from fathometer.evidence import Estimate, InputError, Record, finite_array, finite_number, widened
from fathometer.numerics import (
    LOOSER,
    WIDE_VECTORS,
    exp_nonpositive,
    in_float64,
    nudge_of,
    nudged,
    solve_at,
    step_control,
)

MOST_STEPS = 100_000

_CHUNK = 1 << 15
"""Cosines that are integrated together with one step size: small, because the slowest system sets the step."""

_BY_COORDINATES = 8
"""Dimension up to which cosines are sums over coordinates, made where the kernel uses them; above it, products."""

_WAYS = ((1.0, False), (LOOSER, False), (LOOSER, True))
"""How every system is run: tolerance in units of the one asked for, and whether the start is nudged."""

Tokens = Float[Array, "s k n"]
"""Tokens of s systems, seen in k coordinates; tokens come last, because arithmetic runs along the last axis."""

Observe = Callable[[Array, Any], Any]
"""What is kept of the unit tokens, shape (s, k, n), of a chunk; the second argument is data of the chunk."""


@dataclass(frozen=True, eq=False)
class BatchRun(Record):
    """What was observed of many systems.

    Attributes:
        betas: inverse temperature of each system, shape (systems,).
        times: shape (times,).
        unit_energy: EE, shape (systems, times), in (0, 1].
        mean_cosine: mean of <x_i, x_j> over pairs i != j, shape (systems, times).
        clusters: number of clusters by single linkage at the default resolution, shape (systems, times); heuristic, as
            all bars here: from runs with a looser tolerance and perturbed starts.
    """

    betas: NDArray[np.float64]
    times: NDArray[np.float64]
    unit_energy: Estimate
    mean_cosine: Estimate
    clusters: Estimate


def simulate_batch(
    points: ArrayLike, betas: ArrayLike, times: ArrayLike, model: Model | str = Model.SA, *, tolerance: float = 1e-8
) -> BatchRun:
    """Follow many systems of n tokens of equal mass at once, each with its own start and inverse temperature.

    Systems of like beta are integrated together (Tsit5, one step size for a chunk); no states are stored. Forces come
    from cosines and are exact to rounding in absolute terms: motions slower than 1e-15 need `simulate_collapse`.

    Args:
        points: starts, shape (systems, n, d), n >= 2, d >= 2, nonzero rows, which are divided by their norms.
        betas: shape (systems,), >= 0.
        times: shape (times,), strictly increasing from 0.
        model: SA or USA.
        tolerance: error of a step in any coordinate, in units of the square of the shortest interaction range of a
            chunk; between 1e-13 and 1e-3. Systems are run again, with a looser one and from starts that differ by
            rounding, for the bars of what is observed.

    Raises:
        InputError: if a value is not as above, or a chunk needs more than 1e5 steps.
    """
    starts, inverse = finite_array("points", points, ndim=3), finite_array("betas", betas, ndim=1)
    systems, n, dim = starts.shape
    if not systems or n < 2 or dim < 2:
        raise InputError(f"points must have shape (systems, n >= 2, d >= 2) with a system at least, got {starts.shape}")
    if len(inverse) != systems:
        raise InputError(f"betas must have one entry for each of {systems} systems, got {len(inverse)}")
    if np.any(inverse < 0):
        raise InputError(f"betas must be at least 0, got {inverse.min():g}")
    read_beta(inverse.max())
    axis, model = read_times(times), read_model(model)
    units = ParticleSystem.project(starts.reshape(-1, dim), 1.0, model).points.reshape(starts.shape)
    tolerance = finite_number("tolerance", tolerance, at_least=1e-13, at_most=1e-3)
    order = np.argsort(inverse, kind="stable")
    seen = np.empty((len(_WAYS), 3, systems, len(axis.points)))

    def follow(rows: Int[np.ndarray, " s"]) -> None:
        own, start = inverse[rows], in_span(units[rows])
        local = local_error(own[-1], tolerance)
        for way, (looser, nudge) in enumerate(_WAYS):
            numbers = map(jnp.asarray, (nudged(start, nudge * nudge_of(local)), own, axis.points, looser * local))
            observed, done = jax.device_get(follow_chunk(*numbers, jnp.asarray(own), None, _observables, model))
            if not done:
                raise InputError(f"times must end earlier: beta = {own[-1]:g} needs more than {MOST_STEPS} steps")
            seen[way, :, rows] = np.stack(observed).transpose(2, 0, 1)

    side_by_side(follow, (order[rows] for rows in chunks(systems, n)))
    seen[:, 2] = np.rint(seen[:, 2])
    energy, cosine, clusters = (_with_bars(seen[:, i], top) for i, top in enumerate((1.0, 1.0, np.inf)))
    return BatchRun(inverse, axis.points, energy, cosine, clusters)


def chunks(systems: int, n: int) -> Iterator[slice]:
    """Slices of systems that are integrated together."""
    most = max(1, _CHUNK // n**2)
    return (slice(start, min(start + most, systems)) for start in range(0, systems, most))


def side_by_side(work: Callable[[Any], Any], items: Any) -> list:
    """Results of independent chunks, as many at a time as there are processors."""
    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        return list(pool.map(in_float64(work), items))
    finally:
        pool.shutdown(cancel_futures=True)  # an interrupt waits for the chunks that run, not for the others


def in_span(points: Float[np.ndarray, "s n d"]) -> Float[np.ndarray, "s k n"]:
    """Coordinates in the span of the tokens, which they never leave, if it is smaller than the space."""
    across = points.transpose(0, 2, 1)
    return across if points.shape[2] <= points.shape[1] else np.linalg.qr(across).R


def unit(points: Tokens) -> Tokens:
    """Tokens divided by their Euclidean norms."""
    return points * jax.lax.rsqrt(jnp.sum(points**2, axis=1, keepdims=True))


@partial(jax.jit, static_argnames=("observe", "model"), compiler_options=WIDE_VECTORS)
def follow_chunk(
    points: Tokens,
    betas: Float[Array, " s"],
    times: Float[Array, " t"],
    local: Float[Array, ""],
    data: Any,
    matrices: Float[Array, "s k k"] | None,
    observe: Observe,
    model: Model,
) -> tuple[Any, Bool[Array, ""]]:
    """What was observed at the times, with a leading axis of times, and whether the last time was reached.

    All floats have one precision, float32 or float64, which is that of the arithmetic.

    Args:
        points: shape (s, k, n), at time 0; see `Tokens`.
        betas: inverse temperatures, shape (s,).
        times: shape (t,), increasing from 0.
        local: error of a step in any coordinate.
        data: second argument of `observe`.
        matrices: Q'K of each system, shape (s, k, k); the identity for None.
        observe: see `Observe`.
        model: SA or USA.
    """
    beta = betas[:, None, None]
    solved = solve_at(
        times,
        lambda t, y, args: batch_velocity(unit(y), beta, model, matrices),
        points,
        step_control(local),
        save=lambda t, y, args: observe(unit(y), data),
        most_steps=MOST_STEPS,
    )
    return solved.states, solved.done


def batch_velocity(
    points: Tokens,
    beta: Float[Array, "#s 1 1"] | Float[Array, ""] | float,
    model: Model,
    matrices: Float[Array, "s k k"] | None = None,
) -> Tokens:
    """Velocity of the tokens of equal mass of every system, through cosines: fast, and exact to rounding, absolute.

    Args:
        points: unit tokens, shape (s, k, n).
        beta: inverse temperatures, of shape (s, 1, 1) or one for all.
        model: SA or USA.
        matrices: Q'K of each system, shape (s, k, k); the identity when not given.
    """
    if matrices is None:
        weights = exp_nonpositive(beta * (cosines_of(points) - 1))
    else:
        weights = jnp.exp(beta * (jnp.einsum("ski,skl,slj->sji", points, matrices, points) - 1))
    force = jnp.einsum("skj,sji->ski", points, weights)
    force -= jnp.sum(force * points, axis=1, keepdims=True) * points
    return force / (points.shape[2] if model is Model.USA else jnp.sum(weights, axis=1)[:, None])


def cosines_of(points: Tokens) -> Float[Array, "s n n"]:
    """All <x_i, x_j> of every system."""
    if points.shape[1] > _BY_COORDINATES:
        return jnp.einsum("ski,skj->sij", points, points)
    return jnp.asarray(sum(x[:, :, None] * x[:, None] for x in jnp.moveaxis(points, 1, 0)))


def _observables(
    points: Tokens, betas: Float[Array, " s"]
) -> tuple[Float[Array, " s"], Float[Array, " s"], Float[Array, " s"]]:
    cosines, n = cosines_of(points), points.shape[2]
    energy = jnp.mean(jnp.exp(betas[:, None, None] * (cosines - 1)), axis=(1, 2))
    mean = (jnp.sum(cosines, axis=(1, 2)) - n) / (n * (n - 1))
    # chord c means cosine 1 - c^2 / 2, with c the default resolution
    near = cosines >= 1 - 0.005 / jnp.maximum(1.0, betas)[:, None, None]
    return energy, mean, _components(near)


def _components(near: Bool[Array, "s n n"]) -> Float[Array, " s"]:
    """Connected components of each graph: squaring its matrix log2(n) times joins whatever a chain joins."""
    linked = (near | jnp.eye(near.shape[1], dtype=bool)[None]).astype(jnp.float32)
    for _ in range((near.shape[1] - 1).bit_length()):
        linked = (linked @ linked > 0).astype(jnp.float32)
    return jnp.sum(1.0 / jnp.sum(linked, axis=2).astype(jnp.float64), axis=1)


def _with_bars(ways: Float[np.ndarray, "w s t"], top: float) -> Estimate:
    """The first way, at most `top`, with bars from the others."""
    value, *others = (np.minimum(way, top) for way in ways)
    estimate = widened(Estimate.exact(value), [Estimate.exact(other) for other in others])
    return Estimate.heuristic(estimate.value, estimate.lower, np.minimum(estimate.upper, top))

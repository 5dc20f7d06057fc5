"""Runs under random values that are drawn anew again and again."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int
from numpy.typing import ArrayLike

from fathometer.attention.dynamics._assembly import JAX, assemble, read_times
from fathometer.attention.model._variant_field import Rules, Weights, variant_velocity
from fathometer.attention.model.weights._random_values import RandomValues
from fathometer.evidence import Axis, AxisKind, InputError, Trajectory, finite_number, whole_number
from fathometer.numerics import nudged, project_to_sphere, with_twins

_MOST_STEPS = 10_000_000


def simulate_random_values(problem: RandomValues, times: ArrayLike, *, seed: int, step: float = 0.05) -> Trajectory:
    """Integrate tokens under random values by the classical method of Runge and Kutta between two draws.

    Args:
        problem: tokens at time 0, and how long values stay.
        times: shape (length,), strictly increasing from 0.
        seed: of the values.
        step: largest step, above 0.

    Returns:
        A trajectory along time with states "points", shape (length, n, d). Its twins have the same values and half as
        many steps: intervals are errors of this path, and what other seeds give is another matter.

    Raises:
        InputError: if a value is not as above, or more than ten million steps are needed.
    """
    axis = read_times(times)
    key, plan = jax.random.key(whole_number("seed", seed, at_least=0)), _plan(problem, axis.points, step)

    def run(halves: int, nudge: bool) -> Trajectory:
        start = nudged(problem.system.points) if nudge else problem.system.points
        fixed = (*plan.stretches, plan.steps // halves, problem.variant.rules, len(axis))
        points = np.array(_solve(*_arrays(problem, start), key, *fixed))
        points[0] = problem.system.points
        return assemble(problem, axis, {"points": points}, JAX, seed=seed)

    return with_twins(run(1, False), run(2, False), run(2, True))


def draw_random_values(problem: RandomValues, time: float, draws: int, *, seed: int, step: float = 0.05) -> Trajectory:
    """Draw the tokens at a time, again and again with other values from the same start.

    Args:
        problem: tokens at time 0, and how long values stay.
        time: above 0.
        draws: how many, at least 1.
        seed: of the values, >= 0.
        step: largest step, above 0.

    Returns:
        A trajectory along draws with states "points", shape (draws, n, d), with twins of half as many steps.

    Raises:
        InputError: if a value is not as above, or more than ten million steps are needed.
    """
    times = np.array([0.0, finite_number("time", time, above=0)])
    count = whole_number("draws", draws, at_least=1)
    keys = jax.random.split(jax.random.key(whole_number("seed", seed, at_least=0)), count)
    axis, plan = Axis(AxisKind.DRAW, np.arange(float(count))), _plan(problem, times, step)

    def run(halves: int, nudge: bool) -> Trajectory:
        start = nudged(problem.system.points) if nudge else problem.system.points
        fixed = (*plan.stretches, plan.steps // halves, problem.variant.rules, len(times))
        points = _solve_all(*_arrays(problem, start), keys, *fixed)[:, -1]
        return assemble(problem, axis, {"points": np.array(points)}, JAX, seed=seed)

    return with_twins(run(1, False), run(2, False), run(2, True))


_Start = tuple[Float[Array, "n d"], Float[Array, " n"], Float[Array, ""], Weights]


def _arrays(problem: RandomValues, start: Float[np.ndarray, "n d"]) -> _Start:
    system = problem.system
    points, masses, beta = map(jnp.asarray, (start, system.masses, system.beta))
    return points, masses, beta, problem.variant.weights


class _Plan(NamedTuple):
    """Stretches between draws and saved times: lengths, numbers of their draws, next saved times; and steps of each."""

    stretches: tuple[Float[Array, " s"], Int[Array, " s"], Int[Array, " s"]]
    steps: int


def _plan(problem: RandomValues, times: Float[np.ndarray, " t"], step: float) -> _Plan:
    """What is done one after another.

    Raises:
        InputError: if there are too many.
    """
    largest, redraw = finite_number("step", step, above=0), problem.redraw
    draws = times[-1] / redraw
    steps = 2 * int(np.ceil(min(redraw, np.max(np.diff(times), initial=0.0)) / largest / 2) or 1)
    if (needed := (draws + len(times)) * steps) > _MOST_STEPS:
        raise InputError(
            f"times must end earlier or redraw be larger: {needed:.3g} steps are needed, {_MOST_STEPS} are allowed"
        )
    grid = np.union1d(redraw * np.arange(int(np.ceil(draws))), times)
    grid = grid[np.append(True, np.diff(grid) > 1e-9 * min(redraw, times[-1]))] if len(grid) > 1 else grid
    middles = (grid[1:] + grid[:-1]) / 2
    number, slot = np.floor(middles / redraw).astype(int), np.searchsorted(times, grid[1:])
    return _Plan((jnp.asarray(np.diff(grid)), jnp.asarray(number), jnp.asarray(slot)), steps)


@partial(jax.jit, static_argnames=("steps", "rules", "count"))
def _solve(
    points: Float[Array, "n d"],
    masses: Float[Array, " n"],
    beta: Float[Array, ""],
    weights: Weights,
    key: Array,
    lengths: Float[Array, " s"],
    numbers: Int[Array, " s"],
    slots: Int[Array, " s"],
    steps: int,
    rules: Rules,
    count: int,
) -> Float[Array, "t n d"]:
    """Points at the saved times, the start first."""
    d = points.shape[1]

    def stretch(state: tuple[Array, Array], now: tuple[Array, Array, Array]) -> tuple[tuple[Array, Array], None]:
        (x, saved), (length, number, slot) = state, now
        value = jax.random.normal(jax.random.fold_in(key, number), (d, d), x.dtype) / jnp.sqrt(1.0 * d)
        drawn = weights._replace(value=value.reshape(weights.value.shape))
        x = jax.lax.fori_loop(0, steps, lambda _, y: _runge_kutta(y, length / steps, drawn), x)
        return (x, saved.at[slot].set(x)), None

    def _runge_kutta(x: Array, h: Array, drawn: Weights) -> Array:
        def at(y: Array) -> Array:
            return variant_velocity(y, masses, beta, drawn, rules)

        k1 = at(x)
        k2 = at(x + h / 2 * k1)
        k3 = at(x + h / 2 * k2)
        return project_to_sphere(x + h / 6 * (k1 + 2 * k2 + 2 * k3 + at(x + h * k3)))

    saved = jnp.broadcast_to(points, (count, *points.shape))
    return jax.lax.scan(stretch, (points, saved), (lengths, numbers, slots))[0][1]


@partial(jax.jit, static_argnames=("steps", "rules", "count"))
def _solve_all(
    points: Float[Array, "n d"],
    masses: Float[Array, " n"],
    beta: Float[Array, ""],
    weights: Weights,
    keys: Array,
    lengths: Float[Array, " s"],
    numbers: Int[Array, " s"],
    slots: Int[Array, " s"],
    steps: int,
    rules: Rules,
    count: int,
) -> Float[Array, "draws t n d"]:
    """As `_solve`, for every key."""

    def one(key: Array) -> Float[Array, "t n d"]:
        return _solve(points, masses, beta, weights, key, lengths, numbers, slots, steps, rules, count)

    return jax.vmap(one)(keys)

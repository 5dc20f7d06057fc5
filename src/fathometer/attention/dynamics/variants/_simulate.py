"""Simulation of the variants in plain time."""

import dataclasses
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from fathometer.attention.dynamics._assembly import DIFFRAX, assemble, read_times
from fathometer.attention.dynamics._simulate import MAX_STEPS, local_error
from fathometer.attention.model._variant import Variant
from fathometer.attention.model._variant_field import Rules, Weights, variant_velocity
from fathometer.attention.model.variants._noisy_system import NoisySystem
from fathometer.attention.model.weights._random_values import RandomValues
from fathometer.evidence import InputError, Origin, Trajectory, finite_number
from fathometer.numerics import in_three_ways, nudged, solve_at, step_control


def simulate_variant(variant: Variant, times: ArrayLike, tolerance: float = 1e-8) -> Trajectory:
    """Integrate a variant with an adaptive Runge-Kutta method (Tsit5).

    Args:
        variant: the tokens at time 0 and their attention.
        times: shape (length,), strictly increasing from 0.
        tolerance: as for `simulate`, between 1e-13 and 1e-7.

    Returns:
        A trajectory along time with states "points", shape (length, n, d), unit rows, and "radii", shape (length, n),
        all 1 where nothing grows (post, ngpt); and with events "k clusters" at the default resolution. It has twins and
        a condition, as those of `simulate`.

    Raises:
        InputError: if a value is not as above, or the times ask for more than a million steps.
    """
    axis, tolerance = read_times(times), finite_number("tolerance", tolerance, at_least=1e-13, at_most=1e-7)
    beta = variant.system.beta

    def run(error: float, nudge: float) -> Trajectory:
        return assemble(variant, axis, _follow(variant, axis.points, error, nudge), DIFFRAX, beta=beta)

    return in_three_ways(run, local_error(beta, tolerance))


def _follow(
    variant: Variant, times: Float[np.ndarray, " t"], local: float, nudge: float
) -> dict[str, Float[np.ndarray, "t ..."]]:
    """Points and radii at the times.

    Raises:
        InputError: if the last time is out of reach.
    """
    system = variant.system
    start = nudged(system.points, nudge)
    vectors, done = _solve(
        *map(jnp.asarray, (start, system.masses, system.beta, times, local)),
        variant.weights,
        variant.rules,
    )
    if not done:
        raise InputError(f"times must end before {times[-1]:g}: more than {MAX_STEPS} steps are needed")
    radii = np.linalg.norm(np.asarray(vectors), axis=-1)
    points = np.asarray(vectors) / radii[..., None]
    points[0] = system.points
    grows = variant.normalization.grows
    return {"points": points, "radii": radii if grows else np.ones_like(radii)}


def as_tokens(run: Trajectory) -> Trajectory:
    """Return the run of a variant, perhaps with noise or random values, as recorded tokens, for their observables.

    The theorems on plain SA and USA speak of other dynamics: what they say of such a run is no test of them.

    Args:
        run: of a variant, with noise or with random values, with states "points".

    Raises:
        InputError: if the problem of the run is none of these.
    """
    problem = run.problem
    variant = problem.variant if isinstance(problem, NoisySystem | RandomValues) else Variant.expect(problem)
    return dataclasses.replace(run, problem=variant.system, origin=Origin.RECORDED)


@partial(jax.jit, static_argnames="rules")
def _solve(
    points: Float[Array, "n d"],
    masses: Float[Array, " n"],
    beta: Float[Array, ""],
    times: Float[Array, " t"],
    local: Float[Array, ""],
    weights: Weights,
    rules: Rules,
) -> tuple[Float[Array, "t n d"], Array]:
    solved = solve_at(
        times,
        lambda t, vectors, data: variant_velocity(vectors, masses, beta, weights, rules),
        points,
        step_control(local),
        most_steps=MAX_STEPS,
        lands=True,
    )
    return solved.states, solved.done

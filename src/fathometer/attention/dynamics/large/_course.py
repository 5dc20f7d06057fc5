"""How a large system is carried on in time, in compiled code."""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from fathometer.attention.dynamics.large._circle import CircleSeries, series_interaction
from fathometer.attention.dynamics.large._field import Method, Precision, angles_of, series_on_sphere
from fathometer.attention.dynamics.large._sphere import Tables, interaction_on_sphere
from fathometer.attention.dynamics.large._tiles import interaction_in_tiles, rounding_error, usual_tile
from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.evidence import InputError
from fathometer.numerics import WIDE_VECTORS, project_to_sphere, solve_to, step_control

MOST_STEPS = 100_000
"""Between two of the times."""

State = tuple[Array, Array]
"""Angles (series in dimension 2) or points, and the energy dissipated."""


class Course(NamedTuple):
    """How a system is integrated: the arrays that the compiled code takes, and what it is compiled for.

    Attributes:
        start: angles, shape (n,), with the series in dimension 2; else points, shape (n, d).
        masses: shape (n,).
        field: arrays of the method: coefficients of a series, or beta.
        sizes: numbers of the method that code is compiled for: cells and terms, or tokens in a tile.
        model: SA or USA.
        method: tiles or series.
        precision: of the arithmetic.
        beta: inverse temperature.
        error: of the force, in units of the total mass (series) or of Z_i (tiles).
    """

    start: Array
    masses: Array
    field: tuple[Array, ...]
    sizes: tuple[int, ...]
    model: Model
    method: Method
    precision: Precision
    beta: float
    error: float


def course_of(system: ParticleSystem, method: Method, precision: Precision) -> Course:
    """Prepare a system for the steps.

    Args:
        system: the tokens at time 0.
        method: tiles, or the series in dimension 2 or 3.
        precision: of the arithmetic; float64 with the series in dimension 2.
    """
    kind = np.dtype(precision)
    common = (system.model, method, precision, system.beta)
    if method is Method.SERIES and system.points.shape[1] == 2:
        series = CircleSeries(system.beta)
        sizes = (series.cells, series.terms)
        arrays = jnp.asarray(angles_of(system)), jnp.asarray(system.masses), (series.kernel, series.pull)
        return Course(*arrays, sizes, *common, series.error)
    arrays = jnp.asarray(system.points, kind), jnp.asarray(system.masses, kind)
    if method is Method.SERIES:
        series, error = series_on_sphere(system.beta, precision)
        return Course(*arrays, tuple(table.astype(kind) for table in series.tables), (), *common, error)
    error = rounding_error(system.beta, system.points.shape[1], precision)
    return Course(*arrays, (jnp.asarray(system.beta, kind),), (usual_tile(),), *common, error)


def forces(state: Array, masses: Array, field: Any, sizes: Any, method: Method) -> tuple[Array, Array]:
    """Force and Z at angles (series in dimension 2) or at points near the sphere.

    Args:
        state: angles, shape (n,), or points, shape (n, d).
        masses: shape (n,), sum 1.
        field: what the method needs, see `Course`.
        sizes: likewise.
        method: tiles or series.
    """
    if state.ndim == 1:
        return series_interaction(state, masses, field, sizes)
    points = project_to_sphere(state)
    if method is Method.SERIES:
        return interaction_on_sphere(points, masses, Tables(*field))
    return interaction_in_tiles(points, masses, *field, *sizes)


compiled_forces = jax.jit(forces, static_argnames=("sizes", "method"), compiler_options=WIDE_VECTORS)


def _flow(t: object, state: State, args: Any, sizes: tuple[int, ...], model: Model, method: Method) -> State:
    masses, field = args
    force, partition = forces(state[0], masses, field, sizes, method)
    scale = jnp.ones_like(partition) if model is Model.USA else 1 / partition
    if force.ndim == 1:
        return force * scale, jnp.dot(masses * scale, force**2)
    return force * scale[:, None], jnp.dot(masses * scale, jnp.sum(force**2, axis=1))


@partial(jax.jit, static_argnames=("sizes", "model", "method"), compiler_options=WIDE_VECTORS)
def _solve(
    state: State,
    span: Float[Array, ""],
    step: Float[Array, ""],
    local: Float[Array, ""],
    masses: Float[Array, " n"],
    field: tuple[Array, ...],
    sizes: tuple[int, ...],
    model: Model,
    method: Method,
) -> tuple[State, Float[Array, ""], Array]:
    """State after a span of time, a usual step, and whether the steps sufficed."""
    motion = partial(_flow, sizes=sizes, model=model, method=method)
    solved = solve_to(
        span, motion, state, step_control(local), data=(masses, field), first_step=step, most_steps=MOST_STEPS
    )
    points, dissipated = jax.tree.map(lambda leaf: leaf[-1], solved.states)
    if points.ndim == 2:
        points = project_to_sphere(points)
    return (points, dissipated), span / jnp.maximum(solved.steps, 1), solved.done


def advance(
    course: Course, state: State, span: float, step: Array | None, tolerance: float
) -> tuple[State, Float[Array, ""]]:
    """State after a span of time, and a step to go on with.

    Args:
        course: how the tokens are moved.
        state: points or angles, and the energy dissipated.
        span: of time, above 0.
        step: first one to try; None for 1e-3.
        tolerance: error of a step in any coordinate, times max(1, beta); above 0.

    Raises:
        InputError: if the steps do not suffice.
    """
    kind = np.dtype(course.precision)
    local = max(tolerance / max(1.0, course.beta), 32 * float(np.finfo(kind).eps))
    first = jnp.minimum(jnp.asarray(span, kind), 1e-3 if step is None else step)
    numbers = (jnp.asarray(span, kind), first, jnp.asarray(local, kind))
    shape = (course.sizes, course.model, course.method)
    state, usual, done = _solve(state, *numbers, course.masses, course.field, *shape)
    if not done:
        raise InputError(f"times must be closer: more than {MOST_STEPS} steps are needed between two of them")
    return state, usual

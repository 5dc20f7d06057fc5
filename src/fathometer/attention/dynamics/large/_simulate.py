"""Simulation of a large system: observed while it runs, in memory proportional to the number of tokens."""

from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from fathometer.attention.dynamics._assembly import read_times
from fathometer.attention.dynamics._simulate import Watch
from fathometer.attention.dynamics.large._course import Course, State, advance, compiled_forces, course_of
from fathometer.attention.dynamics.large._field import Method, Precision, choose
from fathometer.attention.dynamics.large._ways import Asked, Look, Progress, follow, nudge_for
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._standard import mean_cosine
from fathometer.evidence import Observable, Trajectory, finite_number
from fathometer.numerics import nudged


def simulate_large(
    system: ParticleSystem,
    times: ArrayLike,
    *,
    method: Method | str | None = None,
    precision: Precision | str = Precision.FLOAT64,
    tolerance: float = 1e-6,
    observables: Sequence[Observable] = (),
    keep_states: bool = False,
    progress: Progress | None = None,
    watch: Watch | None = None,
) -> Trajectory:
    """Integrate the motion of many tokens with an adaptive Runge-Kutta method (Tsit5), and keep what was observed.

    Forces are those of `evaluate_field`: their errors are absolute, so that motions slower than rounding, as between
    clusters on a long plateau, are not resolved; `simulate_collapse` is for those.

    Args:
        system: the tokens at time 0.
        times: shape (length,), strictly increasing from 0: where the run is observed.
        method: tiles or series; if not given, the series where it is faster, with float64, and tiles elsewhere.
        precision: of the arithmetic.
        tolerance: error of a step in any coordinate, in units of the square of the interaction range 1/max(1, beta),
            but at least 32 roundings; between 1e-12 and 1e-3.
        observables: measured at every time beside those below, from the state "points".
        keep_states: store the points at all times, which takes memory for all of them.
        progress: see `Progress`.
        watch: see `Watch` of `simulate`.

    Returns:
        A trajectory along time that has observed "unit_energy", "mean_cosine" and (beta > 0) "dissipation_defect",
        with the state "dissipated", shape (length,), and on request "points", shape (length, n, d). It has twins and a
        condition, as those of `simulate`, which run beside it and take 1.3 times its time.

    Raises:
        InputError: if a value is not allowed, or more than 1e5 steps are needed between two of the times.
    """
    method, precision = choose(system, method, precision)
    axis = read_times(times)
    tolerance = finite_number("tolerance", tolerance, at_least=1e-12, at_most=1e-3)
    motion = _Tokens(system, course_of(system, method, precision))
    size = nudge_for(system.beta, tolerance, precision)
    return follow(system, axis, motion, Asked(tolerance, size, observables, keep_states, progress, watch))


class _Tokens:
    """The motion of tokens on one device; see `Motion`."""

    def __init__(self, system: ParticleSystem, course: Course) -> None:
        self._system, self._course = system, course
        self.error, self.precision = course.error, str(course.precision)

    def start(self, nudge: float) -> State:
        own = self._course.start
        moved = own if nudge == 0 else jnp.asarray(nudged(np.asarray(own), nudge), own.dtype)
        return moved, jnp.zeros((), self._course.precision)

    def advance(self, state: State, span: float, step: Array | None, tolerance: float) -> tuple[State, Array]:
        return advance(self._course, state, span, step, tolerance)

    def apart(self, one: Array, other: Array) -> float:
        return float(jnp.max(jnp.abs(one - other)))

    def look(self, state: Array, at_start: bool) -> Look:
        course, masses = self._course, self._system.masses
        _, partition = compiled_forces(state, course.masses, course.field, course.sizes, course.method)
        points = self._system.points if at_start else _points(state)
        energy = float(masses @ np.asarray(partition, np.float64))
        return Look(energy, float(mean_cosine(points, masses)), lambda: points)


def _points(state: Array) -> Float[np.ndarray, "n d"]:
    if state.ndim == 1:
        return np.stack([np.cos(state), np.sin(state)], axis=1)
    points = np.asarray(state, np.float64)
    return points / np.linalg.norm(points, axis=1, keepdims=True)

"""Simulation of a large system: observed while it runs, in memory proportional to the number of tokens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike, NDArray

from fathometer.attention._observables import mean_cosine
from fathometer.attention._simulate import read_times
from fathometer.attention._system import ParticleSystem
from fathometer.attention.large._course import Course, State, advance, compiled_forces, course_of
from fathometer.attention.large._field import Method, Precision, choose
from fathometer.evidence import Axis, Estimate, Observable, Origin, Provenance, Trajectory, finite_number

Progress = Callable[[float, float, float], None]
"""Called at every time with the time, the unit energy and the mean cosine; what it raises stops the run."""


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

    Returns:
        A trajectory along time that has observed "unit_energy", "mean_cosine" and (beta > 0) "dissipation_defect",
        with the state "dissipated", shape (length,), and on request "points", shape (length, n, d).

    Raises:
        InputError: if a value is not allowed, or more than 1e5 steps are needed between two of the times.
    """
    method, precision = choose(system, method, precision)
    axis = read_times(times)
    tolerance = finite_number("tolerance", tolerance, at_least=1e-12, at_most=1e-3)
    course = course_of(system, method, precision)
    seen = _Seen([], [], [], [], {observable.name: [] for observable in observables})
    state, step = (course.start, jnp.zeros((), precision)), None
    for before, now in zip([0.0, *axis.points[:-1]], axis.points, strict=True):
        if now > before:
            state, step = advance(course, state, float(now - before), step, tolerance)
        seen.note(system, course, state, observables, keep_states)
        if progress is not None:
            progress(float(now), seen.energy[-1], seen.cosine[-1])
    return _trajectory(system, axis, course, seen)


@dataclass
class _Seen:
    """What was observed so far."""

    energy: list[float]
    cosine: list[float]
    dissipated: list[float]
    points: list[NDArray]
    more: dict[str, list[Estimate]]

    def note(
        self, system: ParticleSystem, course: Course, state: State, observables: Sequence[Observable], keep: bool
    ) -> None:
        _, partition = compiled_forces(state[0], course.masses, course.field, course.sizes, course.method)
        points = _points(state[0])
        self.energy.append(float(system.masses @ np.asarray(partition, np.float64)))
        self.cosine.append(float(mean_cosine(points, system.masses)))
        self.dissipated.append(float(state[1]))
        if keep:
            self.points.append(points)
        for observable in observables:
            self.more[observable.name].append(observable.measure(system, {"points": points[None]}))


def _points(state: Array) -> Float[np.ndarray, "n d"]:
    if state.ndim == 1:
        return np.stack([np.cos(state), np.sin(state)], axis=1)
    points = np.asarray(state, np.float64)
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def _trajectory(system: ParticleSystem, axis: Axis, course: Course, seen: _Seen) -> Trajectory:
    energy, dissipated = np.array(seen.energy), np.array(seen.dissipated)
    observed = {
        "unit_energy": Estimate.heuristic(energy, energy - course.error, energy + course.error),
        "mean_cosine": Estimate.exact(np.array(seen.cosine)),
    } | {name: _joined(found) for name, found in seen.more.items()}
    if system.beta > 0:
        observed["dissipation_defect"] = _defect(energy, dissipated, system.beta, course.error)
    packages = ("fathometer", "numpy", "jax", "diffrax")
    return Trajectory(
        system,
        axis,
        {"dissipated": dissipated} | ({"points": np.stack(seen.points)} if seen.points else {}),
        Origin.SIMULATED,
        observed=observed,
        provenance=Provenance.here(None, packages, jax.default_backend(), str(course.precision)),
    )


def _defect(
    energy: Float[np.ndarray, " t"], dissipated: Float[np.ndarray, " t"], beta: float, error: float
) -> Estimate:
    """Rise of EE/(2 beta) less the energy dissipated, relative to the largest rise."""
    rise = (energy - energy[0]) / (2 * beta)
    total = np.max(np.abs(rise))
    if total == 0:
        return Estimate.heuristic(np.full(len(rise), np.nan), -np.inf, np.inf)
    defect, blur = (rise - dissipated) / total, error / (beta * total)
    return Estimate.heuristic(defect, defect - blur, defect + blur)


def _joined(parts: list[Estimate]) -> Estimate:
    """Estimates of single states as one along the axis."""
    value, lower, upper = (
        np.concatenate([np.atleast_1d(getattr(part, name)) for part in parts]) for name in ("value", "lower", "upper")
    )
    return Estimate(value, lower, upper, parts[0].kind, parts[0].confidence)

"""Simulation of a large system: observed while it runs, in memory proportional to the number of tokens."""

from collections.abc import Callable, Sequence
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike, NDArray

from fathometer.attention.dynamics._assembly import read_times
from fathometer.attention.dynamics._simulate import Watch
from fathometer.attention.dynamics.large._course import Course, State, advance, compiled_forces, course_of
from fathometer.attention.dynamics.large._field import Method, Precision, choose
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._standard import mean_cosine
from fathometer.evidence import Axis, Estimate, Observable, Origin, Provenance, Trajectory, finite_number
from fathometer.numerics import LOOSER, nudge_of, nudged, warning_of

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
    course = course_of(system, method, precision)
    size = max(32 * float(np.finfo(precision).eps), nudge_of(tolerance / max(1.0, system.beta)))
    moved = course._replace(start=jnp.asarray(nudged(np.asarray(course.start), size), course.start.dtype))
    runs = [
        _Run(each, error, observables, keep_states)
        for each, error in ((course, tolerance), (course, LOOSER * tolerance), (moved, LOOSER * tolerance))
    ]
    condition = doubt = 0.0
    for before, now in zip([0.0, *axis.points[:-1]], axis.points, strict=True):
        for run in runs:
            run.advance(system, float(now - before))
        here, loose, nudge = (run.state[0] for run in runs)
        condition = max(condition, float(jnp.max(jnp.abs(loose - nudge))) / size)
        doubt = max(doubt, float(jnp.max(jnp.abs(here - loose))), float(jnp.max(jnp.abs(here - nudge))))
        if progress is not None:
            progress(float(now), runs[0].energy[-1], runs[0].cosine[-1])
        if watch is not None:
            watch(float(now), partial(_so_far, system, axis, runs, len(runs[0].energy), condition, doubt))
    return _so_far(system, axis, runs, len(axis.points), condition, doubt)


def _so_far(
    system: ParticleSystem, axis: Axis, runs: "list[_Run]", count: int, condition: float, doubt: float
) -> Trajectory:
    """The run and its twins up to a number of times."""
    head = Axis(axis.kind, axis.points[:count], axis.label)
    own, *others = (_trajectory(system, head, run) for run in runs)
    return own.checked(others, condition=condition, warning=warning_of(doubt, condition))


class _Run:
    """One way through the times, and what was observed on it so far."""

    def __init__(self, course: Course, tolerance: float, observables: Sequence[Observable], keep: bool) -> None:
        self.course, self._tolerance, self._observables, self._keep = course, tolerance, observables, keep
        self.state: State = (course.start, jnp.zeros((), course.precision))
        self._step: Array | None = None
        self.energy: list[float] = []
        self.cosine: list[float] = []
        self.dissipated: list[float] = []
        self.points: list[NDArray] = []
        self.more: dict[str, list[Estimate]] = {observable.name: [] for observable in observables}

    def advance(self, system: ParticleSystem, span: float) -> None:
        """Go on for a span of time, and observe."""
        if span > 0:
            self.state, self._step = advance(self.course, self.state, span, self._step, self._tolerance)
        start = system.points if span == 0 else None
        self._note(system, _points(self.state[0]) if start is None else start)

    def _note(self, system: ParticleSystem, points: Float[np.ndarray, "n d"]) -> None:
        course = self.course
        _, partition = compiled_forces(self.state[0], course.masses, course.field, course.sizes, course.method)
        self.energy.append(float(system.masses @ np.asarray(partition, np.float64)))
        self.cosine.append(float(mean_cosine(points, system.masses)))
        self.dissipated.append(float(self.state[1]))
        if self._keep:
            self.points.append(points)
        for observable in self._observables:
            self.more[observable.name].append(observable.measure(system, {"points": points[None]}))


def _points(state: Array) -> Float[np.ndarray, "n d"]:
    if state.ndim == 1:
        return np.stack([np.cos(state), np.sin(state)], axis=1)
    points = np.asarray(state, np.float64)
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def _trajectory(system: ParticleSystem, axis: Axis, seen: _Run) -> Trajectory:
    course = seen.course
    count = len(axis.points)
    energy, dissipated = np.array(seen.energy[:count]), np.array(seen.dissipated[:count])
    observed = {
        "unit_energy": Estimate.heuristic(energy, energy - course.error, energy + course.error),
        "mean_cosine": Estimate.exact(np.array(seen.cosine[:count])),
    } | {name: _joined(estimates[:count]) for name, estimates in seen.more.items()}
    if system.beta > 0:
        observed["dissipation_defect"] = _defect(energy, dissipated, system.beta, course.error)
    packages = ("fathometer", "numpy", "jax", "diffrax")
    return Trajectory(
        system,
        axis,
        {"dissipated": dissipated} | ({"points": np.stack(seen.points[:count])} if seen.points else {}),
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

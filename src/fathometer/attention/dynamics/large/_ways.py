"""A run of many tokens and its two twins, side by side through the times, observed on the way."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple, Protocol, runtime_checkable

import jax
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import NDArray

from fathometer.attention.dynamics._simulate import Watch
from fathometer.attention.dynamics.large._course import State
from fathometer.attention.model._system import ParticleSystem
from fathometer.evidence import Axis, Estimate, Observable, Origin, Provenance, Trajectory
from fathometer.numerics import LOOSER, nudge_of, warning_of

Progress = Callable[[float, float, float], None]
"""Called at every time with the time, the unit energy and the mean cosine; what it raises stops the run."""


class Look(NamedTuple):
    """What is seen of a state.

    Attributes:
        energy: unit energy.
        cosine: mean cosine.
        points: returns the points, shape (n, d).
    """

    energy: float
    cosine: float
    points: Callable[[], Float[np.ndarray, "n d"]]


@runtime_checkable
class Motion(Protocol):
    """How tokens are carried on in time: on one device, or on many.

    Attributes:
        error: of Z_i, absolute.
        precision: of the arithmetic.
    """

    error: float
    precision: str

    def start(self, nudge: float) -> State:
        """State at time 0, with every coordinate changed by about `nudge`."""
        ...

    def advance(self, state: State, span: float, step: Array | None, tolerance: float) -> tuple[State, Array]:
        """State after a span of time, and a usual step.

        Args:
            state: to go on from.
            span: of time, above 0.
            step: first one to try; None for a small one.
            tolerance: error of a step in any coordinate, times max(1, beta).
        """
        ...

    def apart(self, one: Array, other: Array) -> float:
        """Largest difference of two states in any coordinate."""
        ...

    def look(self, state: Array, at_start: bool) -> Look:
        """What is seen of a state; at time 0 it is the system's own."""
        ...


class Asked(NamedTuple):
    """What is asked of a run.

    Attributes:
        tolerance: error of a step, times max(1, beta).
        nudge: size of the change of the start of a twin.
        observables: measured at every time from the state "points".
        keep_states: whether the points at all times are stored.
        progress: see `Progress`.
        watch: see `Watch` of `simulate`.
    """

    tolerance: float
    nudge: float
    observables: Sequence[Observable] = ()
    keep_states: bool = False
    progress: Progress | None = None
    watch: Watch | None = None


def nudge_for(beta: float, tolerance: float, precision: str) -> float:
    """Size of the change of the start of a twin.

    Args:
        beta: inverse temperature.
        tolerance: of the run, times max(1, beta).
        precision: of the arithmetic.
    """
    return max(32 * float(np.finfo(precision).eps), nudge_of(tolerance / max(1.0, beta)))


def follow(system: ParticleSystem, axis: Axis, motion: Motion, asked: Asked) -> Trajectory:
    """Take a run and its twins through the times.

    Args:
        system: the tokens at time 0.
        axis: times from 0 on.
        motion: how they are carried on.
        asked: tolerance, and what is observed.

    Raises:
        InputError: if the steps between two times do not suffice.
    """
    ways = [_Way(motion, asked, error, nudge) for error, nudge in ((1.0, 0.0), (LOOSER, 0.0), (LOOSER, asked.nudge))]
    condition = doubt = 0.0
    for before, now in zip([0.0, *axis.points[:-1]], axis.points, strict=True):
        for way in ways:
            way.advance(system, float(now - before))
        here, loose, nudge = (way.state[0] for way in ways)
        condition = max(condition, motion.apart(loose, nudge) / asked.nudge)
        doubt = max(doubt, motion.apart(here, loose), motion.apart(here, nudge))
        if asked.progress is not None:
            asked.progress(float(now), ways[0].energy[-1], ways[0].cosine[-1])
        if asked.watch is not None:
            asked.watch(float(now), partial(_so_far, system, axis, ways, len(ways[0].energy), condition, doubt))
    return _so_far(system, axis, ways, len(axis.points), condition, doubt)


def _so_far(
    system: ParticleSystem, axis: Axis, ways: "list[_Way]", count: int, condition: float, doubt: float
) -> Trajectory:
    """The run and its twins up to a number of times."""
    head = Axis(axis.kind, axis.points[:count], axis.label)
    own, *others = (_trajectory(system, head, way) for way in ways)
    return own.checked(others, condition=condition, warning=warning_of(doubt, condition))


class _Way:
    """One way through the times, and what was observed on it so far."""

    def __init__(self, motion: Motion, asked: Asked, looser: float, nudge: float) -> None:
        self.motion, self._asked, self._tolerance = motion, asked, looser * asked.tolerance
        self.state = motion.start(nudge)
        self._step: Array | None = None
        self.energy: list[float] = []
        self.cosine: list[float] = []
        self.dissipated: list[float] = []
        self.points: list[NDArray] = []
        self.more: dict[str, list[Estimate]] = {observable.name: [] for observable in asked.observables}

    def advance(self, system: ParticleSystem, span: float) -> None:
        """Go on for a span of time, and observe."""
        if span > 0:
            self.state, self._step = self.motion.advance(self.state, span, self._step, self._tolerance)
        seen = self.motion.look(self.state[0], span == 0)
        self.energy.append(seen.energy)
        self.cosine.append(seen.cosine)
        self.dissipated.append(float(self.state[1]))
        if self._asked.keep_states or self._asked.observables:
            self._note(system, seen.points())

    def _note(self, system: ParticleSystem, points: Float[np.ndarray, "n d"]) -> None:
        if self._asked.keep_states:
            self.points.append(points)
        for observable in self._asked.observables:
            self.more[observable.name].append(observable.measure(system, {"points": points[None]}))


def _trajectory(system: ParticleSystem, axis: Axis, seen: _Way) -> Trajectory:
    motion = seen.motion
    count = len(axis.points)
    energy, dissipated = np.array(seen.energy[:count]), np.array(seen.dissipated[:count])
    observed = {
        "unit_energy": Estimate.heuristic(energy, energy - motion.error, energy + motion.error),
        "mean_cosine": Estimate.exact(np.array(seen.cosine[:count])),
    } | {name: _joined(estimates[:count]) for name, estimates in seen.more.items()}
    if system.beta > 0:
        observed["dissipation_defect"] = _defect(energy, dissipated, system.beta, motion.error)
    packages = ("fathometer", "numpy", "jax", "diffrax")
    return Trajectory(
        system,
        axis,
        {"dissipated": dissipated} | ({"points": np.stack(seen.points[:count])} if seen.points else {}),
        Origin.SIMULATED,
        observed=observed,
        provenance=Provenance.here(None, packages, jax.default_backend(), motion.precision),
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

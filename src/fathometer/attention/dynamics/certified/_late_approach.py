"""The last approach: how one cluster becomes a point, run on from where a run has it for the rate of that."""

import dataclasses

import numpy as np
from jaxtyping import Bool, Float

from fathometer.attention.dynamics._simulate import simulate
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables.clusters._clusters import default_resolution
from fathometer.attention.observables.clusters._gaps import diameter
from fathometer.evidence import AxisKind, Trajectory

_NARROW = 0.1
"""Width at the start of the approach, in units of the chord of one cluster, at most."""
_FINEST = 1e-6
"""Width below which a state is left alone, in the same unit: it is rounding."""
_LONGEST = 3000.0
"""Time that is run in plain steps to get there."""
_ANTIPODAL = 1e-14
"""Distance of a point from the antipode of the other one below which no great circle is theirs."""
_TIMES = np.linspace(0.0, 8.0, 11)
"""Widths fall to a three-thousandth of that at the start."""


def late_approach(run: Trajectory) -> Trajectory | None:
    """Run on the one cluster at the end of a run, in plain time and closely watched; None where it cannot be had.

    Where two points are left, far apart, their gap is shortened along their great circle, on which they pass through
    all of its values, so that the approach is theirs however late it comes.

    Args:
        run: of plain tokens, along time or log time, with states "points" and cluster events.
    """
    if not isinstance(run.problem, ParticleSystem) or "points" not in run.states:
        return None
    chord = default_resolution(run.problem.beta)
    widths = diameter(run.states["points"])
    near = np.flatnonzero((widths <= chord) & (widths >= _FINEST * chord))
    far = np.flatnonzero(widths > chord)
    if len(near):
        return _approach(_at(run, int(near[0])), float(widths[near[0]]), chord)
    if not len(far):
        return None
    state = run.states["points"][far[-1]]
    halves = _two_points(state, chord)
    if halves is not None:
        return _approach(_pair(_at(run, int(far[-1])), halves, chord), chord, chord)
    return _after_waiting(run, int(far[-1]), chord)


def _after_waiting(run: Trajectory, last: int, chord: float) -> Trajectory | None:
    """The approach of more than two clusters, from the last state in which they are apart."""
    with np.errstate(over="ignore"):
        met, since = float(run.event("1 clusters").upper), float(run.axis.points[last])
        if run.axis.kind is AxisKind.LOG_TIME:
            met, since = float(np.exp(met)), float(np.exp(since))
    if not met - since < _LONGEST:
        return None
    there = simulate(_at(run, last), [0.0, met - since + 1.0])
    width = float(diameter(there.states["points"])[-1])
    return None if width > chord or width < _FINEST * chord else _approach(_at(there, 1), width, chord)


def _approach(system: ParticleSystem, width: float, chord: float) -> Trajectory:
    """From the time on when the cluster is narrow."""
    wait = max(float(np.log(width / (_NARROW * chord))), 0.0) + 0.1
    return _later(simulate(system, np.append(0.0, wait + _TIMES), tolerance=1e-10))


def _later(run: Trajectory) -> Trajectory:
    """A run without its first state: a run of the tokens as they are then."""
    axis = dataclasses.replace(run.axis, points=run.axis.points[1:] - run.axis.points[1])
    twins = tuple(dataclasses.replace(twin, states={"points": twin.states["points"][1:]}) for twin in run.twins)
    states = {"points": run.states["points"][1:]}
    return dataclasses.replace(run, problem=_at(run, 1), axis=axis, states=states, twins=twins, events=())


def _at(run: Trajectory, moment: int) -> ParticleSystem:
    system = ParticleSystem.expect(run.problem)
    return dataclasses.replace(system, points=run.states["points"][moment])


def _two_points(state: Float[np.ndarray, "n d"], chord: float) -> Bool[np.ndarray, " n"] | None:
    """Which of two points each token is at, if there are no more than two, and they are not antipodal."""
    apart = np.linalg.norm(state - state[0], axis=1)
    other = apart > np.max(apart) / 2
    if np.linalg.norm(state[~other][0] + state[other][0]) < _ANTIPODAL:
        return None
    spread = max(float(np.max(np.ptp(state[half], axis=0))) for half in (other, ~other))
    return other if spread < 1e-3 * chord else None


def _pair(system: ParticleSystem, other: Bool[np.ndarray, " n"], chord: float) -> ParticleSystem:
    """Two tokens for two points, on their great circle with a chord between them."""
    first, second = system.points[~other][0], system.points[other][0]
    across = second - (second @ first) * first
    angle = 2 * np.arcsin(chord / 2)
    moved = np.cos(angle) * first + np.sin(angle) * across / np.linalg.norm(across)
    masses = [np.sum(system.masses[half]) for half in (~other, other)]
    return ParticleSystem.project([first, moved], system.beta, system.model, masses)

"""Runs of the glued circle."""

import numpy as np

from fathometer.attention.dynamics._assembly import SCIPY
from fathometer.attention.model.variants._glued_circle import Angles, GluedCircle
from fathometer.evidence import Axis, AxisKind, Estimate, Event, InputError, Origin, Provenance, Trajectory
from fathometer.numerics import in_three_ways, nudged, scipy_solve_until


def simulate_glued(problem: GluedCircle, *, farthest: bool = False) -> Trajectory:
    """Follow the particles until one is left.

    Args:
        problem: particles at time 0.
        farthest: run the clock by the farthest pair instead, as it is printed.

    Returns:
        A trajectory along rescaled time, one state at the start and one for every gluing: states "particles", how many
        are left, and "energy", their unit energy, right after; with events "k particles".

    Raises:
        InputError: if the farthest pair makes the clock overflow.
    """
    if farthest and 2 * problem.beta * np.sin(np.ptp(problem.angles) / 2) ** 2 > 600:
        raise InputError(f"beta must be smaller for a clock by the farthest pair, got {problem.beta:g}")

    def run(tolerance: float, nudge: float) -> Trajectory:
        start = np.sort(nudged(problem.angles, nudge))
        return _glue(problem, start, farthest, tolerance)

    return in_three_ways(run, 1e-9, None, apart=True)


def _glue(problem: GluedCircle, angles: Angles, farthest: bool, tolerance: float) -> Trajectory:
    clock, times, energies = 0.0, [0.0], [problem.energy(angles)]
    while len(angles) > 1:
        angles, elapsed = _until_contact(angles, problem, farthest, tolerance)
        clock += elapsed
        times.append(clock)
        energies.append(problem.energy(angles))
    left = np.arange(len(problem.angles), 0, -1)
    events = tuple(_event(int(k), time) for k, time in zip(left, times, strict=True))
    states = {"particles": left, "energy": np.array(energies)}
    axis = Axis(AxisKind.TIME, np.array(times), "rescaled time")
    provenance = Provenance.here(packages=SCIPY)
    return Trajectory(problem, axis, states, Origin.SIMULATED, events=events, provenance=provenance)


def _until_contact(angles: Angles, problem: GluedCircle, farthest: bool, tolerance: float) -> tuple[Angles, float]:
    def speed(s: float, x: Angles) -> Angles:
        return problem.velocities(x, farthest=farthest)

    def excess(s: float, x: Angles) -> float:
        return float(np.min(np.diff(x))) - problem.contact

    time, x = scipy_solve_until(excess, speed, angles, tolerance, latest=1e3 * len(angles) ** 2)
    return np.delete(x, int(np.argmin(np.diff(x)))), time


def _event(k: int, time: float) -> Event:
    return Event(f"{k} particles", Estimate.heuristic(time, time * (1 - 1e-6), time * (1 + 1e-6)))

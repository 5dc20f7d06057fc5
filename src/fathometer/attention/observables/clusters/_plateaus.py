"""Plateaus of the energy: between two mergers it stands still at the sum of the squared masses of the clusters."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._standard import UNIT_ENERGY
from fathometer.attention.observables.clusters._clusters import default_resolution
from fathometer.evidence import AxisKind, Estimate, Record, Trajectory, finite_number
from fathometer.numerics import single_linkage


@dataclass(frozen=True, eq=False)
class Plateau(Record):
    """A stretch of a trajectory on which the unit energy hardly changes.

    Attributes:
        level: the energy on it, with its extremes there and their errors.
        start: where it starts on the axis.
        end: where it ends on the axis; the trajectory's own end if it lasts longer.
        duration: its length; in natural logarithms of time along time, else in units of the axis.
        clusters: number of clusters at the default resolution, at its last state.
        expected_level: sum of the squared masses of these clusters: the level if clusters were points that do not feel
            each other.
    """

    level: Estimate
    start: float
    end: float
    duration: float
    clusters: int
    expected_level: float


def energy_plateaus(run: Trajectory, height: float = 0.01, shortest: float = 0.5) -> tuple[Plateau, ...]:
    """Find the plateaus of the unit energy, longest first claimed, in the order of the axis.

    Args:
        run: tokens along any axis, with states "points"; along time, time 0 is left out.
        height: by how much the energy may change on one, in (0, 1).
        shortest: least duration (see `Plateau`), above 0.

    Raises:
        InputError: if a value is not as above.
    """
    height = finite_number("height", height, above=0, below=1)
    shortest = finite_number("shortest", shortest, above=0)
    scale, first = _scale(run)
    seen = run.observe(UNIT_ENERGY)
    energy = np.asarray(seen.value)[first:]
    if not len(scale):
        return ()
    ends = _reach(energy, height)
    spans = sorted(_claim(scale, ends, shortest))
    return tuple(_plateau(run, seen, scale, first, start, end) for start, end in spans)


def _scale(run: Trajectory) -> tuple[NDArray[np.float64], int]:
    """Positions along the axis on which durations are measured, and the index of the first state that has one."""
    points = run.axis.points
    if run.axis.kind is not AxisKind.TIME:
        return points, 0
    first = int(np.searchsorted(points, 0.0, side="right"))
    return np.log(points[first:]), first


def _reach(energy: Float[np.ndarray, " t"], height: float) -> Int[np.ndarray, " t"]:
    """For every state the last one up to which the energy stays within the height."""
    ends = np.empty(len(energy), int)
    for start in range(len(energy)):
        tail = energy[start:]
        inside = np.maximum.accumulate(tail) - np.minimum.accumulate(tail) <= height
        ends[start] = start + (len(tail) if inside.all() else int(np.argmin(inside))) - 1
    return ends


def _claim(scale: Float[np.ndarray, " t"], ends: Int[np.ndarray, " t"], shortest: float) -> list[tuple[int, int]]:
    """Take the longest stretches first and drop what overlaps with one that is taken."""
    lengths = scale[ends] - scale
    taken = np.zeros(len(scale), bool)
    spans = []
    for start in np.argsort(-lengths, kind="stable"):
        span = slice(start, ends[start] + 1)
        if lengths[start] >= shortest and not taken[span].any():
            taken[span] = True
            spans.append((int(start), int(ends[start])))
    return spans


def _plateau(
    run: Trajectory, energy: Estimate, scale: Float[np.ndarray, " t"], first: int, start: int, end: int
) -> Plateau:
    there = slice(first + start, first + end + 1)
    value, lower, upper = (np.asarray(part)[there] for part in (energy.value, energy.lower, energy.upper))
    masses = _cluster_masses(ParticleSystem.expect(run.problem), run.states["points"][first + end])
    ends = np.median(value), lower.min(), upper.max()
    return Plateau(
        Estimate.heuristic(*ends) if run.twins else Estimate.enclosed(*ends),
        float(run.axis.points[first + start]),
        float(run.axis.points[first + end]),
        float(scale[end] - scale[start]),
        len(masses),
        float(masses @ masses),
    )


def _cluster_masses(system: ParticleSystem, points: Float[np.ndarray, "n d"]) -> NDArray[np.float64]:
    labels = single_linkage(points, default_resolution(system.beta))
    return np.bincount(labels, system.masses).astype(np.float64)

"""A collapse with its checks: one run, a finer one, a perturbed one, and what their differences say."""

import math
from collections.abc import Callable, Mapping

import numpy as np

from fathometer.attention.dynamics.collapse._drive import Run
from fathometer.attention.dynamics.collapse._events import Check, compare, plain_events
from fathometer.attention.dynamics.collapse._meetings import Joined, joined
from fathometer.attention.dynamics.collapse._record import Collapse, CollapseEvent, EnergyLevel
from fathometer.attention.dynamics.collapse._snapshot import Snapshot
from fathometer.attention.dynamics.collapse._status import CollapseStatus, Settings, advice
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._clusters import default_resolution
from fathometer.evidence import Estimate, finite_number, whole_number

_TWIN_SEED = 0x7717
"""Not a seed that anyone draws points with: the shift must not be parallel to them."""

Progress = Callable[[str, Run], None]
"""Called at checkpoints with the name of the run ("run", "fine", "coarse", "twin") and the run itself."""

_FINEST = 1e-12
"""Errors of positions that steps may be asked for without being at the mercy of rounding."""


def simulate_collapse(
    system: ParticleSystem,
    *,
    tolerance: float = 1e-8,
    event_chord: float | None = None,
    check: bool = True,
    jumps: bool = True,
    max_steps: int = 10_000_000,
    progress: Progress | None = None,
    resume: Mapping[str, Snapshot] | None = None,
) -> Collapse:
    """Follow the clusters from time 0 to the last merger, however long it takes: times are logarithms.

    Steps are taken in arclength, so that their number does not grow with the time that passes. Clusters that have met
    go on as one. A pair whose every other attraction is negligible merges by the closed form of two bodies.

    Args:
        system: the tokens at time 0; coincident ones count as one from the start.
        tolerance: error allowed in log time, by step; between 1e-13 and 1e-4. Final errors are of this order.
        event_chord: distance at which two clusters make an event, at most the interaction range 1/sqrt(max(1, beta));
            a tenth of it if not given.
        check: run again with a tenth of the tolerance (with ten times of it where the rest would be rounding), for the
            errors of the events, and with the points perturbed by max(tolerance / 10, 1e-9), for their condition; about
            3.5 times the work. Events with a condition above 1000, or in another order of merging, are marked as ill
            conditioned, with all that follow.
        jumps: use the closed form for isolated pairs.
        max_steps: number of trials after which to stop with the status STEP_LIMIT.
        progress: see `Progress`; what it raises stops the run, which a `Snapshot` of it continues later.
        resume: snapshots by the names of the runs, of the same system with the same arguments. The result is that of a
            run that was not interrupted.

    Raises:
        InputError: if a value is not as above.
    """
    settings = _settings(system, tolerance, event_chord, jumps, max_steps)
    kept = {} if resume is None else resume
    run = _begin(system, settings, kept.get("run"))
    status = _finish(run, "run", progress)
    mergers = _mergers(run)
    events = plain_events(mergers, system.masses, settings)
    twins: tuple[CollapseEvent, ...] = ()
    if check and status is CollapseStatus.COLLAPSED:
        found = _check(system, settings, progress, kept)
        events = compare(events, mergers, found)
        if any(event.ill_conditioned for event in events):
            twins = plain_events(found.twin, system.masses, settings)
    conditions = [event.condition for event in events if event.condition is not None]
    return Collapse(
        status,
        len(run.cloud.alive),
        events,
        _last(status, events, run.log_time, settings),
        max(conditions, default=None),
        twins,
        tuple(EnergyLevel(k, _finite(log_time), energy) for k, log_time, energy in run.tally.measure(system.beta)),
        run.tally.evaluations,
        run.tally.pairs,
        run.tally.accepted,
        run.tally.rejected,
        run.tally.jumps,
        settings.tolerance,
        settings.event_chord,
        advice(status, settings) or _note(system, settings),
    )


def _settings(
    system: ParticleSystem, tolerance: float, event_chord: float | None, jumps: bool, max_steps: int
) -> Settings:
    length = 1 / max(1.0, system.beta)
    chord = default_resolution(system.beta) if event_chord is None else event_chord
    return Settings(
        finite_number("tolerance", tolerance, at_least=1e-13, at_most=1e-4),
        finite_number("event_chord", chord, at_least=1e-3 * math.sqrt(length), at_most=math.sqrt(length)),
        jumps,
        whole_number("max_steps", max_steps, at_least=1),
        length,
    )


def _begin(system: ParticleSystem, settings: Settings, snapshot: Snapshot | None) -> Run:
    return Run(system, settings) if snapshot is None else snapshot.restore(system, settings)


def _finish(run: Run, name: str, progress: Progress | None) -> CollapseStatus:
    return run.finish(lambda run: progress(name, run) if progress is not None else None)


def _mergers(run: Run) -> tuple[Joined, ...]:
    return tuple(joined(run.cloud.final_meetings()))


def _check(
    system: ParticleSystem, settings: Settings, progress: Progress | None, kept: Mapping[str, Snapshot]
) -> Check:
    other, weight = _other(system, settings, progress, kept)
    size = max(settings.tolerance / 10, 1e-9)
    twin = _begin(_perturbed(system, size), settings, kept.get("twin"))
    _finish(twin, "twin", progress)
    return Check(_mergers(other), weight, _mergers(twin), size, settings.length)


def _other(
    system: ParticleSystem, settings: Settings, progress: Progress | None, kept: Mapping[str, Snapshot]
) -> tuple[Run, float]:
    """A run with a tenth of the tolerance, or where rounding is in its way with ten times of it, and its weight."""
    if settings.finer().tolerance * settings.length >= _FINEST:
        fine = _begin(system, settings.finer(), kept.get("fine"))
        if _finish(fine, "fine", progress) is CollapseStatus.COLLAPSED:
            return fine, 5.0
    coarse = _begin(system, settings.coarser(), kept.get("coarse"))
    _finish(coarse, "coarse", progress)
    return coarse, 1.0


def _perturbed(system: ParticleSystem, size: float) -> ParticleSystem:
    """The same tokens, each moved by `size` in a random direction that is always the same."""
    points = system.points
    shift = np.random.default_rng(_TWIN_SEED).standard_normal(points.shape)
    shift -= np.sum(shift * points, axis=1, keepdims=True) * points
    moved = points + size * shift / np.linalg.norm(shift, axis=1, keepdims=True)
    return ParticleSystem.project(moved, system.beta, system.model, system.masses)


def _last(status: CollapseStatus, events: tuple[CollapseEvent, ...], log_time: float, settings: Settings) -> Estimate:
    if status is not CollapseStatus.COLLAPSED:
        return Estimate.heuristic(math.inf, log_time, math.inf)
    if not events or events[-1].log_time is None:
        return Estimate.exact(-math.inf)
    value, error = events[-1].log_time, events[-1].error
    if error is None:
        error = 10 * settings.tolerance
    return Estimate.heuristic(value, value - error, value + error)


def _note(system: ParticleSystem, settings: Settings) -> str:
    if settings.tolerance * settings.length >= 1e-12:
        return ""
    return f"the tolerance is below {1e-12 / settings.length:.1g}: rounding limits the digits at beta = {system.beta:g}"


def _finite(log_time: float) -> float | None:
    return log_time if math.isfinite(log_time) else None

"""A collapse with its checks: one run, a finer one, a perturbed one, and what their differences say."""

import math
from collections.abc import Mapping

from fathometer.attention.dynamics.collapse._events import Check, compare, plain_events
from fathometer.attention.dynamics.collapse._snapshot import Snapshot
from fathometer.attention.dynamics.collapse._status import CollapseStatus, Settings, advice
from fathometer.attention.dynamics.collapse._ways import Progress, Ways, mergers
from fathometer.attention.dynamics.collapse.results._record import Collapse, CollapseEvent, EnergyLevel
from fathometer.attention.model._system import ParticleSystem
from fathometer.evidence import Estimate


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
    settings = Settings.of(system, tolerance, event_chord, jumps, max_steps)
    ways = Ways(system, settings, progress, {} if resume is None else resume)
    run, status = ways.itself()
    joined = mergers(run)
    events = plain_events(joined, system.masses, settings)
    twins: tuple[CollapseEvent, ...] = ()
    if check and status is CollapseStatus.COLLAPSED:
        check_runs = _check(ways)
        events = compare(events, joined, check_runs)
        if any(event.ill_conditioned for event in events):
            twins = plain_events(check_runs.twin, system.masses, settings)
    conditions = [event.condition for event in events if event.condition is not None]
    return Collapse(
        status,
        run.clusters,
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


def _check(ways: Ways) -> Check:
    other, weight = ways.other()
    twin = ways.moved(size := max(ways.settings.tolerance / 10, 1e-9))
    return Check(mergers(other), weight, mergers(twin), size, ways.settings.length)


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

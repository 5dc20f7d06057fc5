"""A collapse as a trajectory along log time, for whatever observes and judges trajectories."""

import math
from collections.abc import Sequence

import jax
import numpy as np

from fathometer.attention.dynamics.collapse._drive import Run
from fathometer.attention.dynamics.collapse._events import plain_events
from fathometer.attention.dynamics.collapse._status import CollapseStatus, Settings
from fathometer.attention.dynamics.collapse._ways import Progress, Ways, mergers
from fathometer.attention.dynamics.collapse.results._plateaus import plateau_times
from fathometer.attention.dynamics.collapse.results._record import Collapse, CollapseEvent
from fathometer.attention.model._system import ParticleSystem
from fathometer.evidence import Axis, AxisKind, Estimate, Event, Origin, Provenance, Trajectory

_CHECKED_UP_TO = 512
"""Tokens up to which states have twins."""

_PACKAGES = ("fathometer", "numpy", "scipy", "jax")

_UNCHECKED = "not run in other ways: what is observed has no error bars"
_ILL_CONDITIONED = "ill conditioned: which clusters merge is decided by less than the accuracy of the tokens"


def collapse_trajectory(
    system: ParticleSystem,
    collapse: Collapse,
    *,
    check: bool = True,
    jumps: bool = True,
    max_steps: int = 10_000_000,
    progress: Progress | None = None,
) -> Trajectory:
    """Run a collapse again, now keeping states on its plateaus, and return it as a trajectory.

    Times along its axis are logarithms and may be far above 709, where they overflow. It starts at exp(-36.7), when no
    token has moved by more than rounding. States of n tokens take memory O(n) each, and of many tokens few are kept.

    Args:
        system: the tokens at time 0.
        collapse: the result of `simulate_collapse` for them.
        check: run also with another tolerance, and with the points moved by the error of a position, for the errors of
            what is observed; about 3.5 times the work. Not done above 512 tokens, or where no collapse was reached.
        jumps: as for `simulate_collapse`.
        max_steps: as for `simulate_collapse`.
        progress: as for `simulate_collapse`.

    Returns:
        A trajectory along log time with states "points", shape (length, n, d), unit rows, every token at the place of
        its cluster: two on every plateau, soon after a merger and shortly before the next one, and one on the eve of
        the first merger. Its events
        "k clusters" are those of the collapse, with their errors, at the logs of their times, the first one at -inf;
        at another event chord than the default one they are named after it.

    Raises:
        InputError: if a value is not as for `simulate_collapse`.
    """
    settings = Settings.of(system, collapse.tolerance, collapse.event_chord, jumps, max_steps)
    log_times = plateau_times(system, collapse)
    checked = check and collapse.status is CollapseStatus.COLLAPSED and len(system.points) <= _CHECKED_UP_TO
    runs = _runs(Ways(system, settings, progress, log_times=log_times[1:].tolist()), checked)
    axis = Axis(AxisKind.LOG_TIME, log_times[: 1 + min(len(run.wanted.states) for run in runs)], "log time")
    seen = collapse.events, *(plain_events(mergers(run), system.masses, settings) for run in runs[1:])
    own, *others = (_trajectory(system, axis, *pair, settings) for pair in zip(runs, seen, strict=True))
    return own.checked(others, condition=collapse.condition, warning=_warning(collapse, checked))


def _runs(ways: Ways, checked: bool) -> list[Run]:
    """The run, and where it is checked one with another tolerance and one from tokens that are moved."""
    run, _ = ways.itself()
    if not checked:
        return [run]
    settings = ways.settings
    other, _ = ways.other()
    return [run, other, ways.moved(max(settings.tolerance * settings.length, np.finfo(float).eps))]


def _trajectory(
    system: ParticleSystem, axis: Axis, run: Run, events: Sequence[CollapseEvent], settings: Settings
) -> Trajectory:
    points = np.stack([run.system.points, *run.wanted.states[: len(axis) - 1]])
    here = Provenance.here(packages=_PACKAGES, device=jax.default_backend())
    named = _events(events, len(system.points), settings)
    return Trajectory(system, axis, {"points": points}, Origin.SIMULATED, events=named, provenance=here)


def _events(events: Sequence[CollapseEvent], tokens: int, settings: Settings) -> tuple[Event, ...]:
    """One for the start and one for every merger after it."""
    at_start = sum(event.log_time is None for event in events)
    start = Event(_name(tokens - at_start, settings), Estimate.exact(-math.inf))
    left = range(tokens - at_start - 1, 0, -1)
    return start, *(
        _event(_name(k, settings), event, settings) for k, event in zip(left, events[at_start:], strict=False)
    )


def _event(name: str, event: CollapseEvent, settings: Settings) -> Event:
    log_time = -math.inf if event.log_time is None else event.log_time
    error = 10 * settings.tolerance if event.error is None else event.error
    return Event(name, Estimate.heuristic(log_time, log_time - error, log_time + error), f"of mass {event.mass:.6g}")


def _name(clusters: int, settings: Settings) -> str:
    """As `cluster_events` names them; observables take those for events at the default resolution."""
    usual = math.isclose(settings.event_chord, 0.1 * math.sqrt(settings.length))
    return f"{clusters} clusters" + ("" if usual else f" at the chord {settings.event_chord:.6g}")


def _warning(collapse: Collapse, checked: bool) -> str:
    if any(event.ill_conditioned for event in collapse.events):
        return _ILL_CONDITIONED
    return collapse.note or ("" if checked else _UNCHECKED)

"""The collapse of a large cloud with its checks."""

import math
from collections.abc import Callable, Mapping

import numpy as np
from jaxtyping import Float
from scipy.integrate import quad

from fathometer.attention.dynamics.collapse._status import CollapseStatus, Settings, advice
from fathometer.attention.dynamics.collapse._ways import _perturbed
from fathometer.attention.dynamics.collapse.results._chains import _reach as cluster_reach
from fathometer.attention.dynamics.large.collapse._continuum import Continuum, Scales
from fathometer.attention.dynamics.large.collapse._record import LargeCollapse, LargeTree, LateEvent
from fathometer.attention.dynamics.large.collapse._stages import Course
from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.evidence import Estimate, finite_number

LAST = 40
"""Events that are handed out one by one."""

_LEVELS = 200
_SURE = 5.0
"""How many times its dimension a cluster is narrower than a cell when it has surely been seen in one."""

_SIMILAR = 0.01
"""Share of its tokens by which a group may differ between two runs that are compared."""

_BETWEEN_LOOKS = 3.0
"""Time, of contraction, between two looks for tokens in one cell, at the most: six steps of a half."""

Rows = Float[np.ndarray, "rows 4"]
Progress = Callable[[str, Course], None]
"""Called now and then with the name of the run ("run", "fine", "twin") and the run; what it raises stops it."""


def simulate_large_collapse(
    system: ParticleSystem,
    *,
    tolerance: float = 1e-8,
    event_chord: float | None = None,
    check: bool = True,
    scales: Scales | None = None,
    progress: Progress | None = None,
    resume: Mapping[str, Course | Rows] | None = None,
) -> tuple[LargeCollapse, LargeTree]:
    """Follow a cloud of any size to its last merger, in memory proportional to the number of its tokens.

    Three stages: all tokens in common time, by sums of order n, until clusters stand apart; clusters by clocks of their
    own, each with as long steps as it allows; the last waits by the compiled steps of `simulate_collapse`. Mergers are
    events as there, at the event chord, from the second stage on.

    Args:
        system: the tokens at time 0; beta above 0.
        tolerance: error allowed in log time, by step, and of positions in the first stage; between 1e-11 and 1e-6.
        event_chord: as for `simulate_collapse`.
        check: run again with a tenth of the tolerance, for errors, and perturbed, for conditions; about three times the
            work.
        scales: of the first two stages; by the tolerance if not given.
        progress: see `Progress`.
        resume: runs that were interrupted, and merge trees of those that were finished, by name.

    Raises:
        InputError: if a value is not as above.
    """
    tolerance = finite_number("tolerance", tolerance, at_least=1e-11, at_most=1e-6)
    finite_number("beta", system.beta, above=0)
    settings = Settings.of(system, tolerance, event_chord, True, 10_000_000)
    scales = Scales(tolerance) if scales is None else scales
    say = (lambda name, course: None) if progress is None else progress
    kept = {} if resume is None else dict(resume)

    def course(name: str, start: ParticleSystem, finer: float) -> Course:
        run = kept.get(name)
        if not isinstance(run, Course):
            own = Scales(scales.tolerance * finer, scales.merge_chord, scales.until)
            run = Course(start, settings.finer() if finer < 1 else settings, Continuum(start, own))
        run.finish(lambda run: say(name, run))
        return run

    def tree(name: str, start: ParticleSystem, finer: float) -> Rows:
        rows = kept.get(name)
        return rows if isinstance(rows, np.ndarray) else course(name, start, finer).rows()

    run = course("run", system, 1.0)
    rows, size = run.rows(), max(tolerance / 10, 1e-9)
    fine = twin = None
    if check and run.status is CollapseStatus.COLLAPSED:
        fine = tree("fine", system, 0.1)
        twin = tree("twin", _perturbed(system, size), 1.0)
    events = _events(rows, run.unresolved, system, fine, twin, settings.length / size)
    conditions = [event.condition for event in events if event.condition is not None]
    status = run.status or CollapseStatus.STEP_LIMIT
    found = LargeCollapse(
        "large",
        status,
        len(system.points),
        len(system.points) - len(rows),
        events,
        _last(run, events, settings),
        max(conditions, default=None),
        _levels(rows, len(system.points)),
        run.continuum.evaluations,
        0 if run.clocks is None else run.clocks.steps,
        0 if run.steps is None else run.steps.tally.accepted,
        0 if run.steps is None else run.steps.tally.jumps,
        tolerance,
        settings.event_chord,
        run.unresolved,
        advice(status, settings),
    )
    return found, LargeTree(rows, run.last)


def _events(
    rows: Rows, unresolved: int, system: ParticleSystem, fine: Rows | None, twin: Rows | None, per_shift: float
) -> tuple[LateEvent, ...]:
    """The last rows as events, beside those of the other runs at the same place from the end.

    The first rows have no errors: they are late, and as late in the finer run.
    """
    n, first = len(system.points), max(0, len(rows) - LAST)
    masses, sizes = _masses(rows, system.masses), np.append(np.ones(n), rows[:, 3])
    events = []
    for place in range(first, len(rows)):
        one, other = rows[place, :2].astype(int)
        log_time, back = float(rows[place, 2]), place - len(rows)
        if log_time == -math.inf:
            continue
        difference, shift = _apart(rows, fine, back), _apart(rows, twin, back)
        rounding = 2e-15 * abs(log_time)
        events.append(
            LateEvent(
                log_time,
                None if difference is None or place < unresolved else 5 * difference + rounding,
                (int(sizes[one]), int(sizes[other])),
                float(masses[n + place]),
                None if shift is None else shift * per_shift,
                n - place - 1,
            )
        )
    return tuple(events)


def _apart(rows: Rows, other: Rows | None, back: int) -> float | None:
    """Distance of the log times of a row and of that of another run at the same place from the end, if it is alike."""
    if other is None or len(other) < -back:
        return None
    mine, its = rows[back], other[back]
    return abs(float(mine[2] - its[2])) if abs(mine[3] - its[3]) <= 2 + _SIMILAR * mine[3] else None


def _masses(rows: Rows, masses: Float[np.ndarray, " n"]) -> Float[np.ndarray, " clusters"]:
    total = [*masses.tolist()]
    for one, other in rows[:, :2].astype(int).tolist():
        total.append(total[one] + total[other])
    return np.array(total)


def _last(run: Course, events: tuple[LateEvent, ...], settings: Settings) -> Estimate:
    if run.status is not CollapseStatus.COLLAPSED:
        return Estimate.heuristic(math.inf, run.log_time, math.inf)
    if not events:
        return Estimate.exact(-math.inf)
    value = events[-1].log_time
    if run.unresolved == len(run.rows()):
        return Estimate.heuristic(value, _log_earliest(run, math.exp(value)), value)
    error = 100 * settings.tolerance if events[-1].error is None else events[-1].error
    return Estimate.heuristic(value, value - error, value + error)


def _log_earliest(run: Course, time: float) -> float:
    """Log of the earliest time at which all tokens may have been one cluster of the direct engine."""
    system, scales = run.system, run.continuum.scales
    widest = 2 * cluster_reach(run.settings.event_chord)
    narrowest = scales.chord(system.beta) / (_SURE * system.points.shape[1])
    late = _falling(widest, narrowest, system.beta, system.model) + _BETWEEN_LOOKS
    since = time - late / run.continuum.pace
    return math.log(since) if since > 0 else -math.inf


def _falling(widest: float, narrowest: float, beta: float, model: Model) -> float:
    """Time that a cluster of all tokens takes, at the most, to shrink from one diameter to another; inf if unknown.

    Two tokens at its ends come together at the rate <x, F>, F the sum of what pulls x, less the spread of the forces
    along the line between them: beta times a variance, which is at most a quarter of the square of the diameter.
    """

    def rate(log_diameter: float) -> float:
        square = math.exp(2 * log_diameter)
        least = math.exp(-beta * square / 2) if model is Model.USA else 1.0
        return least * (1 - square / 2) - beta * square / 4

    if widest <= narrowest:
        return 0.0
    if rate(math.log(widest)) <= 0:
        return math.inf
    return float(quad(lambda log: 1 / rate(log), math.log(narrowest), math.log(widest), limit=200)[0])


def _levels(rows: Rows, n: int) -> tuple[tuple[int, float], ...]:
    """How many clusters were left, at places that are even in the logarithm of their number."""
    places = np.flatnonzero(rows[:, 2] > -math.inf)
    if not len(places):
        return ()
    left = np.unique(np.geomspace(n - places[-1] - 1 or 1, n - places[0] - 1 or 1, _LEVELS).round().astype(int))
    return tuple((int(k), float(rows[n - k - 1, 2])) for k in left[::-1])

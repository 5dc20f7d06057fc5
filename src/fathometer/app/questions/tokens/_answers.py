"""The collapse of a cloud in answers one after the other: what is seen first, then errors, then what is certain."""

from collections.abc import Callable, Generator, Iterator
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from fathometer.app.questions._question import Answer
from fathometer.app.questions._stepwise import stepwise
from fathometer.app.questions.tokens._clouds import described, drawing_axes, system_of
from fathometer.app.questions.tokens._forecast import forecasts

if TYPE_CHECKING:
    from fathometer.attention import CertifiedPlateau, Collapse, CollapseEvent, ParticleSystem
    from fathometer.attention.dynamics.collapse import Frames, Run

T = TypeVar("T")

_QUIET = 0.2
"""Seconds between two reports of what is at work."""

_PADDED = 64
"""Frames are filled up to a multiple of it, so that few shapes are compiled."""


def collapse_with_clouds(
    n: int, d: int, seed: int, masses: str, beta: float, model: str, points: NDArray[np.float64] | None
) -> Iterator[Answer]:
    """Follow a cloud to its last merger.

    Args:
        n: number of tokens, where no points are given.
        d: their dimension.
        seed: of what is drawn.
        masses: equal or random.
        beta: inverse temperature.
        model: sa or usa.
        points: the tokens, where they are not drawn.

    Yields:
        The cloud; frames with the merge list and what is predicted; the same list with errors and conditions; and with
        certified plateaus. What is at work comes between them.
    """
    system = system_of(n, d, seed, masses, beta, model, points)
    yield described(system)
    yield from collapse(system)


def collapse(system: "ParticleSystem") -> Iterator[Answer]:
    """Follow tokens to their last merger.

    Args:
        system: the tokens at time 0.

    Yields:
        as `collapse_with_clouds`.
    """
    from fathometer import attention
    from fathometer.attention.dynamics.collapse import collapse_frames

    plain = yield from _watched(lambda say: attention.simulate_collapse(system, check=False, progress=say))
    frames = yield from _watched(lambda say: collapse_frames(system, plain, progress=say))
    predicted = forecasts(system, plain, frames)
    told = predicted, frames.log_times.tolist()
    yield Answer(_document(plain, *told), _drawn(system, frames))

    checked = yield from _watched(lambda say: attention.simulate_collapse(system, progress=say))
    yield Answer(_document(checked, *told))

    run = yield from _watched(lambda say: attention.collapse_trajectory(system, checked, progress=say))
    yield Answer(_document(checked, *told, attention.certified_staircase(system, checked, run)))


def _watched(work: Callable[[Callable[..., None]], T]) -> Generator[Answer, None, T]:
    """The result of work that reports; some of it is passed on, and there the work ends when nobody listens."""

    def reporting(report: Callable[[Answer], None]) -> T:
        last = perf_counter()

        def say(name: str, run: "Run") -> None:
            nonlocal last
            if perf_counter() - last > _QUIET:
                report(_at_work(name, run))
                last = perf_counter()

        return work(say)

    return stepwise(reporting)


def _at_work(name: str, run: "Run") -> Answer:
    return Answer({"at_work": f"{run.clusters} clusters left" + ("" if name == "run" else f" ({name} run)")})


def _document(
    collapse: "Collapse",
    predicted: list[dict[str, Any]],
    log_times: list[float],
    plateaus: "list[CertifiedPlateau] | None" = None,
) -> dict[str, Any]:
    rows = [_event(event) | forecast for event, forecast in zip(collapse.events, predicted, strict=True)]
    for row, plateau in zip(rows, plateaus or (), strict=False):
        row |= _certified(plateau)
    return {
        "status": str(collapse.status),
        "note": collapse.note,
        "clusters": collapse.clusters,
        "chord": collapse.event_chord,
        "final": plateaus is not None,
        "events": rows,
        "log_times": log_times,
    }


def _event(event: "CollapseEvent") -> dict[str, Any]:
    return {
        "log_time": event.log_time,
        "error": event.error,
        "condition": event.condition,
        "members": [list(side) for side in event.members],
        "mass": event.mass,
        "tied": event.tied,
        "ill_conditioned": event.ill_conditioned,
    }


def _certified(plateau: "CertifiedPlateau") -> dict[str, Any]:
    """From when until when the clusters before a merger are certain to stay apart, as logs."""
    life = plateau.lifetime
    if plateau.log_plateau is None or life is None:
        return {"certified": None, "why_not_certified": plateau.why_not}
    return {"certified": [life.from_log_time, life.log_exit_time], "why_not_certified": ""}


def _drawn(system: "ParticleSystem", frames: "Frames") -> dict[str, NDArray]:
    from fathometer.attention import UNIT_ENERGY

    count = len(frames.log_times)
    padded = np.concatenate([frames.points, np.repeat(frames.points[-1:], -count % _PADDED, axis=0)])
    energies = np.asarray(UNIT_ENERGY.measure(system, {"points": padded}).value)[:count]
    return {
        "energies": energies,
        "frames": frames.points @ drawing_axes(system.points).T,
    }

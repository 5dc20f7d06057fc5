"""What the closed form of isolated pairs says about mergers, from the earliest plateau that it is valid on."""

from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Int

if TYPE_CHECKING:
    from fathometer.attention import Collapse, ParticleSystem
    from fathometer.attention.dynamics.collapse import Frames

RANGES = 4.0
"""Interaction ranges between clusters from which on pairs count as isolated."""

_MOST_CLUSTERS = 32


def forecasts(system: "ParticleSystem", collapse: "Collapse", frames: "Frames") -> list[dict[str, Any]]:
    """Predict every merger from the earliest plateau whose clusters are far enough apart, or say why not.

    Args:
        system: the tokens at time 0.
        collapse: what came of them.
        frames: where they were on the plateaus.

    Returns:
        For each event "predicted", {log_time, lower, upper, members, clusters, ranges, levels} or None, and
        "why_not_predicted".
    """
    said: list[dict[str, Any]] = []
    while len(said) < len(collapse.events):
        said += _from_plateau(system, collapse, frames, len(said))
    return said


def _from_plateau(system: "ParticleSystem", collapse: "Collapse", frames: "Frames", event: int) -> list[dict[str, Any]]:
    """Predictions from the plateau before an event on, as long as they are valid; at least one entry."""
    from fathometer.attention.dynamics.certified._staircase import groups_before
    from fathometer.attention.predictions._staircase import closest_ranges, far_staircase

    if collapse.events[event].log_time is None:
        return [_none("at the start")]
    state, groups = _on_plateau(collapse, frames, event), groups_before(collapse, event)
    if state is None:
        return [_none("no plateau before it")]
    if groups.max() >= _MOST_CLUSTERS:
        return [_none(f"more than {_MOST_CLUSTERS} clusters")]
    few = _clusters(system, frames.points[state], groups)
    stairs = far_staircase(few)
    if stairs is None:
        return [_none(f"closest clusters {closest_ranges(few):.2g} interaction ranges apart, the closed form needs 4")]
    return _predictions(collapse, few, stairs, groups, float(frames.log_times[state]))


def _predictions(collapse, few, stairs, groups: Int[np.ndarray, " n"], log_start: float) -> list[dict[str, Any]]:
    from fathometer.attention import predicted_log_times

    times = predicted_log_times(few, 2 * float(np.arcsin(collapse.event_chord / 2)))
    later = [np.logaddexp(log_start, np.asarray(end)) for end in (times.value, times.lower, times.upper)]
    ranges = stairs.gaps * np.sqrt(few.beta)
    valid = int(np.argmin(np.append(ranges >= RANGES, False)))
    return [
        {
            "predicted": {
                "log_time": float(later[0][j]),
                "lower": float(later[1][j]),
                "upper": float(later[2][j]),
                "members": [np.flatnonzero(np.isin(groups, side)).tolist() for side in stairs.members[j]],
                "clusters": len(few.points),
                "ranges": float(ranges[j]),
                "levels": stairs.levels[j : j + 2].tolist(),
            },
            "why_not_predicted": "",
        }
        for j in range(max(1, valid))
    ]


def _none(why: str) -> dict[str, Any]:
    return {"predicted": None, "why_not_predicted": why}


def _on_plateau(collapse: "Collapse", frames: "Frames", event: int) -> int | None:
    """A frame on the plateau before an event, half way; the first one of all before the first event."""
    start = collapse.events[event - 1].log_time if event else None
    end = collapse.events[event].log_time
    if start is None:
        return 0
    inside = np.flatnonzero((frames.log_times > start) & (frames.log_times < (np.inf if end is None else end)))
    return int(inside[len(inside) // 2]) if inside.size else None


def _clusters(system: "ParticleSystem", points: np.ndarray, groups: Int[np.ndarray, " n"]) -> "ParticleSystem":
    """One token for each cluster, at its mean and with its mass."""
    from fathometer.attention import ParticleSystem

    belongs = (np.arange(groups.max() + 1)[:, None] == groups) * system.masses
    return ParticleSystem.project(belongs @ points, system.beta, system.model, belongs.sum(axis=1))

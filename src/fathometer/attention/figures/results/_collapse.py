"""The drawing of a collapse: its staircase of the energy in log time, and who merged with whom."""

import numpy as np
from jaxtyping import Float

from fathometer.attention.dynamics.collapse import Collapse, CollapseEvent
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.predictions._staircase import far_staircase, predicted_log_times
from fathometer.evidence import text_up
from fathometer.report import Chart, Comparison, Curve, Dendrogram, Figure, Panel, Role

SHOWN = 40
"""Mergers in the tree, and rows of the table, at most: the last ones."""

SMALL = 64
"""Tokens up to which isolated pairs are predicted: that takes n^2 for every merger."""


def collapse_figure(collapse: Collapse, system: ParticleSystem) -> Figure:
    """Draw a collapse: the steps of the energy in log time, and the tree of the last mergers.

    Where tokens are four interaction ranges apart, the closed form of isolated pairs stands beside what was found.

    Args:
        collapse: the result.
        system: the tokens at time 0.
    """
    tree, predicted = collapse.merge_tree(), _predicted(system, collapse)
    panels: tuple[Panel, ...] = (_staircase(collapse, predicted),)
    if np.any(np.isfinite(tree[:, 2])):
        panels += (last_mergers(tree, len(tree) + 1),)
    return Figure(
        "attention-collapse",
        panels,
        tuple(_rows(collapse, predicted)),
        {"linkage": tree} | ({} if predicted is None else {"predicted_log_times": predicted}),
        title=f"Collapse of {len(system.points)} tokens, {system.model.upper()}, beta = {system.beta:g}",
    )


def _predicted(system: ParticleSystem, collapse: Collapse) -> Float[np.ndarray, " events"] | None:
    """Log times of isolated pairs; None where pairs are not isolated or too many."""
    if not 1 < len(system.points) <= SMALL or far_staircase(system) is None:
        return None
    return np.asarray(predicted_log_times(system, 2 * np.arcsin(collapse.event_chord / 2)).value)


def _staircase(collapse: Collapse, predicted: Float[np.ndarray, " events"] | None) -> Chart:
    energies = np.array([stair.energy for stair in collapse.energy_levels])
    times = np.array([stair.log_time if stair.log_time is not None else np.nan for stair in collapse.energy_levels])
    first, last = (float(end(times[np.isfinite(times)], initial=0.0)) for end in (np.min, np.max))
    start = np.where(np.isfinite(times), times, first - 1) / np.log(10)
    ends = np.append(start[1:], (last + 1) / np.log(10))
    at, levels = np.stack([start, ends], 1).ravel(), np.repeat(energies, 2)
    curves = [
        Curve("measured, both ends of each plateau", at, levels, Role.MEASURED),
        Curve("", at, levels, Role.LIMIT),
    ]
    if predicted is not None and len(predicted) + 1 == len(energies):
        at = np.concatenate([start[:1], np.repeat(predicted / np.log(10), 2), ends[-1:]])
        curves.insert(0, Curve("isolated pairs", at, np.repeat(energies, 2), Role.PREDICTED, 1))
    return Chart("Staircase of the energy", "log10 of the time", "unit energy (1 = one cluster)", tuple(curves))


def last_mergers(tree: Float[np.ndarray, "events 4"], n: int) -> Dendrogram:
    """Draw the last mergers; what had merged before them are its leaves.

    Args:
        tree: rows of a linkage matrix, natural logarithms of times for its heights.
        n: number of tokens.
    """
    kept = min(SHOWN, int(np.sum(np.isfinite(tree[:, 2]))))
    last = tree[-kept:]
    inner = n + len(tree) - kept
    leaves = sorted({int(part) for part in last[:, :2].ravel() if part < inner})
    number = {leaf: i for i, leaf in enumerate(leaves)} | {inner + i: len(leaves) + i for i in range(kept)}
    names = tuple(str(leaf) if leaf < n else f"({int(tree[leaf - n, 3])})" for leaf in leaves)
    joins = [[number[int(first)], number[int(second)]] for first, second in last[:, :2]]
    caption = "" if len(names) == n else "A number in brackets says how many tokens are one cluster already."
    return Dendrogram("Who merges with whom", "log10 of the time", joins, last[:, 2] / np.log(10), names, caption)


def _rows(collapse: Collapse, predicted: Float[np.ndarray, " events"] | None) -> list[Comparison]:
    total = len(collapse.events) + collapse.clusters
    known = dict(enumerate([] if predicted is None else predicted.tolist()))
    rows = [
        Comparison(f"log time, {total - i - 1} left", f"{known[i]:.6g}" if i in known else "", _measured(event))
        for i, event in enumerate(collapse.events)
        if event.log_time is not None
    ]
    return rows[-SHOWN:]


def _measured(event: CollapseEvent) -> str:
    return f"{event.log_time:.8g}" + ("" if event.error is None else f" +- {text_up(event.error, 2)}")

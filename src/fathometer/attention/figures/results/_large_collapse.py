"""How a large cloud collapses: clusters left in log time, and who merged with whom at the end."""

import numpy as np

from fathometer.attention.dynamics.large.collapse import LargeCollapse, LargeTree, LateEvent
from fathometer.attention.figures.results._collapse import SHOWN, last_mergers
from fathometer.attention.model._system import ParticleSystem
from fathometer.evidence import text_up
from fathometer.report import Chart, Comparison, Curve, Figure, Panel, Role


def large_collapse_figure(collapse: LargeCollapse, tree: LargeTree, system: ParticleSystem) -> Figure:
    """Draw the collapse of a large cloud: the staircase of the clusters left, and the tree of the last mergers.

    Args:
        collapse: the result.
        tree: all mergers; the last ones are drawn and kept.
        system: the tokens at time 0.
    """
    linkage = tree.linkage
    panels: tuple[Panel, ...] = (_staircase(collapse),)
    if np.any(np.isfinite(linkage[:, 2])):
        panels += (last_mergers(linkage, collapse.tokens),)
    return Figure(
        "attention-collapse",
        panels,
        tuple(map(_row, collapse.events[-SHOWN:])),
        {"last_rows_of_linkage": linkage[-SHOWN:]},
        title=f"Collapse of {collapse.tokens} tokens, {system.model.upper()}, beta = {system.beta:g}",
    )


def _staircase(collapse: LargeCollapse) -> Chart:
    left = np.array([count for count, _ in collapse.levels], float)
    times = np.array([time for _, time in collapse.levels]) / np.log(10)
    at, levels = np.repeat(times, 2)[1:], np.repeat(left, 2)[:-1]
    curve = Curve("clusters left", at, np.log10(levels), Role.MEASURED)
    line = Curve("", at, np.log10(levels), Role.LIMIT)
    title = "Staircase of the clusters" if collapse.levels else "No merger"
    return Chart(title, "log10 of the time", "log10 of the clusters left", (curve, line))


def _row(event: LateEvent) -> Comparison:
    error = "" if event.error is None else f" +- {text_up(event.error, 2)}"
    return Comparison(f"log time, {event.clusters} left", "", f"{event.log_time:.8g}{error}")

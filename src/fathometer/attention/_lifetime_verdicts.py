"""The lifetime of clusters and the certified staircase, held against simulations, as documents, tables and figures."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from fathometer.attention.dynamics.certified import (
    CertifiedPlateau,
    lifetime_after_collapse,
    simulate_lifetime,
    staircase_run,
)
from fathometer.attention.dynamics.collapse.results._record import Collapse, CollapseEvent
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.model.caps._clustered import ClusteredTokens
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.attention.predictions.lifetime._lifetime import ClusterLifetime, cluster_lifetime, tight_width
from fathometer.attention.theorems.metastability import cluster_lifetime as lifetime_theorem, plateau_lifetimes
from fathometer.evidence import Verdict, text_down, text_near, text_up
from fathometer.report import Chart, Comparison, Curve, Figure, Role

_MOST_TOKENS = 128
"""Tokens up to which a lifetime is held against the collapse solver."""


def certified_lifetime(
    system: ParticleSystem, clusters: int | None = None, *, after_collapse: bool = False
) -> tuple[ClusteredTokens, ClusterLifetime]:
    """Certify how long clusters stay apart, now or after they have become tight.

    Args:
        system: the tokens at time 0.
        clusters: how many; chosen if None.
        after_collapse: integrate first, as `lifetime_after_collapse` does.

    Returns:
        The clusters at the moment from which the certificate counts, and the certificate.

    Raises:
        InputError: if single linkage does not make that number of clusters.
    """
    if after_collapse:
        return lifetime_after_collapse(system, clusters)
    life = cluster_lifetime(system, clusters=clusters)
    return ClusteredTokens(system, life.members, life.error, life.event_chord), life


def lifetime_verdicts(tokens: ClusteredTokens, life: ClusterLifetime) -> list[Verdict]:
    """Hold the bound against the collapse solver; of one cluster, or more than 128 tokens, nothing is held.

    Args:
        tokens: the clusters.
        life: their certificate.
    """
    if life.clusters == 1 or len(tokens.members) > _MOST_TOKENS:
        return []
    return [lifetime_theorem.THEOREM.test(simulate_lifetime(tokens))]


def lifetime_document(life: ClusterLifetime, beta: float, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return the certificate as JSON values; times are natural logarithms, and null where nothing is certain.

    Args:
        life: the certificate.
        beta: inverse temperature.
        verdicts: what came of holding it against a simulation.
    """
    return {
        "log_exit_time": _finite(life.log_exit_time),
        "log_tight_time": _finite(life.log_tight_time),
        "tight_width": tight_width(beta),
        "widest": life.widest,
        "from_log_time": _finite(life.from_log_time),
        "clusters": life.clusters,
        "members": life.members.tolist(),
        "centres": life.caps.centres.tolist(),
        "radii": life.caps.radii.tolist(),
        "masses": life.caps.masses.tolist(),
        "position_error": life.error,
        "event_chord": life.event_chord,
        "verdict": str(verdicts[0].status) if verdicts else None,
    }


def lifetime_rows(life: ClusterLifetime) -> list[tuple[str, str]]:
    """Rows of a table of the certificate."""
    return [
        ("lifetime: clusters", str(life.clusters)),
        ("lifetime: from log time", f"{life.from_log_time:.6g}"),
        ("lifetime: tight by log time", _at_most(life.log_tight_time)),
        ("lifetime: apart until log time", _at_least(life.log_exit_time)),
    ]


def staircase_verdicts(collapse: Collapse, plateaus: list[CertifiedPlateau]) -> list[Verdict]:
    """Hold the certified lengths of plateaus against the measured ones; empty where none is certified.

    Args:
        collapse: it has the measured ones.
        plateaus: the certified ones.
    """
    run = staircase_run(collapse, plateaus)
    return [] if run is None else [plateau_lifetimes.THEOREM.test(run)]


def add_certified_plateaus(document: dict[str, Any], plateaus: Sequence[CertifiedPlateau]) -> dict[str, Any]:
    """Return the document of a collapse with `certified_log_plateau` and `certified_why_not` in every event.

    Args:
        document: from `collapse_document`.
        plateaus: one for each event.
    """
    added = [{"certified_log_plateau": p.log_plateau, "certified_why_not": p.why_not} for p in plateaus]
    events = [event | more for event, more in zip(document["events"], added, strict=True)]
    return document | {"events": events}


def with_certified(
    header: tuple[str, ...], rows: list[tuple[str, ...]], plateaus: Sequence[CertifiedPlateau]
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Add columns to the table of a collapse: log of the length of the plateau before each merger, at least.

    Args:
        header: of the table.
        rows: the last events.
        plateaus: one for each event.
    """
    last = plateaus[len(plateaus) - len(rows) :]
    shown = ["" if p.log_plateau is None else text_down(p.log_plateau) for p in last]
    return (*header[:-1], "certified plateau", header[-1]), [
        (*row[:-1], more, row[-1]) for row, more in zip(rows, shown, strict=True)
    ]


def staircase_figure(collapse: Collapse, plateaus: Sequence[CertifiedPlateau]) -> Figure:
    """Draw the staircase in log time, and the length of every plateau beside its certified least.

    Args:
        collapse: its measured events.
        plateaus: one for each event, some of them certified.
    """
    pairs = [(p, collapse.events[p.event]) for p in plateaus]
    timed = [(p, e) for p, e in pairs if e.log_time is not None]
    bound = [(p, e) for p, e in timed if p.log_plateau is not None and e.log_plateau is not None]
    rows = [
        Comparison(
            f"log length of the plateau of {p.clusters} clusters, at least", _at_least(p.log_plateau), _measured(e)
        )
        for p, e in bound
    ]
    data = {
        "clusters": np.array([p.clusters for p, _ in timed], float),
        "log_time": np.array([e.log_time for _, e in timed], float),
        "log_plateau": np.array([np.nan if e.log_plateau is None else e.log_plateau for _, e in timed]),
        "certified": np.array([np.nan if p.log_plateau is None else p.log_plateau for p, _ in timed]),
    }
    ends = np.array([np.nan if p.lifetime is None else p.lifetime.log_exit_time for p, _ in timed])
    charts = (
        Chart(
            "Mergers, and until when they are excluded",
            "clusters before the merger",
            "log time",
            (
                Curve("certified: not before", *_bars(data["clusters"], ends), Role.PREDICTED),
                Curve("merger", data["clusters"], data["log_time"], Role.MEASURED),
            ),
            "Every merger comes after the time that is certified from the beginning of its plateau.",
        ),
        Chart(
            "Length of each plateau",
            "clusters on the plateau",
            "log of its length in time",
            (
                Curve("certified: at least", *_bars(data["clusters"], data["certified"]), Role.PREDICTED),
                Curve("measured", data["clusters"], data["log_plateau"], Role.MEASURED),
            ),
        ),
    )
    return Figure("attention-collapse", charts, tuple(rows), data)


def _bars(clusters: np.ndarray, heights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A short line at each number of clusters, so that a single one is seen."""
    ends = clusters[:, None] + np.array([-0.3, 0.3, np.nan])
    return ends.ravel(), np.repeat(heights, 3)


def lifetime_figure(cloud: SeparatedCloud, life: ClusterLifetime) -> Figure:
    """Draw the windows in which clusters are tight and apart: the published one and the sharp one.

    Args:
        cloud: the published certificate.
        life: the other one.
    """
    old = cloud.log_time_to_slow_manifold.value, cloud.log_exit_time.value
    new = life.log_tight_time, life.log_exit_time
    windows = np.array([old, new], float)
    curves = tuple(
        Curve(_labelled(name, window), np.where(np.isfinite(window), window, np.nan), [height] * 2, Role.PREDICTED, i)
        for i, (name, window, height) in enumerate(zip(("published", "lifetime"), windows, (1.0, 2.0), strict=True))
    )
    chart = Chart("Certified windows of tight clusters", "log time", "certificate: 1 published, 2 lifetime", curves)
    rows = [
        Comparison("tight by log time: published, and lifetime", *map(_at_most, windows[:, 0])),
        Comparison("apart until log time: published, and lifetime", *map(_at_least, windows[:, 1])),
    ]
    return Figure("attention-certificate", (chart,), tuple(rows), {"windows": windows})


def _labelled(name: str, window: np.ndarray) -> str:
    """With a remark where there is nothing to draw."""
    return name if np.all(np.isfinite(window)) else f"{name}: no window"


def _measured(event: CollapseEvent) -> str:
    return "none" if event.log_plateau is None else text_near(event.log_plateau)


def _at_least(log_time: float | None) -> str:
    return "none" if log_time is None or not np.isfinite(log_time) else text_down(log_time, 8)


def _at_most(log_time: float | None) -> str:
    return "none" if log_time is None or not np.isfinite(log_time) else text_up(log_time, 8)


def _finite(log_time: float) -> float | None:
    return log_time if np.isfinite(log_time) else None

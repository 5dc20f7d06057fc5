"""A large collapse as a document of bounded size and as a table."""

from typing import Any

import jax

from fathometer.attention.dynamics.large.collapse._record import LargeCollapse, LateEvent
from fathometer.attention.model._system import ParticleSystem
from fathometer.evidence import Provenance, text_up


def large_document(collapse: LargeCollapse, system: ParticleSystem, seed: int, tree: str | None) -> dict[str, Any]:
    """Return the result in JSON values, with the problem by digest.

    Args:
        collapse: the result.
        system: the tokens at time 0.
        seed: the integer that they were drawn with.
        tree: name of the file with the merge tree; None if it is not kept.
    """
    here = Provenance.here(seed, ("fathometer", "numpy", "scipy", "jax"), device=jax.default_backend())
    return collapse.to_json() | {"merge_tree": tree, "problem": system.summary(), "provenance": here.to_json()}


def large_rows(collapse: LargeCollapse) -> tuple[tuple[str, ...], list[tuple[str, ...]], str]:
    """Return the header and the rows of a table of the last events, and a line of summary."""
    header = ("log time", "error", "clusters", "mass", "joins tokens", "condition")
    return header, [_row(event) for event in collapse.events], _summary(collapse)


def _row(event: LateEvent) -> tuple[str, ...]:
    return (
        f"{event.log_time:.12g}",
        "" if event.error is None else text_up(event.error, 2),
        str(event.clusters),
        f"{event.mass:.4g}",
        " + ".join(map(str, event.tokens)),
        "" if event.condition is None else f"{event.condition:.2g}",
    )


def _summary(collapse: LargeCollapse) -> str:
    cost = (
        f"{collapse.evaluations} evaluations of the whole cloud, {collapse.cluster_steps} steps of single clusters, "
        f"{collapse.accepted} compiled steps, {collapse.jumps} jumps"
    )
    said = f"{collapse.status}: {collapse.clusters} cluster(s) left, log t = {collapse.log_time_of_collapse}; {cost}"
    return f"{said}\n{collapse.note}" if collapse.note else said

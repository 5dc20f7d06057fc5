"""A collapse as a document and as a table."""

from typing import Any

import jax

from fathometer.attention.dynamics.collapse.results._record import Collapse, CollapseEvent
from fathometer.attention.model._system import ParticleSystem
from fathometer.evidence import Provenance, text_up

_LONGEST = 40
"""Rows of a table."""


def collapse_document(collapse: Collapse, system: ParticleSystem, seed: int) -> dict[str, Any]:
    """Return the result in JSON values, with the problem by digest.

    Args:
        collapse: the result.
        system: the tokens at time 0.
        seed: the integer that they were drawn with.
    """
    packages = ("fathometer", "numpy", "scipy", "jax")
    here = Provenance.here(seed, packages, device=jax.default_backend())
    return collapse.to_json() | {"problem": system.summary(), "provenance": here.to_json()}


def collapse_rows(collapse: Collapse) -> tuple[tuple[str, ...], list[tuple[str, ...]], str]:
    """Return the header and the last rows of a table of events, and a line of summary."""
    header = ("log time", "error", "clusters", "mass", "joins", "condition", "")
    total = len(collapse.events) + collapse.clusters
    rows = [_row(event, total - i - 1) for i, event in enumerate(collapse.events)]
    return header, rows[-_LONGEST:], _summary(collapse)


def _row(event: CollapseEvent, left: int) -> tuple[str, ...]:
    return (
        "-inf" if event.log_time is None else f"{event.log_time:.12g}",
        "" if event.error is None else text_up(event.error, 2),
        str(left),
        f"{event.mass:.4g}",
        " + ".join(_brief(side) for side in event.members),
        "" if event.condition is None else f"{event.condition:.2g}",
        "ill conditioned" if event.ill_conditioned else "tied" if event.tied else "",
    )


def _brief(particles: tuple[int, ...]) -> str:
    shown = ",".join(map(str, particles[:4]))
    return f"{{{shown}}}" if len(particles) <= 4 else f"{{{shown},... {len(particles)}}}"


def _summary(collapse: Collapse) -> str:
    cost = f"{collapse.accepted} steps, {collapse.jumps} jumps, {collapse.rhs_evaluations} force evaluations"
    end = f"{collapse.status}: {collapse.clusters} cluster(s) left, log t = {collapse.log_time_of_collapse}; {cost}"
    return f"{end}; {collapse.note}" if collapse.note else end

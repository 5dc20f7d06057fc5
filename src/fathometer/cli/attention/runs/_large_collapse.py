"""The end of `fathometer attention collapse` for clouds that are large."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fathometer.cli._finish import finish
from fathometer.evidence import InputError

if TYPE_CHECKING:
    from fathometer.attention import ParticleSystem

MOST = 10_000_000
"""Tokens that the command takes."""

_LARGE = 1000
"""Tokens from which on the engine for large clouds is the usual one."""

_STEEP = 30.0
"""Beta from which on it resolves the late events of such clouds: below, all fall into one cluster at once."""

_HUGE = 10_000
"""Tokens from which on it is the usual one at any beta: the other one would take hours."""


def is_large(engine: str, system: "ParticleSystem") -> bool:
    """Whether to use the engine for large clouds.

    Args:
        engine: auto, direct or large.
        system: the tokens.

    Raises:
        InputError: if the name is not one of these, or there are more than ten million tokens.
    """
    if engine not in ("auto", "direct", "large"):
        raise InputError(f"engine must be one of ['auto', 'direct', 'large'], got {engine!r}")
    n = len(system.points)
    if n > MOST:
        raise InputError(f"n must be at most {MOST}, got {n}")
    if engine == "auto":
        return system.beta > 0 and (n >= _HUGE or (n >= _LARGE and system.beta >= _STEEP))
    return engine == "large"


def large_collapse(
    system: "ParticleSystem",
    *,
    tolerance: float,
    event_chord: float | None,
    check: bool,
    as_json: bool,
    seed: int,
    out: Path | None,
    figure: Path | None,
    store: Path | None,
) -> int:
    """Run a large cloud to its last merger, with an estimate of time and memory first.

    The merge tree goes into a file of its own in the folder; the document has the last events.

    Args:
        system: the tokens.
        tolerance: error allowed in log time.
        event_chord: distance that makes an event; None for the usual one.
        check: whether to run again finer and perturbed.
        as_json: print JSON instead of a table.
        seed: of the tokens that were drawn.
        out: folder, or None.
        figure: file to draw in, or None.
        store: must be None.

    Raises:
        InputError: if states are to be stored.
    """
    from fathometer.attention.dynamics.large.collapse import large_document, large_rows, watched_large_collapse
    from fathometer.attention.figures.results import large_collapse_figure
    from fathometer.report import print_rows

    if store is not None:
        raise InputError("--store keeps the states of all tokens, which --engine large does not: leave it out")
    file = None if out is None else out / "attention-collapse-unfinished.npz"
    collapse, tree = watched_large_collapse(
        system, tolerance=tolerance, event_chord=event_chord, check=check, file=file, say=sys.stderr.write
    )
    name = None if out is None else "attention-collapse-tree.npz"
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(out / "attention-collapse-tree.npz", linkage=tree.linkage)
    header, rows, last = large_rows(collapse)
    return finish(
        "attention-collapse",
        large_document(collapse, system, seed, name),
        as_json=as_json,
        out=out,
        show=lambda console: print_rows(header, rows, console),
        last=last,
        figure=figure,
        draw=lambda: large_collapse_figure(collapse, tree, system),
    )

"""The end of `fathometer attention collapse` for clouds that are large."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fathometer.cli._finish import finish
from fathometer.evidence import InputError, text_near

if TYPE_CHECKING:
    from fathometer.attention import ParticleSystem
    from fathometer.attention.dynamics.large.collapse import LargeTree
    from fathometer.evidence import Verdict

MOST = 10_000_000
"""Tokens that the command takes."""

_LARGE = 1000
"""Tokens from which on the engine for large clouds is the usual one."""

_STEEP = 30.0
"""Beta from which on it resolves the late events of such clouds: below, all fall into one cluster at once."""

_UNKNOWN = {
    "certified": None,
    "not_certified": "states of tokens are not kept: last_clusters says what is certain of their last clusters",
    "late_rate": None,
    "last_clusters": None,
}

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
    verdicts: bool,
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
        verdicts: whether to run the last clusters once more for their states, and hold every theorem against them.
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
    proved, held, text = _judged(tree, tolerance, event_chord, check) if verdicts and tree.last else (_UNKNOWN, [], "")
    return finish(
        "attention-collapse",
        large_document(collapse, system, seed, name) | proved,
        held,
        as_json=as_json,
        out=out,
        show=lambda console: print_rows(header, rows, console),
        last=f"{last}\n{text}" if text else last,
        figure=figure,
        draw=lambda: large_collapse_figure(collapse, tree, system),
    )


def _judged(
    tree: "LargeTree", tolerance: float, event_chord: float | None, check: bool
) -> tuple[dict[str, Any], list[tuple[str, "Verdict"]], str]:
    """What is certain of the last clusters, every theorem held against their own run, and a sentence.

    They are a cloud with masses. Their run by the direct engine begins at time 0 when they were there.
    """
    from fathometer import attention
    from fathometer.attention.dynamics.certified import merge_room
    from fathometer.attention.dynamics.collapse import watched_collapse

    last = tree.last
    assert last is not None
    system, how = last.system, {"tolerance": tolerance, "event_chord": event_chord, "check": check}
    result, run = watched_collapse(system, **how, states=True, file=None, say=sys.stderr.write)
    proved = attention.collapse_certificate(run, merge_room(tolerance, system.beta), "no states were kept")
    plateaus = attention.certified_staircase(system, result, run)
    held = [
        *(() if run is None else (("last clusters", verdict) for verdict in attention.run_verdicts(run))),
        *(("staircase of the last clusters", verdict) for verdict in attention.staircase_verdicts(result, plateaus)),
        *((f"last clusters, {case}", verdict) for case, verdict in proved.verdicts()),
    ]
    about = {"since_log_time": last.log_time, "clusters": len(system.points), "masses": system.masses.tolist()}
    lengths = [plateau.log_plateau for plateau in plateaus]
    document = _UNKNOWN | {"last_clusters": about | {"certified_log_plateaus": lengths} | proved.to_json()}
    since = f"The last {len(system.points)} clusters, in time since log t = {text_near(last.log_time)}:"
    return document, held, f"{since} {proved.text()}"

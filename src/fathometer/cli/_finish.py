"""The end of every command: show or store the result, and turn its verdicts into an exit code."""

import dataclasses
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from fathometer.evidence import Provenance, Status, Verdict
from fathometer.report import Figure, print_verdicts, write_json, write_picture

Verdicts = Sequence[tuple[str, Verdict]]


def finish(
    name: str,
    result: Mapping[str, Any],
    verdicts: Verdicts = (),
    *,
    as_json: bool,
    out: Path | None,
    show: Callable[[Console], object],
    last: str = "",
    figure: Path | None = None,
    draw: Callable[[], Figure] | None = None,
) -> int:
    """Print the result, store it if a folder is given, draw it if that is asked for, and return the exit code.

    Args:
        name: of the file in the folder.
        result: JSON values; the verdicts are added to it.
        verdicts: each with the case that it was reached on.
        as_json: print JSON instead of tables.
        out: folder, or None.
        show: prints the result for a reader.
        last: line under the verdicts.
        figure: file to draw in, or None.
        draw: draws the result; a folder then gets it as a page, too.
    """
    judged = [{"case": case} | verdict.to_json() for case, verdict in verdicts]
    document = dict(result) | ({"verdicts": judged} if judged else {})
    if out is not None:
        write_json(out / f"{name}.json", document)
    drawn = _drawn(name, document, verdicts, draw, figure, out)
    if as_json:
        sys.stdout.write(json.dumps(document, allow_nan=False) + "\n")
        return exit_code(verdict for _, verdict in verdicts)
    console = Console()
    show(console)
    if verdicts:
        print_verdicts(verdicts, console)
    for line in filter(None, (last, drawn)):
        sys.stdout.write(f"{line}\n")
    return exit_code(verdict for _, verdict in verdicts)


def _drawn(
    name: str,
    document: Mapping[str, Any],
    verdicts: Verdicts,
    draw: Callable[[], Figure] | None,
    figure: Path | None,
    out: Path | None,
) -> str:
    """Draw into the file and into the folder that were given, and say where; empty for nowhere."""
    if draw is None or (figure is None and out is None):
        return ""
    made = draw()
    made = dataclasses.replace(made, verdicts=made.verdicts or tuple(verdicts))
    told = document.get("provenance")
    provenance = Provenance.here(document.get("seed")) if told is None else Provenance.from_json(told)
    files = [path for path in (figure, None if out is None else out / f"{name}.html") if path is not None]
    for path in files:
        write_picture(path, made, provenance)
    return "drawn: " + ", ".join(map(str, files))


def exit_code(verdicts: Iterable[Verdict]) -> int:
    """Return 1 if a verdict is VIOLATED, 3 if some are undecided or inapplicable and none HOLDS, else 0."""
    statuses = {verdict.status for verdict in verdicts}
    if Status.VIOLATED in statuses:
        return 1
    open_ends = statuses & {Status.UNDECIDED, Status.INAPPLICABLE}
    return 3 if open_ends and Status.HOLDS not in statuses else 0

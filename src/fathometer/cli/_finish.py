"""The end of every command: show or store the result, and turn its verdicts into an exit code."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from fathometer.evidence import Status, Verdict
from fathometer.report import print_verdicts, write_json

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
) -> int:
    """Print the result, store it if a folder is given, and return the exit code.

    Args:
        name: of the file in the folder.
        result: JSON values; the verdicts are added to it.
        verdicts: each with the case that it was reached on.
        as_json: print JSON instead of tables.
        out: folder, or None.
        show: prints the result for a reader.
        last: line under the verdicts.
    """
    judged = [{"case": case} | verdict.to_json() for case, verdict in verdicts]
    document = dict(result) | ({"verdicts": judged} if judged else {})
    if out is not None:
        write_json(out / f"{name}.json", document)
    if as_json:
        sys.stdout.write(json.dumps(document, allow_nan=False) + "\n")
        return exit_code(verdict for _, verdict in verdicts)
    console = Console()
    show(console)
    if verdicts:
        print_verdicts(verdicts, console)
    if last:
        sys.stdout.write(f"{last}\n")
    return exit_code(verdict for _, verdict in verdicts)


def exit_code(verdicts: Iterable[Verdict]) -> int:
    """Return 1 if a verdict is VIOLATED, 3 if some are undecided or inapplicable and none HOLDS, else 0."""
    statuses = {verdict.status for verdict in verdicts}
    if Status.VIOLATED in statuses:
        return 1
    open_ends = statuses & {Status.UNDECIDED, Status.INAPPLICABLE}
    return 3 if open_ends and Status.HOLDS not in statuses else 0

"""What is said of a study: counts, verdicts, failed cells."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fathometer.evidence import Status, Verdict

if TYPE_CHECKING:
    from rich.console import Console

    from fathometer.study import Study, TheoremCounts

_SHOWN = 10
"""Failed cells that are shown."""
_ENDS = ("HOLDS", "VIOLATED", "UNDECIDED", "INAPPLICABLE", "VACUOUS")
_QUIET = {"INAPPLICABLE", "VACUOUS"}
"""A theorem that came to nothing else has no line of its own."""


@dataclass(frozen=True)
class Failure:
    """A cell that failed: which one, its line, where, and seconds of work."""

    cell: str
    where: dict[str, Any]
    error: str
    machine: str
    seconds: float


def tell(study: "Study", *, as_json: bool, out: Path | None, last: str = "") -> int:
    """Show a study, or print it as JSON, and return the exit code.

    Args:
        study: what to show.
        as_json: whether to print JSON.
        out: folder for the document; None for none.
        last: line under all.
    """
    from fathometer.cli._finish import exit_code, finish

    failures = failures_of(study)
    document = study.to_json() | {"failures": [vars(one) for one in failures[:100]]}
    finish(
        "study",
        document,
        as_json=as_json,
        out=out,
        show=lambda console: _show(study, failures, console),
        last=last,
    )
    return exit_code(_statuses(study))


def _statuses(study: "Study") -> list[Verdict]:
    """One verdict for each status that came out; failed cells are undecided, and so is what none has a verdict of."""
    came = {status for counts in study.verdict_counts().values() for status in counts}
    came |= {str(Status.UNDECIDED)} if study.failed or _never_judged(study) else set()
    return [Verdict(Status(status), None, "") for status in came]


def _never_judged(study: "Study") -> list[str]:
    """What is to be judged and has no verdict, in a study that has finished cells."""
    return [one.theorem for one in study.verdicts() if study.finished and not one.counts]


def _show(study: "Study", failures: Sequence[Failure], console: "Console") -> None:
    from fathometer.report import print_rows
    from fathometer.study import duration

    there = f"{study.finished} of {study.cells} cells finished, {study.failed} failed"
    console.print(f"[bold]{study.title}[/] ({study.computation}): {there}", highlight=False)
    console.print(f"{duration(study.seconds)} of work", highlight=False)
    judged = study.verdicts()
    rows = [(one.theorem, *(str(one.counts.get(status, "")) for status in _ENDS), _margin(one)) for one in judged]
    if rows:
        print_rows(("judged", *_ENDS, "least margin"), rows, console)
    for name in _never_judged(study):
        console.print(f"no cell has a verdict of {name}: see `fathometer theorems list`", highlight=False)
    wheres = _wheres(study, [one.worst[0][0] for one in judged if one.worst])
    for one in judged:
        if one.worst and not set(one.counts) <= _QUIET:
            cell, _, why = one.worst[0]
            line = f"{one.theorem}, {next(iter(one.counts))}: {words(wheres[cell])}: {why}"
            console.print(line, highlight=False, markup=False, soft_wrap=True)
    for one in failures[:_SHOWN]:
        console.print(f"failed: {words(one.where)}: {one.error}", highlight=False, markup=False, soft_wrap=True)
    if len(failures) > _SHOWN:
        console.print(f"... and {len(failures) - _SHOWN} more: status and error of all are in the table")


def _margin(one: "TheoremCounts") -> str:
    """Of the worst cell."""
    from fathometer.evidence import text_inward

    margin = one.worst[0][1] if one.worst else None
    return "" if margin is None else text_inward(margin, 3)


def failures_of(study: "Study") -> list[Failure]:
    """The cells that failed, in the order of the cells."""
    if not study.failed:
        return []
    inner = _varying(study)
    table = study.table(["cell", "status", "error", "machine", "seconds", *inner])
    rows = table.filter(np.array(table.column("status").to_pylist()) == "failed").to_pylist()
    return [
        Failure(row["cell"], {name: row[name] for name in inner}, row["error"], row["machine"] or "", row["seconds"])
        for row in rows
    ]


def _wheres(study: "Study", cells: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What varies, in these cells."""
    table = study.table(["cell", *_varying(study)])
    rows = table.filter(np.isin(table.column("cell").to_pylist(), cells)).to_pylist()
    return {row.pop("cell"): row for row in rows}


def _varying(study: "Study") -> list[str]:
    """Parameters of the grid and the sampler, and the seed where there are several."""
    space = study.layout.space
    return [*space.axes, *(space.samples or ({},))[0], *(["seed"] if len(space.seeds) > 1 else [])]


def words(where: dict[str, Any]) -> str:
    """Values by name, in a line."""
    return ", ".join(
        f"{name} = {value:.6g}" if isinstance(value, float) else f"{name} = {value}" for name, value in where.items()
    )

"""Tables, on the terminal and on a page."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.padding import Padding
from rich.table import Table as RichTable

from fathometer.evidence import Estimate, Status, Verdict, text_ends, text_inward, text_near
from fathometer.report._tightest import CountedVerdict, tightest

MARKS = {
    Status.HOLDS: "[green]HOLDS[/]",
    Status.VIOLATED: "[bold red]VIOLATED[/]",
    Status.VACUOUS: "[yellow]VACUOUS[/]",
    Status.INAPPLICABLE: "[cyan]INAPPLICABLE[/]",
    Status.UNDECIDED: "[magenta]UNDECIDED[/]",
}


@dataclass(frozen=True)
class TextTable:
    """A table of texts on a page.

    Attributes:
        title: heading.
        header: names of the columns.
        rows: cells, as many in each as there are columns.
        lead: a sentence above it; empty for none.
    """

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lead: str = ""


_NUMBERS = re.compile(r"(?:[\s\d.,+\-\[\]()]|e|inf|nan)*")
"""Numbers and intervals, half of which would be read as other ones."""


def print_verdicts(verdicts: Iterable[tuple[str, Verdict]], console: Console) -> None:
    """Print two lines for each theorem and status: how often it came out, and the case with the smallest margin.

    Theorems that do not apply come last; those that do not for the same reason share two lines.
    """
    for names, count, case, verdict in _shared(tightest(verdicts)):
        times = f" x {count}" if count > 1 else ""
        shown = verdict.margin if len(names) == 1 else None
        margin = "" if shown is None else f", smallest margin {text_inward(shown, 3)}"
        console.print(f"{MARKS[verdict.status]}{times}  [bold]{', '.join(names)}[/]{margin}", highlight=False)
        why = f"{case}: {verdict.explanation}".replace("[", r"\[")
        console.print(Padding(why, (0, 0, 0, 4)), style="dim", highlight=False)


def _shared(counted: Iterable[CountedVerdict]) -> list[tuple[list[str], int, str, Verdict]]:
    """The same with the names of theorems, those together that are inapplicable for one reason."""
    reasons: dict[tuple[str, ...], list[CountedVerdict]] = {}
    for line in counted:
        _, case, verdict = line
        shared = verdict.status is Status.INAPPLICABLE
        reasons.setdefault((case, verdict.explanation) if shared else (verdict.theorem, verdict.status), []).append(
            line
        )
    return [([verdict.theorem for *_, verdict in lines], *lines[0]) for lines in reasons.values()]


def print_estimates(estimates: Mapping[str, Estimate], console: Console) -> None:
    """Print named estimates with their intervals."""
    rows = [
        (
            name,
            text_near(estimate.value, 10),
            "" if estimate.lower == estimate.upper else text_ends(estimate.lower, estimate.upper, 10),
            str(estimate.kind),
        )
        for name, estimate in estimates.items()
    ]
    print_rows(("quantity", "value", "interval", "kind"), rows, console)


def print_rows(header: Sequence[str], rows: Iterable[Sequence[str]], console: Console) -> None:
    """Print a plain table of texts; on a narrow console sentences are folded between words, numbers never.

    Args:
        header: one text for each column.
        rows: texts, as many in each as there are columns.
        console: where to print.
    """
    cells = [tuple(header), *map(tuple, rows)]
    widths = [max(_unbroken(row[i]) for row in cells) for i in range(len(header))]
    table = RichTable(box=None, pad_edge=False, header_style="bold")
    for name, width in zip(header, widths, strict=True):
        table.add_column(name, overflow="fold", min_width=width)
    for row in cells[1:]:
        table.add_row(*(cell.replace("[", r"\[") for cell in row))
    console.print(table, width=max(console.width, sum(widths) + 2 * len(widths)), crop=False)


def _unbroken(cell: str) -> int:
    """Characters that have to stay on one line: all of a cell of numbers, else the longest word."""
    return len(cell) if _NUMBERS.fullmatch(cell) else max(map(len, cell.split()), default=0)

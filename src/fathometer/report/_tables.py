"""Tables on the terminal."""

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table as RichTable

from fathometer.evidence import Estimate, Status, Verdict, text_ends, text_inward, text_near
from fathometer.report._tightest import tightest

MARKS = {
    Status.HOLDS: "[green]HOLDS[/]",
    Status.VIOLATED: "[bold red]VIOLATED[/]",
    Status.VACUOUS: "[yellow]VACUOUS[/]",
    Status.INAPPLICABLE: "[cyan]INAPPLICABLE[/]",
    Status.UNDECIDED: "[magenta]UNDECIDED[/]",
}


def print_verdicts(verdicts: Iterable[tuple[str, Verdict]], console: Console) -> None:
    """Print two lines for each theorem and status: how often it came out, and the case with the smallest margin."""
    for count, case, verdict in tightest(verdicts):
        times = f" x {count}" if count > 1 else ""
        margin = "" if verdict.margin is None else f", smallest margin {text_inward(verdict.margin, 3)}"
        console.print(f"{MARKS[verdict.status]}{times}  [bold]{verdict.theorem}[/]{margin}", highlight=False)
        why = f"{case}: {verdict.explanation}".replace("[", r"\[")
        console.print(Padding(why, (0, 0, 0, 4)), style="dim", highlight=False)


def print_estimates(estimates: Mapping[str, Estimate], console: Console) -> None:
    """Print named estimates with their intervals."""
    table = _table("quantity", "value", "interval", "kind")
    for name, estimate in estimates.items():
        interval = "" if estimate.lower == estimate.upper else text_ends(estimate.lower, estimate.upper, 10)
        table.add_row(name, text_near(estimate.value, 10), interval.replace("[", r"\["), str(estimate.kind))
    console.print(table)


def print_rows(header: Sequence[str], rows: Iterable[Sequence[str]], console: Console) -> None:
    """Print a plain table of texts."""
    table = _table(*header)
    for row in rows:
        table.add_row(*(cell.replace("[", r"\[") for cell in row))
    console.print(table)


def _table(*header: str) -> RichTable:
    table = RichTable(box=None, pad_edge=False, header_style="bold")
    for name in header:
        table.add_column(name, overflow="fold", no_wrap=name == "id")
    return table

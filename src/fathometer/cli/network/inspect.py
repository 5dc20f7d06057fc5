"""`fathometer network inspect`: one report with the three questions about a network."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fathometer.cli._options import AsJson, ReportOut, Seed
from fathometer.cli.network._options import NETWORK, Ids, Miss, Rtol, Saw, SitesAsked, Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from fathometer.report import Report

Asked = Annotated[str | None, typer.Argument(help=NETWORK, metavar="NETWORK")]
Demo = Annotated[bool, typer.Option("--demo", help="A small transformer on digits, trained here in seconds.")]
Data = Annotated[
    Path | None, typer.Option(help="Archive with rows X, or arrays by name, and y: for step and risk.", metavar="F.npz")
]
Delta = Annotated[float, typer.Option(help="Probability, in (0, 1), with which a certificate may fail.")]
MaxRows = Annotated[
    int | None, typer.Option(help="Rows on which the loss is looked at, at most; 2000 if absent.", min=1)
]

NEXT = (
    "its rows are in {out}/demo.npz, those that it was trained on in {out}/demo.txt; one question alone:\n"
    "  fathometer network sharpness fathometer.network:demo_network --data {out}/demo.npz\n"
    "  fathometer network step fathometer.network:demo_network --data {out}/demo.npz\n"
    "  fathometer network certify fathometer.network:demo_network --data {out}/demo.npz --saw {out}/demo.txt"
)


def inspect(
    network: Asked = None,
    demo: Demo = False,
    data: Data = None,
    text: Text = None,
    ids: Ids = None,
    saw: Saw = None,
    sites: SitesAsked = "residual",
    delta: Delta = 0.05,
    rtol: Rtol = 1e-2,
    miss: Miss = 1e-6,
    max_rows: MaxRows = None,
    as_json: AsJson = False,
    seed: Seed = 0,
    out: ReportOut = Path("report"),
) -> int:
    """Do its tokens collapse, how large a step can it take, how wrong can it be: one HTML report.

    What cannot be answered with what is given says why, in a line. Tokens need --text or --ids, or rows that the
    network cuts into tokens itself; the step needs a loss and --data; the risk needs --data and --saw. Start with
    --demo, which needs nothing. The code is 2 where none of the three can be answered.
    """
    from rich.console import Console
    from rich.progress import Progress

    from fathometer.cli._finish import finish
    from fathometer.evidence import InputError
    from fathometer.network.inspection import none_answered
    from fathometer.numerics import prepare_jax

    if demo == (network is not None):
        raise InputError("give a network, or --demo alone")
    if demo and (data or text or ids or saw):
        raise InputError("--demo brings its own rows: leave out --data, --text, --ids and --saw")
    if saw and not data:
        raise InputError("--saw IDS are numbers of rows: give the rows, too (--data F.npz)")
    prepare_jax()
    asked = _asked(network, data, text, ids, saw)
    most = {} if max_rows is None else {"rows": max_rows}
    given = {"delta": delta, "rtol": rtol, "miss": miss, "seed": seed, "sites": sites} | most
    told = Console(stderr=True)
    with Progress(console=told, transient=True, disable=not told.is_terminal) as progress:
        task = progress.add_task("starting", total=None)
        report = asked(announce=lambda what: progress.update(task, description=what), **given)
    if unanswered := none_answered(report):
        raise InputError(unanswered)
    page = report.write(out)
    if demo:
        _write_rows(out)
    return finish(
        "network-inspect",
        report.to_json() | {"page": str(page)},
        report.judged,
        as_json=as_json,
        out=None,
        show=lambda console: _show(report, console),
        last=f"report: {page}\n{NEXT.format(out=out)}" if demo else f"report: {page}",
    )


def _asked(
    network: str | None, data: Path | None, text: Path | None, ids: Path | None, saw: str | None
) -> "Callable[..., Report]":
    """What makes the report, once everything that was given is read."""
    from fathometer.cli.network._brought import texts_of_files
    from fathometer.cli.network._rows import read_classified
    from fathometer.generalization.learning.predictors import read_seen
    from fathometer.network.adapters import brought
    from fathometer.network.inspection import inspect, inspect_demo

    if network is None:
        return inspect_demo
    net, loss = brought(network)
    rows, labels = (None, None) if data is None else read_classified(data)
    seen = None if saw is None or labels is None else read_seen(saw, len(labels))
    return partial(inspect, net, loss, rows, labels, texts=texts_of_files(text, ids, net), saw=seen)


def _write_rows(folder: Path) -> None:
    """The rows of the small network, for the other commands."""
    import io

    import numpy as np

    from fathometer.network.inspection import demo
    from fathometer.report import write_bytes, write_text

    shown, archive = demo(), io.BytesIO()
    np.savez(archive, X=shown.X, y=shown.y)
    write_bytes(folder / "demo.npz", archive.getvalue())
    write_text(folder / "demo.txt", "\n".join(map(str, shown.saw)) + "\n")


def _show(report: "Report", console: "Console") -> None:
    for number, section in enumerate(report.sections, start=1):
        console.print(f"[bold]{number}. {section.title}[/]")
        console.print(section.answer, highlight=False, markup=False)

"""`fathometer network inspect`: one report with the three questions about a network."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fathometer.cli._options import AsJson, ReportOut, Seed

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from fathometer.report import Report

Brought = Annotated[
    str | None,
    typer.Argument(
        help="A folder of transformers, a file M.onnx, or module:factory, which returns a model or (model, loss).",
        metavar="NETWORK",
    ),
]
Demo = Annotated[bool, typer.Option("--demo", help="A small transformer on digits, trained here in seconds.")]
Data = Annotated[
    Path | None, typer.Option(help="Archive with rows X, or arrays by name, and y: for step and risk.", metavar="F.npz")
]
Text = Annotated[
    Path | None, typer.Option(help="File of texts, one a line, read by the folder's own tokenizer.", metavar="F")
]
Ids = Annotated[
    Path | None, typer.Option(help="File of token ids: input_ids (texts, n) or an array a text.", metavar="F.npz")
]
Saw = Annotated[
    str | None,
    typer.Option(help="File with a row number on each line: what the network has seen; or none.", metavar="IDS"),
]
Delta = Annotated[float, typer.Option(help="Probability, in (0, 1), with which a certificate may fail.")]
Rtol = Annotated[float, typer.Option(help="Width of the interval of an eigenvalue, relative to the largest.")]
Miss = Annotated[float, typer.Option(help="Probability with which its upper end may be wrong.")]
Rows = Annotated[int | None, typer.Option(help="Rows on which the loss is looked at, at most; 2000 if absent.", min=1)]

NEXT = (
    "its rows are in {out}/demo.npz, those that it was trained on in {out}/demo.txt; one question alone:\n"
    "  fathometer network sharpness fathometer.network:demo_network --data {out}/demo.npz\n"
    "  fathometer network step fathometer.network:demo_network --data {out}/demo.npz\n"
    "  fathometer network certify fathometer.network:demo_network --data {out}/demo.npz --saw {out}/demo.txt"
)


def inspect(
    network: Brought = None,
    demo: Demo = False,
    data: Data = None,
    text: Text = None,
    ids: Ids = None,
    saw: Saw = None,
    delta: Delta = 0.05,
    rtol: Rtol = 1e-2,
    miss: Miss = 1e-6,
    rows: Rows = None,
    as_json: AsJson = False,
    seed: Seed = 0,
    out: ReportOut = Path("report"),
) -> int:
    """Do its tokens collapse, how large a step can it take, how wrong can it be: one HTML report.

    What cannot be answered with what is given says why, in a line. Tokens need --text or --ids, or rows that the
    network cuts into tokens itself; the step needs a loss and --data; the risk needs --data and --saw. Start with
    --demo, which needs nothing.
    """
    from rich.console import Console
    from rich.progress import Progress

    from fathometer.cli._finish import finish
    from fathometer.evidence import InputError
    from fathometer.numerics import prepare_jax

    if demo == (network is not None):
        raise InputError("give a network, or --demo alone")
    if demo and (data or text or ids or saw):
        raise InputError("--demo brings its own rows: leave out --data, --text, --ids and --saw")
    prepare_jax()
    asked = _asked(network, data, text, ids, saw)
    given = {"delta": delta, "rtol": rtol, "miss": miss, "seed": seed} | ({} if rows is None else {"rows": rows})
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("starting", total=None)
        report = asked(announce=lambda what: progress.update(task, description=what), **given)
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
    from fathometer.cli.network._rows import read_classified
    from fathometer.generalization.learning.predictors import read_seen
    from fathometer.network.adapters import brought
    from fathometer.network.inspection import inspect, inspect_demo

    if network is None:
        return inspect_demo
    net, loss = brought(network)
    rows, labels = (None, None) if data is None else read_classified(data)
    seen = None if saw is None or labels is None else read_seen(saw, len(labels))
    return partial(inspect, net, loss, rows, labels, texts=_texts(text, ids, net), saw=seen)


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


def _texts(text: Path | None, ids: Path | None, net: Any) -> Any:
    from fathometer.evidence import InputError
    from fathometer.network.recording import ids_in_file, lines_in_file

    if text is not None and ids is not None:
        raise InputError("give --text F or --ids F.npz, not both")
    if text is not None:
        return lines_in_file(text, net)
    return None if ids is None else ids_in_file(ids)


def _show(report: "Report", console: "Console") -> None:
    for number, section in enumerate(report.sections, start=1):
        console.print(f"[bold]{number}. {section.title}[/]")
        console.print(section.answer, highlight=False, markup=False)

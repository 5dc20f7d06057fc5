"""`fathometer network inspect`: one report with the three questions about a network."""

from pathlib import Path
from typing import Annotated

import typer

from fathometer.cli._options import AsJson, ReportOut, Seed

Brought = Annotated[
    str | None,
    typer.Argument(help="Folder of transformers, M.onnx, or module:factory.", metavar="DIR|M.onnx|module:factory"),
]
Demo = Annotated[bool, typer.Option("--demo", help="A small transformer on digits, trained here in seconds.")]


def inspect(
    network: Brought = None,
    demo: Demo = False,
    as_json: AsJson = False,
    seed: Seed = 0,
    out: ReportOut = Path("report"),
) -> int:
    """Do its tokens collapse, how large a step can it take, how wrong can it be: one HTML report."""
    from fathometer.cli._finish import finish
    from fathometer.evidence import InputError
    from fathometer.network.inspection import inspect_demo

    if demo == (network is not None):
        raise InputError("give a network or --demo, one of them")
    report = inspect_demo(seed)
    page = report.write(out)
    return finish(
        "network-inspect",
        report.to_json() | {"page": str(page)},
        report.verdicts,
        as_json=as_json,
        out=None,
        show=lambda console: [console.print(section.answer) for section in report.sections],
        last=f"report: {page}",
    )

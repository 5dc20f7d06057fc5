"""`fathometer tour`: the three headline demonstrations on real input."""

from pathlib import Path
from typing import Annotated

import typer

from fathometer.cli._options import AsJson, ReportOut, Seed

Quick = Annotated[bool, typer.Option("--quick", help="Smaller runs, under a minute.")]


def tour(quick: Quick = False, as_json: AsJson = False, seed: Seed = 0, out: ReportOut = Path("report")) -> int:
    """Run the three theories on real input and write one HTML report with figures and verdicts."""
    from rich.console import Console
    from rich.progress import Progress

    from fathometer.cli._finish import finish
    from fathometer.numerics import prepare_jax
    from fathometer.tour import STEPS, run_tour

    prepare_jax()
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("starting", total=STEPS)
        report = run_tour(
            quick=quick, seed=seed, announce=lambda what: progress.update(task, advance=1, description=what)
        )
    page = report.write(out)
    return finish(
        "tour",
        report.to_json() | {"page": str(page)},
        report.judged,
        as_json=as_json,
        out=None,
        show=lambda console: console.print(f"\n{report.title}\n"),
        last=f"report: {page}",
    )

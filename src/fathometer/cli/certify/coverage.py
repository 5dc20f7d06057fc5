"""`fathometer certify coverage`: how often each bound fails on simulated samples."""

from typing import Annotated

import typer

from fathometer.cli._options import AsJson, Out, Seed
from fathometer.cli.certify.certify import Delta

Bounds = Annotated[str | None, typer.Option(help="Ids, separated by commas; all if left out.", metavar="ID,ID...")]
Draws = Annotated[int, typer.Option(help="Samples of each experiment, 100 to 1000000.")]


def coverage(
    bounds: Bounds = None,
    draws: Draws = 2000,
    delta: Delta = 0.05,
    as_json: AsJson = False,
    seed: Seed = 0,
    out: Out = None,
) -> int:
    """Count how often each bound fails on simulated samples; controls with a broken assumption must be seen to fail."""
    from functools import partial

    from fathometer.cli._finish import finish
    from fathometer.evidence import Provenance, text_up
    from fathometer.generalization.coverage import run_coverage
    from fathometer.report import print_rows

    experiments = run_coverage(
        [name for name in (bounds or "").split(",") if name], draws=draws, delta=delta, seed=seed
    )
    rows = [
        (
            row.bound,
            f"{row.violations}/{row.draws}",
            text_up(row.median_bound, 4),
            f"{row.median_risk:.4f}",
            row.setting,
        )
        for row in experiments
    ]
    return finish(
        "certify-coverage",
        {
            "experiments": [row.to_json() for row in experiments],
            "delta": delta,
            "draws": draws,
            "provenance": Provenance.here(seed).to_json(),
        },
        [(row.setting, row.verdict) for row in experiments],
        as_json=as_json,
        out=out,
        show=partial(print_rows, ("bound", "failures", "median bound", "median risk", "setting"), rows),
    )

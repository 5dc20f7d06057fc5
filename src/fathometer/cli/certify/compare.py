"""`fathometer certify compare`: two certified predictors on the same rows."""

from pathlib import Path
from typing import Annotated

import typer

from fathometer.cli._options import AsJson, Out, Seed

First = Annotated[Path, typer.Argument(metavar="A.json", help="Certificate, as `certify --save` wrote it.")]
Second = Annotated[Path, typer.Argument(metavar="B.json", help="The other one.")]
Data = Annotated[
    str | None,
    typer.Option(help="The table that both were made from: compares on rows that fitted neither.", metavar="DATA"),
]
New = Annotated[str | None, typer.Option(help="New rows instead, which neither has seen.", metavar="F2.csv")]
Target = Annotated[str | None, typer.Option(help="Column of the target; not needed for mnist:DIR.", metavar="COL")]
Group = Annotated[
    str | None, typer.Option(help="Column that names the group of each row, such as a patient.", metavar="COL")
]
Delta = Annotated[float, typer.Option(help="Probability, in (0, 1), with which any interval may fail.")]
Margin = Annotated[float, typer.Option(help="Largest difference that counts as none, in units of the loss.")]
Trust = Annotated[
    bool, typer.Option("--trust", help="Read predictors in joblib files too: that runs code that they bring along.")
]


def compare(
    first: First,
    second: Second,
    data: Data = None,
    new: New = None,
    target: Target = None,
    group: Group = None,
    delta: Delta = 0.05,
    margin: Margin = 0.05,
    trust: Trust = False,
    as_json: AsJson = False,
    seed: Seed = 0,
    out: Out = None,
) -> int:
    """Say which of two certified predictors has the smaller risk, by at least how much, all under one delta.

    A paired test on rows that fitted neither: those of --new, or the held-out and test rows of both certificates, drawn
    again from the table of --data; each predictor was chosen on its held-out rows, which is paid for. The verdict HOLDS
    if one is better for sure, or if no difference above --margin can be hidden; else it is UNDECIDED.
    """
    from fathometer.cli.certify._compared import compared

    return compared(
        (first, second), data, new, target, group, delta, margin, trust, as_json=as_json, seed=seed, out=out
    )

"""`fathometer certify reproduce`: the published Wasserstein experiments again, and their certificates."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fathometer.cli._options import AsJson, Kept, Quick, Seed

if TYPE_CHECKING:
    from rich.console import Console

    from fathometer.cli._finish import Verdicts
    from fathometer.generalization.learning.wasserstein import Reproduced

Sets = Annotated[str | None, typer.Option(help="Names, separated by commas; all if left out.", metavar="NAME,NAME...")]
Model = Annotated[str, typer.Option(help="linear, or nn (two hidden layers of 600).", metavar="linear|nn")]
Setting = Annotated[str, typer.Option(help="batch or online.", metavar="batch|online")]
Folder = Annotated[Path, typer.Option(help="Folder that `certify fetch` filled.", metavar="DIR")]
Ratio = Annotated[float, typer.Option(help="K = int(ratio sqrt(m)) priors; 0 is one prior that saw nothing.", min=0)]
Delta = Annotated[float, typer.Option(help="Probability, in (0, 1), with which a certificate of a ledger may fail.")]


def reproduce(
    sets: Sets = None,
    model: Model = "linear",
    setting: Setting = "batch",
    data: Folder = Path("data"),
    ratio: Ratio = 0.2,
    delta: Delta = 0.05,
    quick: Quick = False,
    as_json: AsJson = False,
    seed: Seed = 0,
    out: Kept = None,
) -> int:
    """Run the published batch or online algorithm on public sets: risks beside the published ones, and certificates.

    Each set is run twice: as the authors' code does, for the comparison, and as the theorems ask, for the certificates.
    """
    from fathometer.cli._finish import finish
    from fathometer.evidence import Provenance, finite_number
    from fathometer.generalization.learning import wasserstein
    from fathometer.numerics import prepare_jax
    from fathometer.study import interruptions

    finite_number("delta", delta, above=0, below=1)
    finite_number("ratio", ratio, at_least=0)
    prepare_jax()
    names = sets.split(",") if sets else list(wasserstein.PUBLISHED_SETS)
    chosen = wasserstein.experiments(
        names, setting=setting, model=model, quick=quick, ratio=ratio, delta=delta, seed=seed
    )
    with interruptions() as interrupted:

        def announce(text: str) -> None:
            sys.stderr.write(f"{text}\n")
            if interrupted:  # heard here, since the trainings run in other threads
                raise KeyboardInterrupt

        folder = None if out is None else out / "cells"
        rows = wasserstein.reproduce(chosen, data, folder=folder, announce=announce)
    packages = ("fathometer", "jax", "jaxlib", "numpy", "optax")
    document = {
        "rows": [row.to_json() for row in rows],
        "published": wasserstein.PUBLISHED_SOURCE,
        "quick": quick,
        "provenance": Provenance.here(seed, packages, precision="float32 training, float64 certificates").to_json(),
    }
    return finish(
        "certify-reproduce",
        document,
        _verdicts(rows),
        as_json=as_json,
        out=out,
        show=lambda console: _show(rows, console),
        last=_last(rows, quick),
    )


def _show(rows: "list[Reproduced]", console: "Console") -> None:
    from fathometer.report import print_rows

    console.print("as published: 0/1 risks")
    header = ("set", "posterior", "m", "K", "train", "paper", "test", "paper", "agrees", "remark")
    print_rows(header, [_comparison(row) for row in rows if row.experiment.as_published], console)
    certified = [row for row in rows if row.ledger is not None]
    if certified:
        console.print("\nas the theorems ask: bounds on the clipped risk, vacuous ones in brackets")
        bounds = sorted({line.bound for row in certified for line in row.ledger.rows})  # type: ignore[union-attr]
        header = ("set", "posterior", "0/1 test", "risk, test", *bounds)
        print_rows(header, [_certificates(row, bounds) for row in certified], console)


def _comparison(row: "Reproduced") -> tuple[str, ...]:
    known = ["" if value is None else f"{value:.4f}" for value in (row.published_train, row.published_test)]
    agrees = {None: "", True: "yes", False: "no"}[row.agrees]
    sizes = (str(row.rows), str(row.priors or ""))
    risks = (f"{row.train:.4f}", known[0], f"{row.test:.4f}", known[1])
    return row.experiment.set, row.column, *sizes, *risks, agrees, row.remark


def _certificates(row: "Reproduced", bounds: list[str]) -> tuple[str, ...]:
    from fathometer.evidence import text_up

    assert row.ledger is not None
    shown = {line.bound: "inf" if line.value is None else text_up(line.value, 4) for line in row.ledger.rows}
    values = {line.bound: f"({shown[line.bound]})" if line.vacuous else shown[line.bound] for line in row.ledger.rows}
    measured = row.ledger.rows[0].measured.value
    return row.experiment.set, row.column, f"{row.test:.4f}", f"{measured:.4f}", *(values[bound] for bound in bounds)


def _verdicts(rows: "list[Reproduced]") -> "Verdicts":
    """Hold the certificates of the paper's own posterior against the risk on the test half."""
    from fathometer.catalogue import theorem
    from fathometer.generalization.learning.wasserstein import line_problem

    verdicts = []
    for row in rows:
        if row.ledger is None or row.column not in ("eps=1/m", "online"):
            continue
        for line in row.ledger.rows:
            if line.bound in ("w1_route_a", "risk_transport", "w1_nips_t5_bounded", "progressive_validation"):
                case = f"{row.experiment.set}, {row.column}"
                verdicts.append((case, theorem(line.bound).judge(line_problem(line), line.measured)))
    return verdicts


def _last(rows: "list[Reproduced]", quick: bool) -> str:
    compared = [row for row in rows if row.agrees is not None]
    if quick:
        return "a quick run is shorter than the published one and is not compared with it"
    return f"{sum(bool(row.agrees) for row in compared)} of {len(compared)} published risks within the tolerance"

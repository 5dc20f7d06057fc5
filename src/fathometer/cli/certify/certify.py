"""`fathometer certify`: how wrong a model can be on new data."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fathometer.cli._options import AsJson, Out, Save, Seed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console

    from fathometer.generalization import Ledger, LedgerRow
    from fathometer.generalization.learning.networks import Published

Data = Annotated[
    str | None, typer.Option(help="F.csv, F.npz, F.parquet, sklearn:NAME, mnist:DIR or idx:DIR.", metavar="DATA")
]
Target = Annotated[str | None, typer.Option(help="Column of labels; not needed for mnist:DIR.", metavar="COL")]
ModelName = Annotated[
    str,
    typer.Option(
        help="linear, logistic, mlp, or module:factory for a predictor of your own.",
        metavar="linear|logistic|mlp|module:factory",
    ),
]
Delta = Annotated[float, typer.Option(help="Probability, in (0, 1), with which any of the certificates may fail.")]
Group = Annotated[
    str | None, typer.Option(help="Column that names the group of each row, such as a patient.", metavar="COL")
]
AllowCopies = Annotated[
    bool,
    typer.Option("--allow-copies", help="Count equal rows one by one: they were drawn independently. Marked."),
]
Sign = Annotated[
    Path | None, typer.Option(help="Ed25519 private key that signs the saved certificate.", metavar="KEYFILE")
]
Hidden = Annotated[str | None, typer.Option(help="Widths of the hidden layers of mlp.", metavar="N,N...")]
Aim = Annotated[
    str | None, typer.Option(help="Bound that the posterior is trained to minimise.", metavar="quad|lambda|kl")
]
PriorShare = Annotated[float | None, typer.Option(help="Share of the rows that train the prior.")]
Steps = Annotated[int | None, typer.Option(help="Training steps of the prior; the posterior takes half as many.")]


def certify(
    context: typer.Context,
    data: Data = None,
    target: Target = None,
    model: ModelName = "linear",
    delta: Delta = 0.05,
    hidden: Hidden = None,
    objective: Aim = None,
    prior_share: PriorShare = None,
    steps: Steps = None,
    group: Group = None,
    allow_copies: AllowCopies = False,
    save: Save = None,
    sign: Sign = None,
    as_json: AsJson = False,
    seed: Seed = 0,
    out: Out = None,
) -> int | None:
    """Train a classifier and certify it in every way that applies, all certificates together under one delta.

    A linear model of two classes has its risks in closed form; every other model of ours is a Gaussian posterior
    trained by PAC-Bayes with backprop. With --out, finished stages of the training are kept in DIR/stages and found
    again. Equal rows, and rows of one --group, stay in one part and count once. A certificate that lies below the risk
    that was measured on the test part is VIOLATED if the parts are found to differ, and UNDECIDED if not.
    """
    if context.invoked_subcommand is not None:
        return None
    from functools import partial

    from fathometer.cli._finish import finish
    from fathometer.cli.certify._certified import certified, literature_rows, load_labelled
    from fathometer.evidence import InputError
    from fathometer.generalization import against_test, save_certificate, signer
    from fathometer.report import print_rows

    if sign is not None:
        if save is None:
            raise InputError("--sign signs the file of --save, which is not given")
        signer(sign)
    table = load_labelled(data, target, "certify", group)
    options = {"hidden": hidden, "objective": objective, "prior_share": prior_share, "steps": steps}
    certificate = certified(table, model, delta, seed, options, out, allow_copies)
    if save is not None:
        save_certificate(save, certificate, sign)
    ledger, literature = certificate.ledger, literature_rows(table)
    document = ledger.to_json() | {"model": model, "source": table.source, "data": certificate.data.to_json()}
    document["ledger"] = [
        row | {"status": str(kept.status)} for row, kept in zip(document.pop("rows"), ledger.rows, strict=True)
    ]
    document |= {"copies": certificate.copies.to_json(), "group": group}
    document |= {"literature": [row.to_json() for row in literature]} if literature else {}
    return finish(
        "certify",
        document,
        [("test part", against_test(ledger))],
        as_json=as_json,
        out=out,
        show=partial(_show, ledger, literature, print_rows),
        last=_last(ledger.winner, delta, str(ledger.test_risk)),
    )


def _show(ledger: "Ledger", literature: "Sequence[Published]", print_rows: "Callable", console: "Console") -> None:
    from fathometer.evidence import text_up

    header = ("bound", "value", "", "delta spent", "measured", "certifies")
    print_rows(header, [_cells(row) for row in ledger.rows], console)
    if literature:
        rows = [
            (
                row.source,
                text_up(row.certificate),
                "" if row.test is None else f"{row.test:g}",
                row.predictor,
                row.remark,
            )
            for row in literature
        ]
        print_rows(("in the literature", "certificate", "test error", "predictor", "number"), rows, console)
    for note in ledger.notes:
        console.print(f"* {note}", highlight=False)


def _cells(row: "LedgerRow") -> tuple[str, ...]:
    from fathometer.evidence import Status, text_up

    value = "diverges" if row.value is None else text_up(row.value, 5)
    mark = str(row.status) if row.status in (Status.VACUOUS, Status.VIOLATED) else ""
    return row.bound, value, mark, text_up(row.delta_spent, 5), row.measured.text(4), row.certifies


def _last(winner: str | None, delta: float, test_risk: str) -> str:
    from fathometer.evidence import text_confidence

    best = f"smallest: {winner}" if winner else "every certificate is vacuous"
    sure = f"all hold together with probability at least {text_confidence(delta)}"
    return f"{sure}; {best}; 0/1 risk on the test part: {test_risk}"

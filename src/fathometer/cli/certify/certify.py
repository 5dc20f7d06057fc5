"""`fathometer certify`: how wrong a model can be on new data."""

from pathlib import Path
from typing import Annotated

import typer

from fathometer.cli._options import LARGEST_SEED, AsJson, FigureFile, Out, Save, writable_file

Data = Annotated[
    str | None, typer.Option(help="F.csv, F.npz, F.parquet, sklearn:NAME, mnist:DIR or idx:DIR.", metavar="DATA")
]
Target = Annotated[str | None, typer.Option(help="Column of labels; not needed for mnist:DIR.", metavar="COL")]
ModelName = Annotated[
    str,
    typer.Option(
        help="A model of ours, module:factory for one of your own, or a file of a fitted one with --saw.",
        metavar="auto|linear|logistic|boosting|forest|mlp|module:factory|F.joblib|F.skops",
    ),
]
Delta = Annotated[float, typer.Option(help="Probability, in (0, 1), with which any of the certificates may fail.")]
Parts = Annotated[
    str | None, typer.Option(help="Shares of the rows that train, certify and test, such as .6,.2,.2.", metavar="A,B,C")
]
Group = Annotated[
    str | None, typer.Option(help="Column that names the group of each row, such as a patient.", metavar="COL")
]
Stratify = Annotated[bool, typer.Option("--stratify", help="Give every part the same share of every class.")]
RowNames = Annotated[
    str | None, typer.Option(help="Rows of the ledger; an unknown name lists them all.", metavar="NAME,NAME...")
]
Shares = Annotated[str | None, typer.Option(help="Shares of delta, one for each of --rows.", metavar="A,B...")]
Saw = Annotated[
    str | None,
    typer.Option(help="File with a row number on each line: what a fitted model has seen; or none.", metavar="IDS"),
]
AllowCopies = Annotated[
    bool,
    typer.Option("--allow-copies", help="Count equal rows one by one: they were drawn independently. Marked."),
]
LossName = Annotated[
    str | None,
    typer.Option(
        help="Regression: the loss whose mean is certified; needs --clip.", metavar="absolute|squared|quantile:Q"
    ),
]
Clip = Annotated[float | None, typer.Option(help="Where that loss is cut off, in its own unit.")]
Moment = Annotated[
    float | None,
    typer.Option(help="Of the row moment: the mean of the squared loss is at most this, which nobody checks."),
]
Costs = Annotated[
    Path | None,
    typer.Option(help="Of the row cost: what each answer costs for each class, names first.", metavar="F.csv"),
]
Sensitive = Annotated[
    str | None, typer.Option(help="Of the row groups: column whose groups are told apart.", metavar="COL")
]
Curve = Annotated[
    bool, typer.Option("--curve", help="Fit again on growing pieces of the training part: the learning curve.")
]
CurveSizes = Annotated[
    int | None, typer.Option(help="Sizes of that curve, 5 if it is not given; asks for one too.", min=2, max=100)
]
Card = Annotated[
    Path | None, typer.Option(help="File to write a model card to.", metavar="CARD.md", callback=writable_file)
]
Sign = Annotated[
    Path | None, typer.Option(help="Ed25519 private key that signs the saved certificate.", metavar="KEYFILE")
]
Posterior = Annotated[
    bool, typer.Option("--posterior", help="Certify a Gaussian posterior (logistic, mlp), trained by PAC-Bayes.")
]
Hidden = Annotated[
    str | None, typer.Option(help="Of a posterior: widths of the hidden layers of mlp.", metavar="N,N...")
]
Aim = Annotated[
    str | None, typer.Option(help="Of a posterior: bound that it is trained to minimise.", metavar="quad|lambda|kl")
]
PriorShare = Annotated[float | None, typer.Option(help="Of a posterior: share of the rows that train the prior.")]
Steps = Annotated[
    int | None, typer.Option(help="Of a posterior: training steps of the prior; it takes half as many itself.")
]
OwnSeed = Annotated[
    int | None,
    typer.Option(
        help="The integer that every random choice comes from; follows from the data if absent.",
        min=0,
        max=LARGEST_SEED,
    ),
]


def certify(
    context: typer.Context,
    data: Data = None,
    target: Target = None,
    model: ModelName = "linear",
    delta: Delta = 0.05,
    parts: Parts = None,
    group: Group = None,
    stratify: Stratify = False,
    rows: RowNames = None,
    shares: Shares = None,
    saw: Saw = None,
    allow_copies: AllowCopies = False,
    loss: LossName = None,
    clip: Clip = None,
    moment: Moment = None,
    costs: Costs = None,
    sensitive: Sensitive = None,
    curve: Curve = False,
    curve_sizes: CurveSizes = None,
    posterior: Posterior = False,
    hidden: Hidden = None,
    objective: Aim = None,
    prior_share: PriorShare = None,
    steps: Steps = None,
    save: Save = None,
    card: Card = None,
    sign: Sign = None,
    figure: FigureFile = None,
    as_json: AsJson = False,
    seed: OwnSeed = None,
    out: Out = None,
) -> int | None:
    """Train a model and certify how wrong it is on new data, all certificates together under one delta.

    Candidates are fitted on the training part; rows that none of them saw choose one, which is deployed, and certify
    it. --save C.json writes the certificate, the predictor (C.joblib) and a page for a reader (C.html); `fathometer
    predict C.json` uses that predictor. With --out they are written to DIR as certificate.json. Equal rows, and rows of
    one --group, stay in one part and count once. A certificate that lies below the risk that was measured on the test
    part is VIOLATED if the parts are found to differ, and UNDECIDED if not.
    """
    if context.invoked_subcommand is not None:
        return None
    from fathometer.cli.certify._certified import Asked, certified, load_labelled
    from fathometer.cli.certify._options import read_loss, read_names, read_numbers
    from fathometer.cli.certify._requests import read_sensitive
    from fathometer.cli.certify._told import tell, with_curve, write_beside
    from fathometer.evidence import InputError
    from fathometer.generalization import signer

    save = out / "certificate.json" if save is None and out is not None else save
    if sign is not None:
        if save is None:
            raise InputError("--sign signs the file of --save, which is not given")
        signer(sign)
    asked = Asked(
        model=model,
        delta=delta,
        seed=seed,
        parts=read_numbers("parts", parts),
        stratified=stratify,
        rows=read_names(rows),
        shares=read_numbers("shares", shares),
        loss=read_loss(loss, clip, moment),
        moment=moment,
        costs=costs,
        sensitive=sensitive,
        saw=saw,
        allow_copies=allow_copies,
        posterior=posterior,
        options={"hidden": hidden, "objective": objective, "prior_share": prior_share, "steps": steps},
        out=out,
        sizes=curve_sizes or 5 * curve,
    )
    table = load_labelled(data, target, "certify", group, asked.loss.of_classes)
    groups = read_sensitive(data, sensitive)
    made = certified(table, asked, groups)
    written = write_beside(made, save, card, sign)
    points = with_curve(made, written, save, card, out)
    return tell(written, table, asked, group, save, points, as_json=as_json, out=out, figure=figure)

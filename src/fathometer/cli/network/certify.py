"""`fathometer network certify`: how wrong your network can be on new data."""

from pathlib import Path
from typing import Annotated

import typer

from fathometer.cli._options import LARGEST_SEED, AsJson, Out, Save

Brought = Annotated[
    str,
    typer.Argument(
        help="module:factory of torch or JAX, a file of ONNX, or a folder of transformers.",
        metavar="MODULE:FACTORY|M.onnx|DIR",
    ),
]
DataFile = Annotated[Path, typer.Option(help="Arrays X and y, or tokens and lengths of documents.", metavar="F.npz")]
Saw = Annotated[
    str | None,
    typer.Option(help="File with a row number on each line: what the network has seen; or none.", metavar="IDS"),
]
Prior = Annotated[
    Path | None,
    typer.Option(help="Checkpoint from before these rows, arrays by name: asks for posterior.", metavar="F.npz"),
]
PriorSaw = Annotated[
    str | None, typer.Option(help="The same as --saw for the checkpoint; none if left out.", metavar="IDS")
]
RowNames = Annotated[
    str | None,
    typer.Option(help="Rows of the ledger: held_out, code, posterior, head and those of certify.", metavar="NAME,..."),
]
Shares = Annotated[str | None, typer.Option(help="Shares of delta, one for each of --rows.", metavar="A,B...")]
HeadName = Annotated[str | None, typer.Option(help="Of the row head: the last layer, in torch.", metavar="LAYER")]
Moved = Annotated[str, typer.Option(help="Of the posterior: names of the arrays that it moves.", metavar="GLOB")]
Draws = Annotated[int, typer.Option(help="Of the posterior: networks that are drawn.", min=10)]
Delta = Annotated[float, typer.Option(help="Probability, in (0, 1), with which any of the certificates may fail.")]
Vocabulary = Annotated[
    int | None, typer.Option(help="Of documents: how many tokens there are. Asks for a language model.", min=2)
]
Alpha = Annotated[float, typer.Option(help="Of documents: share of the uniform law in every probability.")]
Longest = Annotated[int, typer.Option(help="Of documents: tokens of each that are read.", min=2)]
AllowCopies = Annotated[
    bool, typer.Option("--allow-copies", help="Count equal rows one by one: they were drawn independently. Marked.")
]
OwnSeed = Annotated[
    int | None,
    typer.Option(help="Of the split and all draws; follows from the data if absent.", min=0, max=LARGEST_SEED),
]


def certify(
    network: Brought,
    data: DataFile,
    saw: Saw = None,
    prior: Prior = None,
    prior_saw: PriorSaw = None,
    rows: RowNames = None,
    shares: Shares = None,
    head: HeadName = None,
    parameters: Moved = "*",
    draws: Draws = 4000,
    delta: Delta = 0.05,
    vocabulary: Vocabulary = None,
    alpha: Alpha = 0.01,
    longest: Longest = 4096,
    allow_copies: AllowCopies = False,
    save: Save = None,
    as_json: AsJson = False,
    seed: OwnSeed = None,
    out: Out = None,
) -> int:
    """Certify how wrong a trained network is on new rows, all certificates together under one delta.

    Rows that it has not seen certify it as it is; --rows code, posterior and head count the rows that trained it.
    With --vocabulary it is a language model, and its unit is the document. A certificate that lies below the risk that
    was measured on the test part is VIOLATED if the parts are found to differ, and UNDECIDED if not.
    """
    from fathometer.cli.certify._options import read_names, read_numbers
    from fathometer.cli.network._certified import certified_documents, certified_rows
    from fathometer.evidence import InputError

    save = out / "certificate.json" if save is None and out is not None else save
    given = {"rows": read_names(rows), "delta": delta, "allow_copies": allow_copies, "seed": seed}
    if vocabulary is not None:
        if prior or head or shares:
            raise InputError("--prior, --head and --shares are of classifiers; --vocabulary asks for a language model")
        more = {"vocabulary": vocabulary, "alpha": alpha, "longest": longest}
        return certified_documents(network, data, saw, given | more, save, as_json=as_json, out=out)
    more = {"shares": read_numbers("shares", shares), "head": head, "parameters": parameters, "draws": draws}
    files = {"saw": saw, "prior_saw": prior_saw}
    return certified_rows(network, data, files, prior, given | more, save, as_json=as_json, out=out)

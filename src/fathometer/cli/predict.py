"""`fathometer predict`: what a certified predictor says about new rows."""

from pathlib import Path
from typing import Annotated

import typer

from fathometer.cli._options import AsJson, Seed, writable_file

File = Annotated[Path, typer.Argument(metavar="C.json", help="Certificate, as `certify --save` wrote it.")]
NewData = Annotated[str, typer.Option("--data", help="F.csv, F.npz, F.parquet, sklearn:NAME, mnist:DIR or idx:DIR.")]
Target = Annotated[
    str | None, typer.Option(help="Column of the target, if it is known: errors are then counted.", metavar="COL")
]
Written = Annotated[
    Path | None,
    typer.Option("--out", help="CSV file to write the predictions to.", metavar="P.csv", callback=writable_file),
]
Check = Annotated[
    bool, typer.Option("--check", help="Test whether the new rows are drawn like those of the certificate.")
]


def predict(
    file: File,
    data: NewData,
    target: Target = None,
    check: Check = False,
    as_json: AsJson = False,
    seed: Seed = 0,
    out: Written = None,
) -> int:
    """Predict with what was certified: the file of the predictor must be the one that the certificate names.

    Columns are found by name. With --check, new rows that are not drawn like those of the certificate are a broken
    assumption: the verdict is VIOLATED, and the certificate says nothing about them.
    """
    from fathometer.cli.certify._predicted import predicted

    return predicted(file, data, target, check, as_json=as_json, out=out)

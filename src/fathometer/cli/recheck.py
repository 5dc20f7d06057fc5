"""`fathometer recheck`: a saved certificate held against the data."""

from pathlib import Path
from typing import Annotated

import typer

from fathometer.cli._options import AsJson, Data, Out, Seed, Target

File = Annotated[Path, typer.Argument(metavar="C.json", help="Certificate, as `certify --save` wrote it.")]


def recheck(file: File, data: Data, target: Target, as_json: AsJson = False, seed: Seed = 0, out: Out = None) -> int:
    """Evaluate a saved certificate again from the data, by a second implementation of every bound."""
    from functools import partial

    from fathometer import generalization
    from fathometer.cli._finish import finish
    from fathometer.data import load_table
    from fathometer.report import print_rows

    certificate, untouched = generalization.read_certificate(file)
    table = load_table(data, target, labels=True)
    found = generalization.recheck(certificate, table.features, table.target, untouched)
    stored = {row.bound: "diverges" if row.value is None else f"{row.value:.10g}" for row in certificate.ledger.rows}
    rows = [(name, stored[name], f"{value:.10g}") for name, value in found.recomputed.items()]
    return finish(
        "recheck",
        {"certificate": str(file), "recomputed": dict(found.recomputed), "differences": list(found.differences)},
        [("recheck", found.verdict)],
        as_json=as_json,
        out=out,
        show=partial(print_rows, ("bound", "certificate", "recomputed"), rows),
    )

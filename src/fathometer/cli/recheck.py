"""`fathometer recheck`: a saved certificate held against the data."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from fathometer.cli._options import AsJson, Data, Out, Seed

File = Annotated[Path, typer.Argument(metavar="C.json", help="Certificate, as `certify --save` wrote it.")]
Target = Annotated[str | None, typer.Option(help="Column of labels; not needed for mnist:DIR.", metavar="COL")]
Model = Annotated[
    str | None,
    typer.Option(
        help="Ask the predictor, or the network, itself again, and not only its stored answers.",
        metavar="module:factory|M.onnx|DIR",
    ),
]
Group = Annotated[str | None, typer.Option(help="Column that names the group of each row.", metavar="COL")]
Sensitive = Annotated[
    str | None, typer.Option(help="Column whose groups the certificate tells apart, if it does.", metavar="COL")
]
Prior = Annotated[
    Path | None,
    typer.Option(help="Checkpoint of a network's certificate that has a prior, as it was given.", metavar="F.npz"),
]
Trust = Annotated[
    bool,
    typer.Option("--trust", help="Ask a predictor in a joblib file too: reading one runs code that it brings along."),
]
Retrain = Annotated[bool, typer.Option("--retrain", help="Train a network again from its seed, and compare weights.")]
Verify = Annotated[
    Path | None, typer.Option(help="Ed25519 public key that must have signed the file.", metavar="PUBKEY")
]


def recheck(
    file: File,
    data: Data,
    target: Target = None,
    model: Model = None,
    group: Group = None,
    sensitive: Sensitive = None,
    prior: Prior = None,
    trust: Trust = False,
    retrain: Retrain = False,
    verify: Verify = None,
    as_json: AsJson = False,
    seed: Seed = 0,
    out: Out = None,
) -> int:
    """Evaluate a saved certificate again from the data, by a second implementation of every bound.

    What a recheck cannot see is listed as `unseen`. The predictor in the file beside the certificate is asked again.
    Stored answers alone prove nothing about it: where it is absent, or in a joblib file that is not trusted, the
    recheck is UNDECIDED unless --model makes it again.
    """
    from functools import partial

    import numpy as np

    from fathometer import generalization
    from fathometer.cli._finish import finish
    from fathometer.cli._of_input import reading
    from fathometer.cli.certify._certified import load_again
    from fathometer.cli.certify._predicted import beside
    from fathometer.cli.certify._requests import read_sensitive
    from fathometer.evidence import text_up
    from fathometer.generalization.learning.predictors import PredictorCertificate, load_factory
    from fathometer.network.certificates._recheck_files import is_of_network
    from fathometer.report import print_rows

    if is_of_network(file):
        from fathometer.cli.network._rechecked import rechecked_network

        with reading(file):
            return rechecked_network(file, Path(data), model, prior, as_json=as_json, out=out)
    with reading(file):
        saved = generalization.read_saved(file)
    certificate = saved.certificate
    own = certificate if isinstance(certificate, PredictorCertificate) else None
    encoding, of_classes = (None, True) if own is None else (own.encoding, own.plan.loss.of_classes)
    table = load_again(data, target, "recheck", group, encoding, of_classes)
    factory = None if model is None else load_factory(model)
    rechecked = generalization.recheck(
        certificate,
        table.features,
        np.asarray(table.target),
        saved.untouched,
        factory,
        groups=table.groups,
        test_rows=table.test_rows,
        retrain=retrain,
        announce=lambda text: sys.stderr.write(f"{text}\n"),
        predictor=None if factory else beside(certificate, file, trust),
        frame=table.frame,
        sensitive=read_sensitive(data, sensitive),
    )
    rechecked = generalization.verify_signature(rechecked, saved, verify)
    stored = {
        name: "diverges" if value is None else text_up(value, 10)
        for name, value in generalization.named_values(certificate.ledger.rows).items()
    }
    rows = [(name, stored.get(name, "absent"), text_up(value, 10)) for name, value in rechecked.recomputed.items()]
    return finish(
        "recheck",
        {
            "certificate": str(file),
            "recomputed": dict(rechecked.recomputed),
            "differences": list(rechecked.differences),
            "unseen": list(rechecked.unseen),
            "copies": certificate.copies.to_json(),
        },
        [("recheck", rechecked.verdict)],
        as_json=as_json,
        out=out,
        show=partial(print_rows, ("bound", "certificate", "recomputed"), rows),
    )

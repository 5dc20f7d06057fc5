"""`fathometer recheck` of a certificate of a network."""

from functools import partial
from pathlib import Path

from fathometer.cli._finish import finish
from fathometer.cli.network._rows import read_classified, read_texts
from fathometer.evidence import text_up
from fathometer.generalization import named_values
from fathometer.network.adapters import brought
from fathometer.network.certificates import recheck_file
from fathometer.network.certificates._certificate import schema_of
from fathometer.network.certificates.language._language import SCHEMA as OF_LANGUAGE
from fathometer.report import print_rows


def rechecked_network(
    file: Path, data: Path, model: str | None, prior: Path | None, *, as_json: bool, out: Path | None
) -> int:
    """Evaluate it again, and show what came of it.

    Args:
        file: of the certificate.
        data: npz file of rows, or of documents.
        model: the network as a user names it; None decides nothing about it.
        prior: npz file of its checkpoint; None for none.
        as_json: whether to print JSON.
        out: folder for the result; None for none.
    """
    net = None if model is None else brought(model)[0]
    if schema_of(file) == OF_LANGUAGE:
        certificate, found = recheck_file(file, documents=read_texts(data), net=net)
    else:
        certificate, found = recheck_file(file, *read_classified(data), net=net, prior=prior)
    stored = named_values(certificate.ledger.rows)
    rows = [
        (name, "diverges" if stored.get(name) is None else text_up(float(stored[name] or 0), 10), text_up(value, 10))
        for name, value in found.recomputed.items()
    ]
    return finish(
        "recheck",
        {
            "certificate": str(file),
            "recomputed": dict(found.recomputed),
            "differences": list(found.differences),
            "unseen": list(found.unseen),
        },
        [("recheck", found.verdict)],
        as_json=as_json,
        out=out,
        show=partial(print_rows, ("bound", "certificate", "recomputed"), rows),
    )

"""New rows, what the certified predictor says about them, and whether they look like the rows of the certificate."""

import csv
import io
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from rich.console import Console

from fathometer.cli._finish import finish
from fathometer.cli._of_input import reading
from fathometer.data import MNIST_TARGET, Features, load_features
from fathometer.evidence import Answer, AtLeast, Check, Estimate, InputError, judge
from fathometer.generalization import AnyCertificate, Certificate
from fathometer.generalization.certificates._deployed import deployed_predictor
from fathometer.generalization.ledger._drift import FEWEST
from fathometer.report import print_rows, write_text

SHOWN = 20
"""Predictions that are printed."""

BLIND = Check("enough rows to tell", Answer.UNDECIDABLE, None, f"a classifier needs {FEWEST} rows of each side")


def predicted(file: Path, data: str, target: str | None, check: bool, *, as_json: bool, out: Path | None) -> int:
    """Read, predict, count errors where the target is known, and check.

    Args:
        file: of the certificate.
        data: new rows.
        target: column of the target; None if it is not known.
        check: whether to test that the rows are drawn like those of the certificate.
        as_json: whether to print JSON.
        out: CSV file for the predictions; None for none.

    Raises:
        InputError: if the target is named and absent, or rows cannot be read as those of the certificate were.
    """
    with reading(file):
        certificate = Certificate.load(file)
    table = _rows(certificate, data, target)
    if target is not None and table.target is None:
        raise InputError(f"{data} has no column {target!r} with values, which was named as the target")
    for note in table.notes:
        sys.stderr.write(f"{note}\n")
    answers = certificate.predict(table.frame() if certificate.framed else table.features)
    document: dict[str, Any] = {"certificate": str(file), "predictions": answers.tolist()}
    document |= _errors(certificate, answers, table, target)
    verdicts = []
    if check:
        drift = certificate.drift(table.features)
        document["drift"] = drift.to_json()
        document["training_rows"] = int(certificate.trained_on(table.features).sum())
        blind = (BLIND,) if min(drift.rows) < FEWEST and not drift.differ else ()
        verdict = judge(AtLeast(drift.level), Estimate.exact(drift.p_value), "drift", blind)
        verdicts = [("new rows", replace(verdict, explanation=drift.sentence))]
    if out is not None:
        write_text(out, _as_csv(answers))
    return finish(
        "predict",
        document,
        verdicts,
        as_json=as_json,
        out=None,
        show=partial(_show, answers),
        last=_last(certificate, document),
    )


def beside(certificate: AnyCertificate, file: Path, trust: bool) -> Any:
    """The predictor in the file beside a certificate; None if there is none, or reading it runs code of strangers.

    Args:
        certificate: as it was read.
        file: of the certificate.
        trust: whether a joblib file may run its code.

    Raises:
        InputError: if the file holds another predictor.
    """
    named = getattr(certificate, "predictor", None)
    if named is None or not (file.parent / Path(named.name).name).is_file():
        return None
    if named.form != "skops" and not trust:
        return None
    return deployed_predictor(certificate, file)


def _rows(certificate: Certificate, data: str, target: str | None) -> Features:
    """New rows, read as those of the certificate were.

    Raises:
        InputError: if they cannot be, or a column is missing.
    """
    encoding = certificate.encoding
    if encoding is None:
        raise InputError(
            f"{certificate.path} was made from an array, whose columns have no names: use Certificate.load in Python"
        )
    named = MNIST_TARGET if target is None and data.startswith(("mnist:", "idx:")) else target
    return load_features(data, encoding, named, labels=certificate.of_classes)


def _errors(certificate: Certificate, answers: NDArray, table: Features, target: str | None) -> dict[str, Any]:
    if target is None or table.target is None:
        return {}
    losses = certificate.losses(answers, table.target)
    counted = {"errors": int(losses.sum())} if certificate.of_classes else {}
    plan = getattr(certificate.record, "plan", None)
    named = {} if certificate.of_classes or plan is None else {"loss": plan.loss.risk.strip(",")}
    return counted | named | {"risk": float(losses.mean()), "rows": len(answers)}


def _as_csv(answers: NDArray) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["prediction"])
    writer.writerows([answer] for answer in answers.tolist())
    return text.getvalue()


def _show(answers: NDArray, console: Console) -> None:
    rows = [(str(row), str(answer)) for row, answer in enumerate(answers[:SHOWN].tolist())]
    print_rows(("row", "prediction"), rows, console)
    if len(answers) > SHOWN:
        console.print(f"... and {len(answers) - SHOWN} more: --json or --out P.csv has them all", highlight=False)


def _last(certificate: Certificate, document: dict[str, Any]) -> str:
    counted = f"; {document['errors']} of {document['rows']} are wrong" if "errors" in document else ""
    counted = f"; {document['loss']}: {document['risk']:.5g}" if "loss" in document else counted
    seen = document.get("training_rows")
    counted += f"; {trained(seen, len(document['predictions']))}" if seen else ""
    return f"{len(document['predictions'])} rows predicted with the predictor of {certificate.path}{counted}"


def trained(count: int, rows: int) -> str:
    """What it means that new rows are training rows."""
    return (
        f"{count} of the {rows} new rows equal rows that it was fitted on in every feature: if they are the same rows, "
        "their errors are no estimate of the risk"
    )

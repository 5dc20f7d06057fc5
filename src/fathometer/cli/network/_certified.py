"""From the options of `network certify` to a certificate, and what is said of it."""

import shlex
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from fathometer.cli._finish import finish
from fathometer.cli.certify._told import question_of, show_question, show_rows
from fathometer.cli.network._rows import read_classified, read_texts
from fathometer.evidence import InputError, text_confidence, text_up
from fathometer.generalization import Ledger, against_test
from fathometer.generalization.learning.predictors import read_seen
from fathometer.network.adapters import brought
from fathometer.network.certificates import (
    LanguageCertificate,
    NetworkCertified,
    OwnNetworkCertificate,
    certify,
    certify_language,
)

Record = OwnNetworkCertificate | LanguageCertificate


def certified_rows(
    network: str,
    data: Path,
    files: Mapping[str, str | None],
    prior: Path | None,
    given: Mapping[str, Any],
    save: Path | None,
    *,
    as_json: bool,
    out: Path | None,
) -> int:
    """Certify a classifier, and show or print it.

    Args:
        network: as a user names it.
        data: npz file of rows.
        files: of the rows that network and prior have seen.
        prior: npz file of a checkpoint; None for none.
        given: the other options.
        save: of the certificate; None for nowhere.
        as_json: whether to print JSON.
        out: folder for the result; None for none.

    Raises:
        InputError: if something cannot be read, or does not fit.
    """
    net, loss = brought(network)
    rows, labels = read_classified(data)
    saw = read_seen(files["saw"], len(labels))
    before = None if files["prior_saw"] is None else read_seen(files["prior_saw"], len(labels))
    made = certify(net, rows, labels, saw=saw, prior=prior, prior_saw=before, loss=loss, announce=announce, **given)
    record = made.certificate if save is None else made.save(save)
    asked = {"--data": data, "--model": network, "--prior": prior}
    return _tell(made.certificate, _of_rows(made, record), asked, save, as_json=as_json, out=out)


def certified_documents(
    network: str,
    data: Path,
    saw: str | None,
    given: Mapping[str, Any],
    save: Path | None,
    *,
    as_json: bool,
    out: Path | None,
) -> int:
    """Certify a language model, and show or print it.

    Args:
        network: as a user names it.
        data: npz file of documents.
        saw: file of the documents that it has seen, or none.
        given: the other options.
        save: of the certificate; None for nowhere.
        as_json: whether to print JSON.
        out: folder for the result; None for none.

    Raises:
        InputError: if something cannot be read, or does not fit.
    """
    net, _ = brought(network)
    texts = read_texts(data)
    asked = dict(given)
    names = asked.pop("rows")
    if strange := [name for name in names if name not in ("held_out", "code")]:
        raise InputError(f"rows of a language model are held_out and code, got {strange[0]!r}")
    seen = read_seen(saw, len(texts))
    made = certify_language(net, texts, saw=seen, code="code" in names, announce=announce, **asked)
    record = made.certificate if save is None else made.save(save)
    bits = {"bits_per_token": made.bits_per_token.to_json()}
    asked = {"--data": data, "--model": network}
    return _tell(made.certificate, _of_texts(record) | bits, asked, save, as_json=as_json, out=out)


def announce(text: str) -> None:
    """Say on standard error what is finished."""
    sys.stderr.write(f"{text}\n")


def _of_rows(made: NetworkCertified, record: OwnNetworkCertificate) -> dict[str, Any]:
    held = record.held_out
    found: dict[str, Any] = {"data": held.data.to_json(), "copies": held.copies.to_json()}
    return found | {"network": record.network.to_json(), "code": _code(record), "certificate": made.value}


def _of_texts(record: LanguageCertificate) -> dict[str, Any]:
    data = {"documents": record.documents, "tokens": record.tokens, "sha256": record.sha256}
    return {
        "data": data,
        "copies": record.copies.to_json(),
        "network": record.network.to_json(),
        "code": _code(record),
        "certificate": record.overfitting.certificate,
    }


def _code(record: Record) -> dict[str, Any] | None:
    code = record.code
    return (
        None if code is None else {"file": code.file, "bytes": code.size, "scheme": code.scheme, "sha256": code.sha256}
    )


def _tell(
    record: Record,
    document: dict[str, Any],
    asked: Mapping[str, str | Path | None],
    save: Path | None,
    *,
    as_json: bool,
    out: Path | None,
) -> int:
    """Show it or print it, as `certify` does."""
    ledger = record.ledger
    document = (
        ledger.to_json() | {"model": asked["--model"], "source": str(asked["--data"])} | document | question_of(record)
    )
    document["ledger"] = [
        row | {"status": str(kept.status)} for row, kept in zip(document.pop("rows"), ledger.rows, strict=True)
    ]
    return finish(
        "network-certify",
        document,
        [("test part", against_test(ledger))],
        as_json=as_json,
        out=out,
        show=partial(_show, record),
        last=_last(record, ledger, asked, save),
    )


def _show(record: Record, console: Console) -> None:
    show_question(record, console)
    show_rows(record, console)
    if isinstance(record, LanguageCertificate):
        console.print(f"bits per token of new documents: {record.bits_per_token.text(4)}", highlight=False)
    for note in record.ledger.notes:
        console.print(f"* {note}", highlight=False)


def _last(record: Record, ledger: Ledger, asked: Mapping[str, str | Path | None], save: Path | None) -> str:
    sure = f"with probability at least {text_confidence(ledger.delta_total)}"
    best = next((row for row in ledger.rows if row.bound == ledger.winner), None)
    what = f"every certificate of the network itself is vacuous ({sure})"
    if best is not None and best.value is not None:
        what = f"{sure}, {best.certifies} is at most {text_up(best.value, 5)}{_in_bits(best.terms)} ({best.bound})"
    options = " ".join(f"{name} {shlex.quote(str(value))}" for name, value in asked.items() if value is not None)
    again = "" if save is None else f"; recheck with: fathometer recheck {shlex.quote(str(save))} {options}"
    return f"{what}{again}"


def _in_bits(terms: Mapping[str, float]) -> str:
    return f", {text_up(terms['in bits per token'], 5)} bits per token" if "in bits per token" in terms else ""

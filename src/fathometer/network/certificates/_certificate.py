"""A certificate of a network as a record, and its files."""

import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fathometer.evidence import InputError, Record
from fathometer.generalization import Ledger, LedgerRow
from fathometer.generalization.certificates._saved import content_digest
from fathometer.generalization.learning.predictors import PredictorCertificate
from fathometer.generalization.learning.predictors._rows import certifies_deployed, in_order
from fathometer.generalization.ledger._ledger import winner
from fathometer.generalization.ledger._overfitting import Overfitting
from fathometer.generalization.ledger._strict import read_json, require_record
from fathometer.network.certificates._answers import NetworkFacts
from fathometer.network.certificates._head import HeadRecord
from fathometer.network.certificates._layout import Layout
from fathometer.network.certificates._posterior import PosteriorRecord
from fathometer.network.certificates.coding._code_row import CodeRecord
from fathometer.report import write_bytes, write_json

SCHEMA = "fathometer.own_network_certificate/1"

ASSUMED = (
    "rows of the ledger that count training rows ask that these were drawn independently, and not chosen by looking at "
    "the labels or at the network"
)


@dataclass(frozen=True, eq=False)
class OwnNetworkCertificate(Record):
    """How wrong a trained network can be on new rows, all certificates together under one delta.

    Attributes:
        network: which it is.
        layout: of the rows.
        delta: of all rows of the ledger together.
        held_out: what rows say that the network has not seen.
        posterior: the PAC-Bayes row; None if it was not asked for.
        code: the row of a short code; None likewise.
        head: the row of a last layer; None likewise.
        parameters: which arrays were moved in the posterior, as in a shell.
    """

    network: NetworkFacts
    layout: Layout
    delta: float
    held_out: PredictorCertificate
    posterior: PosteriorRecord | None
    code: CodeRecord | None
    head: HeadRecord | None
    parameters: str

    @property
    def own_rows(self) -> tuple[LedgerRow, ...]:
        """Rows that networks alone have."""
        return tuple(record.row for record in (self.posterior, self.code, self.head) if record is not None)

    @property
    def overfitting(self) -> Overfitting:
        """Does it overfit, by how much?"""
        return self.held_out.overfitting

    @property
    def ledger(self) -> Ledger:
        """All rows in one ledger."""
        kept = self.held_out.ledger
        rows = in_order([*kept.rows, *self.own_rows])
        return dataclasses.replace(
            kept,
            rows=rows,
            winner=winner(tuple(row for row in rows if certifies_deployed(row))),
            delta_total=self.delta,
            delta_spent=min(self.delta, kept.delta_spent + sum(row.delta_spent for row in self.own_rows)),
            notes=(*kept.notes, *((ASSUMED,) if self.own_rows else ())),
        )


@dataclass(frozen=True, eq=False)
class NetworkCertified:
    """A certificate with the code of the decoded network, if there is one.

    Attributes:
        certificate: the record.
        code: the file; None if there is none.
    """

    certificate: OwnNetworkCertificate
    code: bytes | None = None

    @property
    def ledger(self) -> Ledger:
        """All rows in one ledger."""
        return self.certificate.ledger

    @property
    def value(self) -> float | None:
        """The smallest certificate on the 0/1 risk of the network itself; None if every one is vacuous."""
        return next((row.value for row in self.ledger.rows if row.bound == self.ledger.winner), None)

    @property
    def overfitting(self) -> Overfitting:
        """Does it overfit, by how much?"""
        return self.certificate.overfitting

    def save(self, path: str | Path) -> OwnNetworkCertificate:
        """Write the certificate, and the code beside it with the ending `.code`.

        Args:
            path: of the certificate; `fathometer recheck` reads it.

        Returns:
            The certificate as it was written, with the name of the code's file.
        """
        place, certificate = Path(path), self.certificate
        if self.code is not None and certificate.code is not None:
            write_bytes(place.with_suffix(".code"), self.code)
            named = dataclasses.replace(certificate.code, file=place.with_suffix(".code").name)
            certificate = dataclasses.replace(certificate, code=named)
        write_document(place, SCHEMA, certificate)
        return certificate


def write_document(path: Path, schema: str, certificate: Record) -> None:
    """Write a certificate with its schema and a digest of its content.

    Args:
        path: of the file.
        schema: name of its form.
        certificate: what is written.
    """
    content = certificate.to_json()
    write_json(path, {"schema": schema, "digest": content_digest(content), "certificate": content})


def schema_of(path: Path) -> str:
    """The schema that a file says it has; empty if it says none, or cannot be read."""
    try:
        document = read_json(path.read_text("utf-8"), str(path))
    except (OSError, ValueError):
        return ""
    return str(document.get("schema", "")) if isinstance(document, Mapping) else ""


def read_document(path: Path, schemas: Mapping[str, type[Record]]) -> tuple[Any, bool]:
    """Read a certificate, and say whether its content has the digest that it was saved with.

    Args:
        path: of the file.
        schemas: kinds of records by schema.

    Raises:
        InputError: if it holds no certificate of these kinds.
    """
    document = read_json(path.read_text("utf-8"), str(path))
    schema, content = document.get("schema"), document.get("certificate", {})
    try:
        require_record(schemas[schema], content)
        certificate = schemas[schema].from_json(content)
    except (ValueError, AttributeError, OverflowError, TypeError, KeyError) as error:
        raise InputError(f"{path} cannot be read as a certificate: {error}") from error
    return certificate, document.get("digest") == content_digest(content)


def read_code(path: Path, record: CodeRecord) -> bytes:
    """The code beside a certificate.

    Args:
        path: of the certificate.
        record: which names the file.

    Raises:
        InputError: if it is absent, or another one.
    """
    place = path.parent / Path(record.file).name
    try:
        code = place.read_bytes()
    except OSError as error:
        raise InputError(f"{place} cannot be read: {error.strerror or error}") from error
    if hashlib.sha256(code).hexdigest() != record.sha256:
        raise InputError(f"{place} is not the code of this certificate: its SHA-256 is another one")
    return code


def row_numbers(rows: Any, count: int, called: str) -> np.ndarray:
    """Numbers of rows, sorted, each once.

    Args:
        rows: whole numbers from 0 on, or None for none.
        count: how many rows there are.
        called: what they are, for the message.

    Raises:
        InputError: if they are something else.
    """
    given = np.empty(0, np.int64) if rows is None else np.asarray(rows)
    if given.size == 0:
        return np.empty(0, np.int64)
    if given.ndim != 1 or given.dtype.kind not in "iu" or given.min() < 0 or given.max() >= count:
        raise InputError(f"{called} must be a list of row numbers from 0 to {count - 1}")
    return np.unique(given.astype(np.int64))

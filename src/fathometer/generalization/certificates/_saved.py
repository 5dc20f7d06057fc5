"""Certificates in files: written with their schema, a digest and perhaps a signature, read, and rechecked."""

import dataclasses
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from fathometer.evidence import InputError
from fathometer.generalization.certificates._signature import Signature, read_signature, signed_by, signer
from fathometer.generalization.learning.linear._certificate import LinearCertificate
from fathometer.generalization.learning.linear._recheck import recheck_linear
from fathometer.generalization.learning.networks._certificate import NetworkCertificate
from fathometer.generalization.learning.networks._recheck import recheck_network
from fathometer.generalization.learning.predictors._certificate import PredictorCertificate
from fathometer.generalization.learning.predictors._recheck import recheck_predictor
from fathometer.generalization.learning.predictors._reference import Reference, write_reference
from fathometer.generalization.learning.predictors.models._files import write_beside
from fathometer.generalization.ledger._recheck import Recheck, conclude
from fathometer.generalization.ledger._strict import read_json, require_record

AnyCertificate = LinearCertificate | NetworkCertificate | PredictorCertificate
C = TypeVar("C", bound=AnyCertificate)

SCHEMAS: dict[str, type[AnyCertificate]] = {
    "fathometer.linear_certificate/2": LinearCertificate,
    "fathometer.network_certificate/3": NetworkCertificate,
    "fathometer.predictor_certificate/4": PredictorCertificate,
}
OLDER = {
    f"fathometer.{kind}_certificate/{version}": name
    for kind, name in ((name.split("_")[0].split(".")[1], name) for name in SCHEMAS)
    for version in range(1, int(name.split("/")[1]))
}
"""Schemas of older versions, with those that took their place. None can be carried over: their rows spoke about other
predictors, or they lack what a recheck needs."""

KEYS = {"schema", "digest", "certificate", "signature"}


class SavedCertificate(NamedTuple):
    """A certificate as it was read.

    Attributes:
        certificate: the record.
        untouched: whether its content still has the digest that it was saved with.
        signature: as it stands there, not verified; None if there is none.
        message: the bytes that a signature is made on.
    """

    certificate: AnyCertificate
    untouched: bool
    signature: Signature | None
    message: bytes


def save_certificate(
    path: Path,
    certificate: C,
    key: Path | None = None,
    predictor: Any = None,
    reference: Reference | None = None,
) -> C:
    """Write a certificate with its schema and a digest of its content, in one step, after the predictor beside it.

    The digest shows accidents; anybody can make it again. A signature shows who wrote the file.

    Args:
        path: of the file; the predictor is written to the same name that ends with `.skops`, or with `.joblib` where
            skops cannot hold it.
        certificate: what is written.
        key: file of an Ed25519 private key (PEM or OpenSSH, without a password) that signs it; None signs nothing.
        predictor: the deployed one, fitted; None writes none. One that cannot be written is left out.
        reference: what new rows are held against, written beside it with the ending `.rows.npy`; None writes none.

    Returns:
        The certificate as it was written, with the name and the SHA-256 of the predictor's file.

    Raises:
        InputError: if the key cannot be used.
    """
    from fathometer.report import write_json

    if predictor is not None and isinstance(certificate, PredictorCertificate):
        certificate = dataclasses.replace(certificate, predictor=write_beside(path, predictor))
    if reference is not None and isinstance(certificate, PredictorCertificate):
        certificate = dataclasses.replace(
            certificate, reference=write_reference(path.with_suffix(".rows.npy"), reference)
        )

    schema = next(name for name, kind in SCHEMAS.items() if isinstance(certificate, kind))
    content = certificate.to_json()
    document = {"schema": schema, "digest": content_digest(content), "certificate": content}
    if key is not None:
        document["signature"] = signer(key)(_message(schema, content)).to_json()
    write_json(path, document)
    return certificate


def read_certificate(path: Path) -> tuple[AnyCertificate, bool]:
    """Read a certificate, and say whether its content still has the digest that it was saved with.

    Raises:
        InputError: if there is no such file, or it holds no certificate of a known schema.
    """
    saved = read_saved(path)
    return saved.certificate, saved.untouched


def read_saved(path: Path) -> SavedCertificate:
    """Read a certificate with all that the file says; every value is held against the type of its field first.

    Raises:
        InputError: if there is no such file, or it holds no certificate of a known schema.
    """
    if not path.is_file():
        raise InputError(f"no file {str(path)!r}")
    try:
        text = path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, OSError) as error:
        raise InputError(f"{path} is not a JSON file: {error}") from error
    document = read_json(text, str(path))
    schema = document.get("schema") if isinstance(document, dict) else None
    if isinstance(schema, str) and schema in OLDER:
        raise InputError(f"{path} is of {schema}, which an older version wrote: certify again, to {OLDER[schema]}")
    if not isinstance(schema, str) or schema not in SCHEMAS:
        raise InputError(f"{path} must be a certificate of schema {', '.join(SCHEMAS)}, got {_short(schema)}")
    content = document.get("certificate", {})
    try:
        if unknown := set(document) - KEYS:
            raise InputError(f"there is no key {sorted(unknown)[0][:40]!r}")
        require_record(SCHEMAS[schema], content)
        certificate = SCHEMAS[schema].from_json(content)
        signature = read_signature(document.get("signature"))
    except (ValueError, AttributeError, OverflowError, TypeError, KeyError) as error:
        raise InputError(f"{path} cannot be read as a certificate: {error}") from error
    untouched = document.get("digest") == content_digest(content)
    return SavedCertificate(certificate, untouched, signature, _message(schema, content))


def recheck(
    certificate: AnyCertificate,
    features: ArrayLike,
    labels: ArrayLike,
    untouched: bool = True,
    factory: Callable[[], Any] | None = None,
    *,
    groups: ArrayLike | None = None,
    test_rows: int = 0,
    retrain: bool = False,
    announce: Callable[[str], object] | None = None,
    predictor: Any = None,
    frame: Callable[[], Any] | None = None,
    sensitive: ArrayLike | None = None,
) -> Recheck:
    """Evaluate a certificate again from the data, by code that shares no formula with what made it.

    Copies and groups are found again, the split is drawn again from its seed, what the prior part fixed is computed
    again, every empirical risk is measured again and every bound is evaluated by a second implementation. Linear
    weights are proved to solve their training problems; a network is trained again if that is asked for. What cannot be
    seen is named in `unseen`: whether the seed was chosen for its result, whether a network was trained on its parts
    alone if it is not trained again, and what a predictor that was brought along had seen. The answers of such a
    predictor are UNDECIDED unless it is asked again.

    Args:
        certificate: as it was read.
        features: shape (n, p), finite.
        labels: shape (n,).
        untouched: whether the content of the file still has the digest that it was saved with.
        factory: makes a predictor that was brought along once more; its answers are then compared with the stored ones.
        groups: shape (n,), group of each row, where the certificate was made with groups.
        test_rows: so many rows at the end are the test part, by the source of the data; 0 if it knows none.
        retrain: train a network again, from the seed and the rows of its parts, and compare the weights.
        announce: is told which stage of that training is finished.
        predictor: the deployed one of a predictor's certificate, from its file; it is then asked again.
        frame: makes a data frame of the same rows, for a predictor that selects columns by name.
        sensitive: shape (n,), groups of the sensitive column, where a predictor's certificate was made with one.

    Raises:
        InputError: if the data are no classification problem of the kind that is certified, groups are missing, or a
            factory or a training is asked for where there is none.
    """
    own = isinstance(certificate, PredictorCertificate)
    if factory is not None and not own:
        raise InputError("only the certificate of a predictor of your own can be rechecked with module:factory")
    if retrain and not isinstance(certificate, NetworkCertificate):
        raise InputError("only a network is trained again (--retrain); linear weights are proved without it")
    try:
        with np.errstate(all="ignore"):
            if isinstance(certificate, PredictorCertificate):
                return recheck_predictor(
                    certificate,
                    features,
                    labels,
                    untouched,
                    factory,
                    groups,
                    test_rows=test_rows,
                    predictor=predictor,
                    frame=frame,
                    sensitive=sensitive,
                )
            if isinstance(certificate, LinearCertificate):
                return recheck_linear(certificate, features, labels, untouched, groups)
            return recheck_network(certificate, features, labels, untouched, groups, test_rows, retrain, announce)
    except (ArithmeticError, np.linalg.LinAlgError) as error:
        return conclude([f"the numbers of the certificate cannot be evaluated again: {error}"])


def verify_signature(rechecked: Recheck, saved: SavedCertificate, key: Path | None) -> Recheck:
    """Add to a recheck what the signature says: VIOLATED where a key is given and the file is not signed with it.

    Args:
        rechecked: what came of the recheck.
        saved: the file.
        key: file of the Ed25519 public key (PEM or OpenSSH) that must have signed it; None verifies nothing.

    Raises:
        InputError: if the key cannot be used.
    """
    if key is None:
        unsigned = "who wrote the file" if saved.signature is None else "whether the signature is good (--verify KEY)"
        return dataclasses.replace(rechecked, unseen=(*rechecked.unseen, unsigned))
    good = signed_by(key)
    if saved.signature is not None and good(saved.signature, saved.message):
        return rechecked
    reason = "the file carries no signature" if saved.signature is None else f"{key.name} did not sign this content"
    wrong = conclude([reason, *rechecked.differences], unseen=rechecked.unseen)
    return dataclasses.replace(wrong, recomputed=rechecked.recomputed)


def content_digest(content: Any) -> str:
    """SHA-256 of JSON values written with sorted keys and no spaces."""
    return hashlib.sha256(_canonical(content)).hexdigest()


def _message(schema: str, content: Any) -> bytes:
    return _canonical({"schema": schema, "certificate": content})


def _canonical(content: Any) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def _short(value: Any) -> str:
    return repr(value) if len(repr(value)) <= 60 else repr(value)[:57] + "..."

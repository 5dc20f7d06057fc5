"""Certificates in files: written with their schema and a digest, read, and held against the data again."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike

from fathometer.evidence import InputError
from fathometer.generalization._linear_certificate import LinearCertificate
from fathometer.generalization._recheck import Recheck, recheck_linear
from fathometer.generalization.networks._certificate import NetworkCertificate
from fathometer.generalization.networks._recheck import recheck_network
from fathometer.generalization.predictors._certificate import PredictorCertificate
from fathometer.generalization.predictors._recheck import recheck_predictor

AnyCertificate = LinearCertificate | NetworkCertificate | PredictorCertificate

SCHEMAS: dict[str, type[AnyCertificate]] = {
    "fathometer.linear_certificate/1": LinearCertificate,
    "fathometer.network_certificate/1": NetworkCertificate,
    "fathometer.predictor_certificate/1": PredictorCertificate,
}


def save_certificate(path: Path, certificate: AnyCertificate) -> None:
    """Write a certificate with its schema and a digest of its content, in one step."""
    from fathometer.report import write_json

    schema = next(name for name, kind in SCHEMAS.items() if isinstance(certificate, kind))
    content = certificate.to_json()
    write_json(path, {"schema": schema, "digest": content_digest(content), "certificate": content})


def read_certificate(path: Path) -> tuple[AnyCertificate, bool]:
    """Read a certificate, and say whether its content still has the digest that it was saved with.

    Raises:
        InputError: if there is no such file, or it holds no certificate of a known schema.
    """
    if not path.is_file():
        raise InputError(f"no file {str(path)!r}")
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError(f"{path} is not a JSON file: {error}") from error
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema not in SCHEMAS:
        raise InputError(f"{path} must be a certificate of schema {', '.join(SCHEMAS)}, got {schema!r}")
    content = document.get("certificate", {})
    try:
        certificate = SCHEMAS[schema].from_json(content)
    except (ValueError, AttributeError, OverflowError, TypeError, KeyError) as error:
        raise InputError(f"{path} cannot be read as a certificate: {error}") from error
    return certificate, document.get("digest") == content_digest(content)


def recheck(
    certificate: AnyCertificate,
    features: ArrayLike,
    labels: ArrayLike,
    untouched: bool = True,
    factory: Callable[[], Any] | None = None,
) -> Recheck:
    """Evaluate a certificate again from the data, by code that shares no formula with what made it.

    The split is drawn again from its seed, what the prior part fixed is computed again, every empirical risk is
    measured again and every bound is evaluated by a second implementation. Linear weights are proved to solve their
    training problems. What cannot be seen is whether the seed was chosen for its result, whether the prior of a network
    was trained on its part alone, and whether a predictor that was brought along had seen the rows.

    Args:
        certificate: as it was read.
        features: shape (n, p), finite.
        labels: shape (n,).
        untouched: whether the content of the file still has the digest that it was saved with.
        factory: makes a predictor that was brought along once more; its answers are then compared with the stored ones.

    Raises:
        InputError: if the data are no classification problem of the kind that is certified, or a factory is given for a
            model that was trained here.
    """
    if isinstance(certificate, PredictorCertificate):
        return recheck_predictor(certificate, features, labels, untouched, factory)
    if factory is not None:
        raise InputError("only the certificate of a predictor of your own can be rechecked with module:factory")
    if isinstance(certificate, LinearCertificate):
        return recheck_linear(certificate, features, labels, untouched)
    return recheck_network(certificate, features, labels, untouched)


def content_digest(content: Any) -> str:
    """SHA-256 of JSON values written with sorted keys and no spaces."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()

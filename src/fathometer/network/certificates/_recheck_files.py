"""A saved certificate of a network, of either kind, held against the data."""

from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike

from fathometer.evidence import InputError
from fathometer.generalization import Recheck
from fathometer.network.adapters._wrap import wrap
from fathometer.network.certificates import _certificate
from fathometer.network.certificates._certificate import OwnNetworkCertificate, read_code, read_document, schema_of
from fathometer.network.certificates._recheck import recheck_network_certificate
from fathometer.network.certificates.language import _language
from fathometer.network.certificates.language._language import LanguageCertificate
from fathometer.network.certificates.language._recheck import recheck_language

SCHEMAS = {_certificate.SCHEMA: OwnNetworkCertificate, _language.SCHEMA: LanguageCertificate}

Saved = OwnNetworkCertificate | LanguageCertificate


def is_of_network(path: Path) -> bool:
    """Whether a file says that it is a certificate of this room."""
    return schema_of(path) in SCHEMAS


def recheck_file(
    path: str | Path,
    X: Any = None,
    y: ArrayLike | None = None,
    *,
    documents: Any = None,
    net: Any = None,
    prior: Any = None,
    groups: ArrayLike | None = None,
) -> tuple[Saved, Recheck]:
    """Read a certificate and evaluate it again.

    Args:
        path: of the file; the file of a code is looked for beside it.
        X: rows of a classifier, as they were certified.
        y: numbers of their classes.
        documents: of a language model, as they were certified.
        net: the network, as `fathometer.network.wrap` takes it; None decides nothing about it.
        prior: the checkpoint of rows that have one.
        groups: shape (n,), where the certificate was made with groups.

    Returns:
        The certificate and what came of the recheck.

    Raises:
        InputError: if the file is no such certificate, or rows or documents are missing.
    """
    place = Path(path)
    if not is_of_network(place):
        raise InputError(f"{place} must be a certificate of schema {', '.join(SCHEMAS)}")
    certificate, untouched = read_document(place, SCHEMAS)
    network = None if net is None else wrap(net)
    code = _code_beside(place, certificate)
    try:
        if isinstance(certificate, LanguageCertificate):
            if documents is None:
                raise InputError("the certificate is about documents: give tokens and lengths")
            again = recheck_language(certificate, documents, untouched, net=network, code=code, groups=groups)
            return certificate, again
        if X is None or y is None:
            raise InputError("the certificate is about rows: give X and y")
        again = recheck_network_certificate(
            certificate, X, y, untouched, net=network, prior=prior, code=code, groups=groups
        )
    except KeyError as missing:  # names of bounds, inputs and choices are read from the file
        raise InputError(f"{place} has been changed: a row lacks or misnames {missing}") from missing
    return certificate, again


def _code_beside(path: Path, certificate: Saved) -> bytes | None:
    """The file of a code; None if there is none or it is absent.

    Raises:
        InputError: if it is another one.
    """
    record = certificate.code
    if record is None or not record.file or not (path.parent / Path(record.file).name).is_file():
        return None
    return read_code(path, record)

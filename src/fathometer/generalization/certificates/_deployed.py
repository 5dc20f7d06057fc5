"""A saved certificate as a user holds it: the record, and the predictor that it speaks about."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.data import Encoding
from fathometer.evidence import InputError
from fathometer.generalization.certificates._saved import AnyCertificate, read_saved
from fathometer.generalization.learning.linear._certificate import LinearCertificate
from fathometer.generalization.learning.linear._model import read_features
from fathometer.generalization.learning.networks._certificate import NetworkCertificate
from fathometer.generalization.learning.networks._layers import scores
from fathometer.generalization.learning.predictors._certificate import PredictorCertificate
from fathometer.generalization.learning.predictors._plan import Loss
from fathometer.generalization.learning.predictors._reference import Reference, load_reference
from fathometer.generalization.learning.predictors.models._adapter import answers
from fathometer.generalization.learning.predictors.models._files import load_predictor
from fathometer.generalization.learning.predictors.models._state import wants_frame
from fathometer.generalization.ledger._drift import Drift, drift


@dataclass(frozen=True)
class Certificate:
    """A certificate with its predictor.

    Attributes:
        record: as it was read.
        predictor: fitted, from the file beside the certificate; None for a network or a linear classifier, whose
            weights are in the record.
        path: of the certificate.
    """

    record: AnyCertificate
    predictor: Any
    path: Path

    @classmethod
    def load(cls, path: str | Path) -> "Certificate":
        """Read a certificate and its predictor.

        A joblib file runs code when it is read. It is read only if its SHA-256 is the one in the certificate, so that
        whoever you trust for the certificate, you trust for the predictor.

        Args:
            path: of the certificate; the predictor lies in the same folder.

        Raises:
            InputError: if the certificate cannot be read or was changed, or its predictor was not written, is absent or
                is another one.
        """
        saved = read_saved(Path(path))
        if not saved.untouched:
            raise InputError(f"the content of {path} does not have the digest that it was saved with")
        return cls(saved.certificate, deployed_predictor(saved.certificate, Path(path)), Path(path))

    @property
    def encoding(self) -> Encoding | None:
        """How columns become numbers; None if features were given without names."""
        return getattr(self.record, "encoding", None)

    @property
    def of_classes(self) -> bool:
        """Whether it predicts classes, and not numbers."""
        return not isinstance(self.record, PredictorCertificate) or self.record.plan.loss.of_classes

    @property
    def framed(self) -> bool:
        """Whether the predictor selects columns by name, and takes a data frame."""
        return wants_frame(self.predictor)

    def losses(self, predicted: ArrayLike, truth: ArrayLike) -> NDArray[np.float64]:
        """The certified loss of predictions, in [0, 1].

        Args:
            predicted: shape (n,), as `predict` returns them.
            truth: shape (n,), labels, or for regression numbers.
        """
        given, known = np.asarray(predicted), np.asarray(truth)
        if given.dtype.kind in "US" or known.dtype.kind in "US":
            given, known = given.astype(str), known.astype(str)
        loss = self.record.plan.loss if isinstance(self.record, PredictorCertificate) else Loss()
        return loss.of(given, known)

    def drift(self, X: ArrayLike | Mapping[str, Any]) -> Drift:
        """Test whether new rows are drawn like those of the certificate.

        Args:
            X: as for `predict`.

        Raises:
            InputError: if no rows were kept beside the certificate, or they cannot be read.
        """
        kept, x, seed = self._reference, numbers_of(self.record, X), getattr(self.record, "seed", 0)
        return drift(kept.rows, x, seed % 2**32, names=self._names)

    def trained_on(self, X: ArrayLike | Mapping[str, Any]) -> NDArray[np.bool_]:
        """Whether new rows equal, in every feature, rows that the predictor was fitted on.

        Their errors are no estimate of its risk. None is named where nobody knows what it was fitted on.

        Args:
            X: as for `predict`.

        Returns:
            Shape (n,).

        Raises:
            InputError: if no rows were kept beside the certificate, or they cannot be read.
        """
        return self._reference.trained_on(numbers_of(self.record, X))

    @property
    def _reference(self) -> Reference:
        record = self.record
        if not isinstance(record, PredictorCertificate) or record.reference is None:
            raise InputError(f"{self.path} has no rows beside it that new ones could be held against")
        return load_reference(self.path.parent / Path(record.reference.name).name, record.reference)

    @property
    def _names(self) -> tuple[str, ...] | None:
        """Names of the columns of numbers."""
        return None if self.encoding is None else self.encoding.names

    @property
    def feature_names(self) -> tuple[str, ...] | None:
        """Names of the columns that the predictor needs; None if features were given without names."""
        return None if self.encoding is None else tuple(column.name for column in self.encoding.columns)

    def predict(self, X: ArrayLike | Mapping[str, Any]) -> NDArray[Any]:
        """Predict with what was certified.

        Args:
            X: a data frame or a mapping from names to columns, where the certificate knows names: columns are found by
                name, in any order, and others are left out. Or numbers of shape (n, p), in the order of the columns.

        Returns:
            Shape (n,): labels of the data that were certified, or for regression numbers.

        Raises:
            InputError: if a column is missing or of another kind, or the shape is another one.
        """
        if isinstance(self.record, PredictorCertificate):
            return _of_predictor(self.record, self.predictor, X)
        return classes_of(self.record.data.classes)[_codes(self.record, numbers_of(self.record, X))]


def deployed_predictor(record: AnyCertificate, path: Path) -> Any:
    """The predictor of a certificate, from the file beside it; None where its weights are in the record.

    Args:
        record: as it was read.
        path: of the certificate.

    Raises:
        InputError: if it was not written, is absent or is another one.
    """
    if not isinstance(record, PredictorCertificate):
        return None
    if record.predictor is None:
        raise InputError(f"{path} names no file of a predictor: it was certified without being written")
    if Path(record.predictor.name).name != record.predictor.name:
        raise InputError(f"{path} names a predictor in another folder: {record.predictor.name[:60]!r}")
    return load_predictor(path.parent / record.predictor.name, record.predictor)


def classes_of(texts: tuple[str, ...]) -> NDArray[Any]:
    """The labels from their texts: numbers if all of them are, whole ones if they can be."""
    try:
        numbers = np.array([float(text) for text in texts])
    except ValueError:
        return np.array(texts)
    whole = np.all(np.abs(numbers) < 2**53) and np.all(numbers == np.rint(numbers))
    return numbers.astype(np.int64) if whole else numbers


def _of_predictor(record: PredictorCertificate, predictor: Any, X: Any) -> NDArray[Any]:
    kinds = _kinds(record, predictor)
    predicted = answers(predictor, handed(record, predictor, X), kinds).predicted
    return predicted if kinds is None else kinds[predicted]


def handed(record: PredictorCertificate, predictor: Any, X: Any) -> Any:
    """What the predictor is given: numbers by the encoding, or the data frame itself if it names columns.

    Args:
        record: with the encoding.
        predictor: fitted.
        X: data frame, mapping of columns, or numbers of shape (n, p).

    Raises:
        InputError: if a column is missing or of another kind, or the shape is another one.
    """
    named = hasattr(X, "columns") or isinstance(X, Mapping)
    return X if named and wants_frame(predictor) else numbers_of(record, X)


def numbers_of(record: AnyCertificate, X: Any) -> NDArray[np.float64]:
    """New rows as numbers.

    Args:
        record: with the encoding, where it has one.
        X: data frame, mapping of columns, or numbers of shape (n, p).

    Raises:
        InputError: if a column is missing or of another kind, or the shape is another one.
    """
    encoding = None if isinstance(record, LinearCertificate) else record.encoding
    named = encoding is not None and (hasattr(X, "columns") or isinstance(X, Mapping))
    given = encoding.apply(X) if encoding is not None and named else np.asarray(X)
    missing = encoding is not None and not encoding.plain
    if encoding is not None and encoding.plain:
        _require_complete(given, encoding.names)
    x = read_features(given, missing)
    if x.shape[1] != record.data.columns:
        raise InputError(f"X must have {record.data.columns} columns, got {x.shape[1]}")
    return x


def _require_complete(x: NDArray[Any], names: tuple[str, ...]) -> None:
    """Refuse a missing value where the predictor was certified on rows without one.

    Raises:
        InputError: if there is one, by its row and column.
    """
    if x.ndim != 2 or x.shape[1] != len(names) or x.dtype.kind != "f" or not np.any(np.isnan(x)):
        return
    row, column = np.argwhere(np.isnan(x))[0]
    raise InputError(
        f"column {names[column]!r} has no value in row {row + 1}, and the predictor was certified on rows without gaps"
    )


def _kinds(record: PredictorCertificate, predictor: Any) -> NDArray[Any] | None:
    if not record.plan.loss.of_classes:
        return None
    known = getattr(predictor, "classes_", None)
    return classes_of(record.data.classes) if known is None else np.asarray(known)


def _codes(record: LinearCertificate | NetworkCertificate, x: NDArray) -> NDArray[np.int64]:
    scaled = record.scaling.apply(x)
    if isinstance(record, LinearCertificate):
        return (scaled @ record.weights > 0).astype(np.int64)
    mean = [jnp.asarray(matrix, jnp.float64) for matrix in record.posterior.mean]
    return np.asarray(scores(mean, jnp.asarray(scaled))).argmax(axis=1)

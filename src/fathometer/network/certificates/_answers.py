"""What a network says about rows, as the certificates of predictors ask for it."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import ArrayLike, NDArray
from scipy.special import softmax

from fathometer.evidence import InputError, Record
from fathometer.generalization.learning.predictors import Rows
from fathometer.network._network import Network
from fathometer.network.adapters._parameters import arrays_of
from fathometer.network.certificates._layout import Layout

BATCH = 256
"""Rows that are made into what the network takes at once."""

SUMS_TO_ONE = 1e-3
"""Scores of a row that add up to 1 within this are probabilities."""


@dataclass(frozen=True, eq=False)
class NetworkFacts(Record):
    """Which network a certificate is about.

    Attributes:
        framework: torch, jax or onnx.
        name: what was brought, in a few words.
        outputs: number of its scores for a row.
        parameters: number of its trainable parameters.
        sha256: of their names and values; of nothing else of it.
    """

    framework: str
    name: str
    outputs: int
    parameters: int
    sha256: str


def facts_of(net: Network, outputs: int) -> NetworkFacts:
    """Which network it is.

    Args:
        net: of any framework.
        outputs: number of its scores for a row.
    """
    arrays = arrays_of(net)
    size = sum(array.size for array in arrays.values())
    return NetworkFacts(net.framework, net.name, outputs, size, arrays_digest(arrays))


def arrays_digest(arrays: dict[str, NDArray[Any]]) -> str:
    """SHA-256 of names, shapes and values as little-endian float64."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(f"{name} {arrays[name].shape}".encode())
        digest.update(np.ascontiguousarray(arrays[name], "<f8").tobytes())
    return digest.hexdigest()


def scores_of(net: Network, layout: Layout, x: Float[np.ndarray, "n p"]) -> Float[np.ndarray, "n k"]:
    """Scores of rows of a matrix, at least two for each row: one output s of two classes becomes -s, s.

    Args:
        net: of any framework.
        layout: of the matrix.
        x: rows.

    Raises:
        InputError: if it does not give a list of scores for each row, or one is not finite.
    """
    parts = [net.scores(layout.inputs(x[first : first + BATCH])) for first in range(0, len(x), BATCH)]
    scores = np.concatenate(parts)
    if scores.ndim != 2 or not np.all(np.isfinite(scores)):
        what = "one of them is not finite" if scores.ndim == 2 else f"got shape {scores.shape}"
        raise InputError(f"a classifier must give one finite score for each class and row, {what}")
    return np.hstack([-scores, scores]) if scores.shape[1] == 1 else scores


def require_signed(net: Network, layout: Layout, x: Float[np.ndarray, "n p"]) -> None:
    """Refuse one score that is a probability: it would be read as class 1 wherever it is above 0.

    Args:
        net: of any framework.
        layout: of the rows.
        x: rows.

    Raises:
        InputError: if the network has one score, which is in [0, 1] for every row.
    """
    scores = net.scores(layout.inputs(x))
    if scores.shape[1:] == (1,) and np.all((scores >= 0) & (scores <= 1)):
        raise InputError(
            "the network's one score is in [0, 1] for every row, as a probability is; a score must be positive for "
            "class 1 and negative for class 0: leave out the sigmoid at its end"
        )


def probabilities_of(scores: Float[np.ndarray, "n k"]) -> Float[np.ndarray, "n k"]:
    """Scores that are probabilities already, adding up to 1 in every row, as they are; the softmax of others.

    Args:
        scores: of every class.
    """
    total = scores.sum(axis=1, keepdims=True)
    if np.all(scores >= 0) and np.all(np.abs(total - 1) < SUMS_TO_ONE):
        return scores / total
    return softmax(scores, axis=1)


class Answering:
    """The network as a predictor that also states probabilities.

    Args:
        net: of any framework.
        layout: of the rows of the matrix.
        outputs: number of its scores.
    """

    def __init__(self, net: Network, layout: Layout, outputs: int) -> None:
        self.net, self.layout, self.classes_ = net, layout, np.arange(outputs)
        self._last: tuple[Any, NDArray[np.float64]] | None = None

    def decision_function(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scores, kept for the next question about the same rows."""
        if self._last is None or self._last[0] is not x:
            self._last = (x, scores_of(self.net, self.layout, np.asarray(x)))
        return self._last[1]

    def predict(self, x: NDArray[np.float64]) -> NDArray[np.int64]:
        """Number of the largest score, the first of equal ones."""
        return self.decision_function(x).argmax(axis=1)

    def predict_proba(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities that belong to the scores."""
        return probabilities_of(self.decision_function(x))


def wrong(scores: Float[np.ndarray, "n k"], codes: Int[np.ndarray, " n"]) -> NDArray[np.bool_]:
    """Whether the largest score, the first of equal ones, is that of another class."""
    return scores.argmax(axis=1) != codes


def errors_of(
    net: Network, layout: Layout, x: Float[np.ndarray, "n p"], codes: Int[np.ndarray, " n"]
) -> NDArray[np.bool_]:
    """Where a network that was made from another errs: everywhere if some of its scores are not finite.

    Args:
        net: of any framework.
        layout: of the rows.
        x: rows.
        codes: number of the class of each.
    """
    try:
        return wrong(scores_of(net, layout, x), codes)
    except InputError:  # the network that it was made from has given finite scores
        return np.ones(len(x), np.bool_)


def read_rows(x: Float[np.ndarray, "n p"], y: ArrayLike, outputs: int) -> Rows:
    """Rows with the number of the class of each; every output of the network is a class, seen or not.

    Args:
        x: shape (n, p).
        y: shape (n,), whole numbers from 0 on.
        outputs: number of scores.

    Raises:
        InputError: if y has another length, or a number that is no class of the network.
    """
    labels = np.asarray(y.detach().cpu() if callable(getattr(y, "detach", None)) else y)  # type: ignore[union-attr]
    if labels.shape != (len(x),):
        raise InputError(f"y must have shape ({len(x)},), one class for each row of X, got {labels.shape}")
    plain = labels.dtype.kind in "biuf"
    if strange := np.flatnonzero(labels != np.rint(labels) if plain else np.ones(len(labels))).tolist():
        got = f"got {labels[strange[0]]} in row {strange[0]}"
        raise InputError(f"y must hold numbers of classes from 0 to {outputs - 1}, {got}")
    codes = labels.astype(np.int64)
    if np.any((codes < 0) | (codes >= outputs)):
        row = int(np.argmax((codes < 0) | (codes >= outputs)))
        raise InputError(
            f"y must hold numbers of classes from 0 to {outputs - 1}, as the network has {outputs} scores, "
            f"got {codes[row]} in row {row}"
        )
    if len(np.unique(codes)) < 2:
        raise InputError(f"y must hold at least two classes, got only {codes[0]}")
    return Rows(x, codes, codes, np.arange(outputs))

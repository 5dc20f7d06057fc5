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


class Answering:
    """The network as a predictor that also states probabilities, the softmax of its scores.

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
        """Softmax of the scores."""
        return softmax(self.decision_function(x), axis=1)


def wrong(scores: Float[np.ndarray, "n k"], codes: Int[np.ndarray, " n"]) -> NDArray[np.bool_]:
    """Whether the largest score, the first of equal ones, is that of another class."""
    return scores.argmax(axis=1) != codes


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
    if labels.dtype.kind not in "biuf" or np.any(labels != np.rint(labels)):
        raise InputError(f"y must hold numbers of classes from 0 to {outputs - 1}, got {labels.dtype}")
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

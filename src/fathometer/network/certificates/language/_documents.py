"""Documents of a language model: the unit that is drawn independently, and its loss in [0, 1]."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from fathometer.evidence import InputError, finite_number, whole_number
from fathometer.network._network import Network

FEWEST = 20
"""Documents, copies counted once, that a certificate needs."""

SAME_SCORES = 1e-3
"""Scores that depend on earlier tokens alone stay the same up to this part of the largest when later ones change."""


@dataclass(frozen=True, eq=False)
class Reading:
    """How a document is scored; fixed in advance.

    Attributes:
        vocabulary: V, number of tokens there are.
        alpha: a in (0, 1): probabilities are mixed with the uniform law, p~ = (1 - a) p + a/V, so that no token costs
            more than log2(V/a) bits.
        longest: tokens of a document that are read; later ones are cut off.
    """

    vocabulary: int
    alpha: float
    longest: int

    def __post_init__(self) -> None:
        whole_number("vocabulary", self.vocabulary, at_least=2)
        finite_number("alpha", self.alpha, above=0, below=1)
        whole_number("longest", self.longest, at_least=2)

    @property
    def most_bits(self) -> float:
        """log2(V/a): what a token can cost."""
        return float(np.log2(self.vocabulary / self.alpha))

    def loss(self, probabilities: Float[np.ndarray, " t"]) -> float:
        """Mean over tokens of log2(1/p~), divided by the most that it can be.

        Args:
            probabilities: that were given to the tokens that came.
        """
        mixed = (1 - self.alpha) * probabilities + self.alpha / self.vocabulary
        return float(np.clip(np.mean(-np.log2(mixed)) / self.most_bits, 0.0, 1.0))


def read_documents(documents: Sequence[Any], reading: Reading) -> list[NDArray[np.int64]]:
    """Documents as arrays of tokens, cut off where they are too long.

    Args:
        documents: each a list of whole numbers in [0, vocabulary).
        reading: with vocabulary and length.

    Raises:
        InputError: if one has fewer than two tokens, or a token that there is not.
    """
    return [_document(number, each, reading) for number, each in enumerate(documents)]


def _document(number: int, document: Any, reading: Reading) -> NDArray[np.int64]:
    tokens = np.asarray(document)
    if tokens.ndim != 1 or tokens.size < 2 or tokens.dtype.kind not in "iu":
        raise InputError(f"document {number} must be a list of at least two tokens, whole numbers")
    if tokens.min() < 0 or tokens.max() >= reading.vocabulary:
        worst = tokens.min() if tokens.min() < 0 else tokens.max()
        raise InputError(f"document {number} has the token {worst}; there are those from 0 to {reading.vocabulary - 1}")
    return tokens[: reading.longest].astype(np.int64)


def documents_digest(documents: Sequence[NDArray[np.int64]]) -> str:
    """SHA-256 of lengths and tokens."""
    digest = hashlib.sha256()
    for tokens in documents:
        digest.update(len(tokens).to_bytes(8, "little") + np.ascontiguousarray(tokens, "<i8").tobytes())
    return digest.hexdigest()


def different_documents(documents: Sequence[NDArray[np.int64]]) -> Float[np.ndarray, "n 1"]:
    """A number for each document, equal for copies alone."""
    known: dict[bytes, int] = {}
    return np.array([[float(known.setdefault(tokens.tobytes(), len(known)))] for tokens in documents])


def token_scores(
    net: Network, tokens: NDArray[np.int64], reading: Reading, longest: int = 0
) -> Float[np.ndarray, "t v"]:
    """Scores for the token after each but the last.

    Args:
        net: gives scores of shape (1, t, vocabulary) for tokens of shape (1, t).
        tokens: of one document.
        reading: with the vocabulary.
        longest: tokens of the longest document.

    Raises:
        InputError: if it gives another shape.
    """
    given = _causal_scores(net, tokens[:-1], longest)
    if given.shape != (1, tokens.size - 1, reading.vocabulary):
        expected = (1, tokens.size - 1, reading.vocabulary)
        raise InputError(f"a language model must give scores of shape {expected} for tokens, got {given.shape}")
    return given[0]


def _causal_scores(net: Network, tokens: NDArray[np.int64], longest: int) -> NDArray[np.float64]:
    """Scores for tokens; JAX compiles for every length, so that few lengths are asked for.

    Tokens that are put behind change nothing before them, as `require_causal` has seen.
    """
    if net.framework != "jax":
        return net.scores(tokens[None])
    length = min(1 << (tokens.size - 1).bit_length(), max(longest - 1, tokens.size))
    return net.scores(np.pad(tokens, (0, length - tokens.size))[None])[:, : tokens.size]


def document_losses(net: Network, documents: Sequence[NDArray[np.int64]], reading: Reading) -> Float[np.ndarray, " n"]:
    """The loss of each document.

    Args:
        net: a causal language model.
        documents: as `read_documents` gives them.
        reading: how they are scored.
    """
    longest = max(map(len, documents))
    given = [_given(token_scores(net, each, reading, longest), each[1:]) for each in documents]
    return np.array([reading.loss(each) for each in given])


def _given(scores: NDArray[np.float64], tokens: NDArray[np.int64]) -> NDArray[np.float64]:
    """Softmax of the scores at the tokens that came."""
    logs = scores - scores.max(axis=1, keepdims=True)
    return np.exp(logs[np.arange(tokens.size), tokens]) / np.exp(logs).sum(axis=1)


def require_causal(net: Network, documents: Sequence[NDArray[np.int64]], reading: Reading) -> None:
    """Refuse a network that looks ahead, which needs no skill to know the next token.

    Args:
        net: a language model.
        documents: of which the longest is read twice, with other tokens in its second half.
        reading: with the vocabulary.

    Raises:
        InputError: if scores change with later tokens.
    """
    tokens = max(documents, key=len)
    half = tokens.size // 2
    if half < 1 or tokens.size < 4:
        return
    other = tokens.copy()
    other[half:] = (other[half:] + 1) % reading.vocabulary
    before, after = (token_scores(net, each, reading)[:half] for each in (tokens, other))
    if np.abs(before - after).max() > SAME_SCORES * max(1.0, float(np.abs(before).max())):
        raise InputError("the network looks ahead: scores for a token change with later ones; it is no language model")


def unigram_losses(
    training: Sequence[NDArray[np.int64]], documents: Sequence[NDArray[np.int64]], reading: Reading
) -> Float[np.ndarray, " n"]:
    """Losses of the frequencies of single tokens in the training documents.

    Args:
        training: documents that the frequencies come from.
        documents: that are scored.
        reading: how.
    """
    counts = np.zeros(reading.vocabulary)
    for tokens in training:
        counts += np.bincount(tokens, minlength=reading.vocabulary)
    shares = (counts + 0.5) / (counts + 0.5).sum()
    return np.array([reading.loss(shares[tokens[1:]]) for tokens in documents])

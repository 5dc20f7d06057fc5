"""Certificates of linear classifiers as records: what it takes to evaluate every bound again from the data."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.data import Split
from fathometer.evidence import Record, finite_number
from fathometer.generalization.learning.linear._ledger import linear_ledger
from fathometer.generalization.learning.linear._model import Scaling, read_binary
from fathometer.generalization.learning.linear._training import (
    FRACTIONS,
    MINIMUM_ROWS,
    TRAINING,
    TrainedLinear,
    linear_split,
    train_linear,
)
from fathometer.generalization.ledger._copies import Copies, grouped_rows, sampling_notes
from fathometer.generalization.ledger._ledger import Ledger
from fathometer.generalization.ledger._parts_alike import PartsAlike, parts_alike

_DIGEST_ROWS = 10_000


@dataclass(frozen=True, eq=False)
class DataSummary(Record):
    """The data that a certificate speaks about.

    Attributes:
        rows: number of rows.
        columns: number of features.
        classes: the two labels as text; the second is the positive one.
        sha256: of features and labels, as `data_digest` gives it.
    """

    rows: int
    columns: int
    classes: tuple[str, ...]
    sha256: str


@dataclass(frozen=True, eq=False)
class LinearCertificate(Record):
    """A linear classifier with its ledger, and what a recheck needs beside the data.

    Attributes:
        data: what was used.
        copies: which rows are independent.
        seed: of the split.
        parts: SHA-256 digest of the row numbers of each part of the split.
        trained_on: SHA-256 digest of the rows, as `data_digest` gives it, that trained the candidates (`prior`) and the
            model (`model`).
        scaling: fixed by the prior part.
        candidates: shape (k, d): solutions of the logistic regression on the prior part, one for each penalty; the
            prior mean w0 is the direction of one of them.
        strength: inverse penalty of the prior mean and of the model, by cross-validation inside the prior part.
        weights: shape (d,): the solution on prior and certificate part; the model w is its direction.
        gamma: margin of the ramp loss.
        ledger: the certificates.
    """

    data: DataSummary
    copies: Copies
    seed: int
    parts: Mapping[str, str]
    trained_on: Mapping[str, str]
    scaling: Scaling
    candidates: NDArray[np.float64]
    strength: float
    weights: NDArray[np.float64]
    gamma: float
    ledger: Ledger


def certify_linear(
    features: ArrayLike,
    labels: ArrayLike,
    *,
    delta: float = 0.05,
    seed: int = 0,
    groups: ArrayLike | None = None,
    allow_copies: bool = False,
) -> Ledger:
    """Train a linear classifier and certify it in every way that applies, all certificates together under one delta.

    The rows are shuffled and split into four parts. The prior part fixes the scaling of the features, the margin gamma,
    the prior mean w0, the penalty and the candidates of `occam`; prior and certificate part train the model w; the
    certificate part is what the PAC-Bayes and the uniform bounds are evaluated on; the held-out part is for
    `test_binomial` alone; the test part is for the measured risks beside the certificates. Weights have norm 1. The
    ramp loss at margin gamma is at least the 0/1 loss, so that a bound on the ramp risk is one on the 0/1 risk.

    Rows with equal features, or of one group, stay in one part; the certificate, held-out and test part hold one row of
    each group, so that m counts groups.

    Args:
        features: shape (n, p), finite, with at least 60 groups of rows.
        labels: shape (n,), of exactly two kinds.
        delta: total failure probability, in (0, 1): four fifths for `test_binomial`, the rest in equal shares.
        seed: of the shuffle.
        groups: shape (n,), group of each row, such as a patient; None if rows are independent unless they are copies.
        allow_copies: count rows with equal features one by one: right if they were drawn independently and are equal by
            chance, and wrong otherwise. The result is marked.

    Raises:
        InputError: if features are not a finite matrix with enough rows, labels are not of two kinds, delta is not in
            (0, 1), there are too few groups, or the prior part holds one class only.
    """
    return linear_certificate(features, labels, delta=delta, seed=seed, groups=groups, allow_copies=allow_copies).ledger


def linear_certificate(
    features: ArrayLike,
    labels: ArrayLike,
    *,
    delta: float = 0.05,
    seed: int = 0,
    groups: ArrayLike | None = None,
    allow_copies: bool = False,
) -> LinearCertificate:
    """Certify as `certify_linear` does, and keep what a recheck needs.

    Args:
        features: shape (n, p), finite.
        labels: shape (n,), of exactly two kinds.
        delta: total failure probability, in (0, 1).
        seed: of the shuffle.
        groups: shape (n,), group of each row; None if only copies belong together.
        allow_copies: count rows with equal features one by one.

    Raises:
        InputError: as `certify_linear`.
    """
    x, y = read_binary(features, labels, MINIMUM_ROWS)
    finite_number("delta", delta, above=0, below=1)
    grouped = grouped_rows(x, y, MINIMUM_ROWS, groups, allow_copies)
    split = linear_split(grouped.numbers, seed)
    model = train_linear(x, y, split)
    names = np.asarray(labels)
    return LinearCertificate(
        data=data_summary(x, names),
        copies=grouped.copies,
        seed=seed,
        parts=split_digests(split, FRACTIONS),
        trained_on=training_digests(x, names, split),
        scaling=model.scaling,
        candidates=model.candidates,
        strength=model.strength,
        weights=model.weights,
        gamma=model.gamma,
        ledger=linear_ledger(model, delta, seed, sampling_notes(grouped.copies), linear_parts_alike(model, split, x)),
    )


def linear_parts_alike(model: TrainedLinear, split: Split, x: NDArray) -> PartsAlike:
    """Hold the test part against the rows that certify.

    Args:
        model: whose errors are compared.
        split: which rows are in which part.
        x: shape (n, p), features as they were given.
    """
    held_out, test = (part.errors(model.w) for part in (model.held_out, model.test))
    return parts_alike(held_out, test, x[split.union("certificate", "held_out")], x[split.part("test")])


def training_digests(x: NDArray, labels: NDArray, split: Split) -> dict[str, str]:
    """What the candidates and the model were trained on.

    Args:
        x: shape (n, p), features as they were given.
        labels: shape (n,), likewise.
        split: which rows are in which part.
    """
    rows = {"prior": split.part("prior"), "model": split.union(*TRAINING)}
    return {name: data_digest(x[index], labels[index]) for name, index in rows.items()}


def data_summary(x: NDArray, labels: NDArray, of_classes: bool = True) -> DataSummary:
    """Describe checked data.

    Args:
        x: shape (n, p), features as they were given.
        labels: shape (n,), likewise.
        of_classes: whether they are labels; a target of regression has no classes.
    """
    classes = tuple(_label_texts(np.unique(labels))) if of_classes else ()
    return DataSummary(len(x), x.shape[1], classes, data_digest(x, labels))


def data_digest(x: NDArray, labels: NDArray) -> str:
    """SHA-256 of the shape, the features as little-endian float64 row by row, and the labels as lines of text."""
    digest = hashlib.sha256(repr(x.shape).encode())
    for first in range(0, len(x), _DIGEST_ROWS):
        digest.update(np.ascontiguousarray(x[first : first + _DIGEST_ROWS], "<f8").tobytes())
    digest.update("\n".join(_label_texts(labels)).encode())
    return digest.hexdigest()


def split_digests(split: Split, names: Iterable[str]) -> dict[str, str]:
    """SHA-256 of the row numbers of each part, as little-endian 64-bit integers."""
    parts = {name: np.ascontiguousarray(split.part(name), "<i8") for name in names}
    return {name: hashlib.sha256(rows.tobytes()).hexdigest() for name, rows in parts.items()}


def _label_texts(labels: NDArray) -> list[str]:
    """Text as it is, numbers and truth values with 17 digits."""
    return [label if isinstance(label, str) else f"{float(label):.17g}" for label in labels.tolist()]

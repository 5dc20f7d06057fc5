"""Two certified predictors on rows that neither was fitted on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.data import Split, equal_rows, joined_groups
from fathometer.evidence import InputError
from fathometer.generalization.certificates._deployed import Certificate
from fathometer.generalization.certificates._saved import AnyCertificate
from fathometer.generalization.learning.linear._certificate import LinearCertificate, data_digest, split_digests
from fathometer.generalization.learning.linear._model import read_classes, read_features
from fathometer.generalization.learning.linear._training import linear_split
from fathometer.generalization.learning.networks._certificate import NetworkCertificate
from fathometer.generalization.learning.networks._problem import network_split
from fathometer.generalization.learning.predictors._certificate import PredictorCertificate
from fathometer.generalization.learning.predictors._plan import Loss, drawn_parts, prior_weights
from fathometer.generalization.learning.predictors.models._adapter import taken
from fathometer.generalization.ledger._comparison import Comparison, compare_losses
from fathometer.generalization.ledger._recheck import regrouped

FEWEST = 20
"""Rows below which nothing is compared: no difference could be shown on them."""


@dataclass(frozen=True)
class Given:
    """Rows for a predictor.

    Attributes:
        features: shape (n, p), as numbers.
        target: shape (n,), labels, or for regression numbers.
        frame: the same rows as a data frame; None where columns have no names.
    """

    features: NDArray[np.float64]
    target: NDArray[Any]
    frame: Any = None

    def losses(self, certificate: Certificate, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """The losses of a predictor on some of the rows."""
        handed = self.frame if certificate.framed and self.frame is not None else self.features
        return certificate.losses(certificate.predict(taken(handed, rows)), np.asarray(self.target)[rows])


@dataclass(frozen=True)
class _Use:
    """What a certificate did with the rows of its table: groups, the rows that fitted, and those that did not."""

    groups: NDArray[np.int64]
    split: Split
    free: tuple[str, ...]

    @property
    def fitted(self) -> NDArray[np.bool_]:
        """Whether a row's group has a row in a part that fitted the predictor."""
        parts = [name for name in self.split.parts if name not in ("held_out", "test")]
        return np.isin(self.groups, self.groups[self.split.union(*parts)])


def compare_on_table(
    first: Certificate,
    second: Certificate,
    given: Given,
    delta: float = 0.05,
    *,
    groups: ArrayLike | None = None,
    test_rows: int = 0,
    names: tuple[str, str] = ("A", "B"),
    seed: int = 0,
) -> Comparison:
    """Compare two predictors on the rows of their common table that fitted neither of them.

    These are the held-out and the test rows of both certificates, drawn again from their plans; where the source of the
    data gives the test part, the held-out rows alone, since the certificates speak about rows drawn like those. Of each
    group there is one row. Each predictor was chosen on its held-out rows, which its prior weight pays for. The
    comparison is a statement of its own at delta and takes nothing from that of the certificates.

    Args:
        first: with its predictor.
        second: likewise, of the same loss.
        given: the table that both were made from.
        delta: probability that any interval of the comparison fails, in (0, 1).
        groups: shape (n,), group of each row, where the certificates were made with groups.
        test_rows: so many rows at the end are the test part, by the source of the data.
        names: what the sentence calls them.
        seed: of the draw of one row of each group, where the groups of the two differ.

    Raises:
        InputError: if the losses differ, one was made from another table or stratified, or fewer than `FEWEST` rows are
            left.
    """
    require_one_loss(first, second, names)
    uses = [_use(one.record, given, groups, test_rows, name) for one, name in zip((first, second), names, strict=True)]
    joined = joined_groups(uses[0].groups, uses[1].groups)
    fitted = np.isin(joined, joined[uses[0].fitted | uses[1].fitted])
    rows = uses[0].split.union(*uses[0].free)
    rows = _one_of_each(joined, rows[~fitted[rows]], seed)
    _require_enough(rows, f"{names[0]} and {names[1]} leave {{}} rows that fitted neither of them")
    weights = (_weight(first.record), _weight(second.record))
    return compare_losses(given.losses(first, rows), given.losses(second, rows), delta, names=names, weights=weights)


def compare_on_new(
    first: Certificate,
    second: Certificate,
    given: tuple[Given, Given],
    delta: float = 0.05,
    *,
    groups: ArrayLike | None = None,
    names: tuple[str, str] = ("A", "B"),
    seed: int = 0,
) -> Comparison:
    """Compare two predictors on rows that neither of them has seen, as the user says.

    Rows with equal features, unless both certificates counted copies one by one, and rows of one group count once.

    Args:
        first: with its predictor.
        second: likewise, of the same loss.
        given: the new rows as each of them reads them, in one order.
        delta: probability that any interval fails, in (0, 1).
        groups: shape (n,), group of each row; None if only copies belong together.
        names: what the sentence calls them.
        seed: of the draw of one row of each group.

    Raises:
        InputError: if the losses differ, the rows are those of a certificate, or fewer than `FEWEST` are independent.
    """
    require_one_loss(first, second, names)
    for one, name, rows in zip((first, second), names, given, strict=True):
        if data_digest(rows.features, np.asarray(rows.target)) == one.record.data.sha256:
            raise InputError(f"the new rows are those that {name} was made from: compare on them as --data")
    both = np.hstack([rows.features for rows in given])
    counted = all(one.record.copies.allowed for one in (first, second))
    numbers = np.arange(len(both)) if counted else equal_rows(both)
    numbers = numbers if groups is None else joined_groups(numbers, np.asarray(groups))
    rows = _one_of_each(numbers, np.arange(len(both)), seed)
    _require_enough(rows, "there are {} independent new rows")
    return compare_losses(given[0].losses(first, rows), given[1].losses(second, rows), delta, names=names)


def loss_of(record: AnyCertificate) -> Loss:
    """The loss whose mean a certificate bounds."""
    return record.plan.loss if isinstance(record, PredictorCertificate) else Loss()


def require_one_loss(first: Certificate, second: Certificate, names: Sequence[str]) -> None:
    """Refuse two predictors of different losses.

    Args:
        first: with its record.
        second: likewise.
        names: what the message calls them.

    Raises:
        InputError: if they are.
    """
    own, other = loss_of(first.record), loss_of(second.record)
    if own != other:
        texts = [
            f"{name} certifies the {loss.risk.rstrip(',')}" for name, loss in zip(names, (own, other), strict=True)
        ]
        raise InputError(f"two predictors are compared in one loss: {', '.join(texts)}")


def _weight(record: AnyCertificate) -> float:
    """Prior weight of a predictor among those that its held-out rows chose from."""
    if not isinstance(record, PredictorCertificate):
        return 1.0
    return prior_weights(len(record.competitors))[record.chosen]


def _use(record: AnyCertificate, given: Given, groups: ArrayLike | None, test_rows: int, name: str) -> _Use:
    """Draw the parts of a certificate again.

    Raises:
        InputError: if they are others than those of the file, or it was stratified.
    """
    x, truth = _read(record, given)
    if data_digest(x, np.asarray(given.target)) != record.data.sha256:
        raise InputError(f"{name} was made from another table: compare on rows that neither has seen, as --new")
    given_part = _given_test_rows(record)
    if given_part != test_rows:
        raise InputError(f"{name} has a test part of {given_part} given rows, the data of {test_rows}")
    known = groups if record.copies.given else None
    numbers = regrouped(record.copies, x, truth, known, 1).numbers
    split = _split(record, numbers, truth, name)
    if dict(record.parts) != split_digests(split, record.parts):
        raise InputError(f"{name} was made from other parts than those that its plan gives: see recheck")
    return _Use(numbers, split, ("held_out",) if test_rows else ("held_out", "test"))


def _given_test_rows(record: AnyCertificate) -> int:
    """How many rows at the end of the table are the test part, by its source."""
    if isinstance(record, LinearCertificate):
        return 0
    return record.plan.test_rows if isinstance(record, PredictorCertificate) else record.test_rows


def _read(record: AnyCertificate, given: Given) -> tuple[NDArray[np.float64], NDArray[Any]]:
    if not loss_of(record).of_classes:
        return read_features(given.features, missing=True), np.asarray(given.target, np.float64)
    x, codes, _ = read_classes(given.features, given.target, 1, missing=True)
    return x, codes


def _split(record: AnyCertificate, numbers: NDArray[np.int64], truth: NDArray, name: str) -> Split:
    if isinstance(record, LinearCertificate):
        return linear_split(numbers, record.seed)
    if isinstance(record, NetworkCertificate):
        return network_split(len(numbers), record.settings, record.seed, record.test_rows, numbers)
    if record.plan.stratified:
        raise InputError(
            f"{name} was stratified, so that its held-out rows are not independent: compare on new rows, as --new"
        )
    return drawn_parts(record.plan, numbers, truth, record.saw)


def _one_of_each(groups: NDArray[np.int64], rows: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """One of these rows of each group, drawn uniformly; in the order of the table."""
    shuffled = np.random.default_rng(seed).permutation(np.sort(rows))
    return np.sort(shuffled[np.unique(groups[shuffled], return_index=True)[1]])


def _require_enough(rows: NDArray[np.int64], text: str) -> None:
    if rows.size < FEWEST:
        raise InputError(f"{text.format(rows.size)}; a comparison needs at least {FEWEST}")

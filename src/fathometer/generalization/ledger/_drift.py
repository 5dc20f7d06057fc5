"""Are new rows drawn like the rows of a certificate? Two-sample tests, all under one level."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray

from fathometer.evidence import InputError, Record, finite_number, real_array, text_near
from fathometer.generalization.ledger._intervals import read_losses
from fathometer.generalization.ledger._parts_alike import (
    LEVEL,
    ColumnTest,
    column_tests,
    kolmogorov_smirnov,
    loss_test,
)

COLUMN_ROWS = 20_000
"""Rows of each side that the tests of single columns see."""

CLASSIFIER_ROWS = 4_000
"""Rows of each side that the classifier sees."""

FEWEST = 20
"""Rows of each side that a classifier needs."""


@dataclass(frozen=True, eq=False)
class Drift(Record):
    """Tests of "the new rows are drawn like those of the certificate"; each p-value is corrected for all tests.

    Attributes:
        level: probability with which rows that are drawn alike are said to differ, all tests together.
        classifier: p-value of the test by a classifier that tells new rows from old ones, cross-fitted on two halves.
        auc: probability that this classifier ranks a new row above an old one, on rows that it was not fitted on; 1/2
            if it cannot tell them apart.
        columns: p-value of the tests of single columns.
        column: the one that moved most, the smallest p-value first.
        missing: whether what moved is how many of its values are missing.
        size: largest difference of its distribution functions, or of the shares that are missing.
        losses: p-value of "the losses are drawn alike"; None if there are none of the new rows.
        rows: rows of the certificate and new rows that there were.
    """

    level: float
    classifier: float
    auc: float
    columns: float
    column: str
    missing: bool
    size: float
    losses: float | None
    rows: tuple[int, int]

    @property
    def p_value(self) -> float:
        """Of all tests together."""
        return min(self.classifier, self.columns, 1.0 if self.losses is None else self.losses)

    @property
    def differ(self) -> bool:
        """Whether a test rejects."""
        return self.p_value <= self.level

    @property
    def sentence(self) -> str:
        """What was tested and what came of it, with the column that moved most."""
        answer = "the new rows are not drawn like" if self.differ else "no sign that the new rows are not drawn like"
        losses = "" if self.losses is None else f", errors p = {self.losses:.2g}"
        return (
            f"{answer} the rows of the certificate: classifier p = {self.classifier:.2g} (AUC "
            f"{text_near(self.auc, 3)}), columns p = {self.columns:.2g}{losses}; {self._moved}; level {self.level:g}"
        )

    @property
    def _moved(self) -> str:
        what = "the share of missing values of" if self.missing else "the distribution of"
        return f"{what} {self.column} moved most, by {text_near(self.size, 2)}"


def drift(
    certificate_rows: ArrayLike,
    new_rows: ArrayLike,
    seed: int,
    level: float = LEVEL,
    *,
    certificate_losses: ArrayLike | None = None,
    new_losses: ArrayLike | None = None,
    names: Sequence[str] | None = None,
) -> Drift:
    """Test whether new rows are drawn like those of a certificate.

    Three families of tests share the level equally, each corrected for its own number: a classifier two-sample test
    (Lopez-Paz and Oquab 2017), which sees changes of several columns together; tests of each column, Kolmogorov and
    Smirnov's on its values and Fisher's on how many are missing; and a test of the losses, if they are given. Rows are
    drawn at random where there are more than the tests need.

    Args:
        certificate_rows: shape (n, p), finite or NaN for a missing value; categories as codes.
        new_rows: shape (k, p), likewise.
        seed: of the draws of rows and of the classifier.
        level: of all tests together, in (0, 1).
        certificate_losses: losses of the predictor on the first rows, in [0, 1]; None if they are not known.
        new_losses: its losses on new rows whose target is known; None if there are none.
        names: of the columns.

    Raises:
        InputError: if the tables do not fit each other, are empty or hold an infinite value.
    """
    finite_number("level", level, above=0, below=1)
    old, new = _read(certificate_rows, new_rows)
    rng = np.random.default_rng(seed)
    tests = column_tests(_drawn(old, COLUMN_ROWS, rng), _drawn(new, COLUMN_ROWS, rng))
    first = min(tests, key=lambda found: (found.p, -found.size))
    p, auc = _classifier(_drawn(old, CLASSIFIER_ROWS, rng), _drawn(new, CLASSIFIER_ROWS, rng), seed)
    losses = _losses(certificate_losses, new_losses)
    families = 2 if losses is None else 3
    return Drift(
        level=level,
        classifier=min(1.0, families * p),
        auc=auc,
        columns=min(1.0, families * len(tests) * first.p),
        column=_name(first, names),
        missing=first.missing,
        size=first.size,
        losses=None if losses is None else min(1.0, families * losses),
        rows=(len(old), len(new)),
    )


def _read(certificate_rows: ArrayLike, new_rows: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    old, new = real_array("rows of the certificate", certificate_rows), real_array("new rows", new_rows)
    if old.ndim != 2 or new.ndim != 2 or old.shape[1] != new.shape[1] or 0 in old.shape or 0 in new.shape:
        raise InputError(
            f"new rows must be a table with the columns of the certificate's, got shapes {old.shape} and {new.shape}"
        )
    if np.isinf(old).any() or np.isinf(new).any():
        raise InputError("rows must be finite or NaN for a missing value, got an infinite one")
    return old, new


def _drawn(rows: NDArray[np.float64], most: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Rows in a random order, at most so many."""
    return rows[rng.permutation(len(rows))[:most]]


def _losses(first: ArrayLike | None, second: ArrayLike | None) -> float | None:
    if first is None or second is None:
        return None
    return loss_test(read_losses("losses of the certificate", first), read_losses("losses of new rows", second))


def _name(found: ColumnTest, names: Sequence[str] | None) -> str:
    return f"column {found.column + 1}" if names is None else f"column {names[found.column]!r}"


def _classifier(old: Float[np.ndarray, "n p"], new: Float[np.ndarray, "k p"], seed: int) -> tuple[float, float]:
    """P-value and AUC of a classifier that is fitted on one half and tested on the other, and the other way round.

    Given the half that it was fitted on, its scores on the other are drawn alike if the rows are: Kolmogorov and
    Smirnov's test of them holds its level, and the smaller of the two p-values counts twice. Only larger scores of new
    rows count: smaller ones come from rows that stand on both sides, which is no drift.
    """
    varies = _vary(np.concatenate([old, new]))
    if min(len(old), len(new)) < FEWEST or not varies.any():
        return 1.0, 0.5
    halves = [(old[k::2, varies], new[k::2, varies]) for k in (0, 1)]
    found = [_held_out(halves[k], halves[1 - k], seed) for k in (0, 1)]
    return min(1.0, 2 * min(p for p, _ in found)), float(np.mean([auc for _, auc in found]))


def _vary(rows: Float[np.ndarray, "n p"]) -> NDArray[np.bool_]:
    """Columns with two different values, a missing one counted as a value."""
    return np.any((rows != rows[0]) & ~(np.isnan(rows) & np.isnan(rows[0])), axis=0)


def _held_out(fit: tuple[NDArray, NDArray], test: tuple[NDArray, NDArray], seed: int) -> tuple[float, float]:
    """P-value and AUC on the second half of a classifier from the first."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    model = HistGradientBoostingClassifier(
        max_iter=40, max_leaf_nodes=8, min_samples_leaf=10, class_weight="balanced", random_state=seed
    )
    with threadpool_limits(1):  # so few rows gain nothing from more, and threads that wait for each other lose much
        model.fit(np.concatenate(fit), np.repeat([0, 1], [len(part) for part in fit]))
        old, new = (model.decision_function(part) for part in test)
    return kolmogorov_smirnov(old, new, larger=True)[0], _auc(old, new)


def _auc(old: NDArray[np.float64], new: NDArray[np.float64]) -> float:
    """P(new > old) + P(new = old)/2."""
    ordered = np.sort(old)
    below = np.searchsorted(ordered, new, "left") + np.searchsorted(ordered, new, "right")
    return float(np.mean(below) / (2 * len(ordered)))

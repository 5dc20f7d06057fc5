"""Are the rows that certify and the rows that measure drawn alike? Two-sample tests, all under one level."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from fathometer.evidence import Record

LEVEL = 1e-3
"""Probability with which parts that are drawn alike are said to differ."""

_EXACT_UP_TO = 10_000
"""Product of sizes up to which the law of the statistic is exact; it costs as much."""


@dataclass(frozen=True, eq=False)
class PartsAlike(Record):
    """Two tests of "the test part is drawn like the rows that certify", each at half the level.

    Attributes:
        level: of both together.
        errors: p-value of the test of the losses of the model, held-out against test part, times 2: Fisher's exact test
            for errors, Kolmogorov and Smirnov's for other losses.
        features: smallest p-value of the tests of the columns, certificate and held-out against test part, times 2 and
            the number of these tests: Kolmogorov and Smirnov's on the values of each column and, where values are
            missing, Fisher's on how many are; both are at most 1, and the parts differ if one is at most `level`.
        column: number of that column, from 0.
    """

    level: float
    errors: float
    features: float
    column: int

    @property
    def differ(self) -> bool:
        """Whether a test rejects."""
        return min(self.errors, self.features) <= self.level

    @property
    def sentence(self) -> str:
        """What was tested and what came of it."""
        tests = (
            f"test of the errors p = {self.errors:.2g}, Kolmogorov-Smirnov tests of the columns p = "
            f"{self.features:.2g} (column {self.column + 1}), both corrected for their number"
        )
        answer = "the test part differs from" if self.differ else "no sign that the test part differs from"
        return f"{answer} the rows that certify: {tests}; level {self.level:g}"


@dataclass(frozen=True)
class ColumnTest:
    """One test of one column.

    Attributes:
        column: its number, from 0.
        missing: whether it is about how many values are missing, and not about the others.
        p: p-value.
        size: largest difference of the distribution functions, or of the shares that are missing.
    """

    column: int
    missing: bool
    p: float
    size: float


def parts_alike(
    held_out: NDArray, test: NDArray, x_certify: Float[np.ndarray, "n p"], x_test: Float[np.ndarray, "k p"]
) -> PartsAlike:
    """Test errors and features.

    Args:
        held_out: shape (n,), loss of the model on each held-out row, such as whether it errs.
        test: shape (k,), the same on the test part.
        x_certify: features of the rows that certify, as they were given; NaN is a missing value.
        x_test: features of the test part.
    """
    errors = min(1.0, 2 * loss_test(np.asarray(held_out, float), np.asarray(test, float)))
    tests = column_tests(x_certify, x_test)
    first = min(tests, key=lambda found: found.p)
    return PartsAlike(LEVEL, errors, min(1.0, 2 * len(tests) * first.p), first.column)


def column_tests(first: Float[np.ndarray, "n p"], second: Float[np.ndarray, "k p"]) -> list[ColumnTest]:
    """Test each column: its values and, where some are missing, how many are.

    Args:
        first: some rows; NaN is a missing value.
        second: others.
    """
    return [found for k, (a, b) in enumerate(zip(first.T, second.T, strict=True)) for found in _of_column(k, a, b)]


def _of_column(column: int, a: NDArray[np.float64], b: NDArray[np.float64]) -> Iterator[ColumnTest]:
    gone, lost = np.isnan(a), np.isnan(b)
    yield ColumnTest(column, False, *kolmogorov_smirnov(a[~gone], b[~lost]))
    if gone.any() or lost.any():
        yield ColumnTest(column, True, fisher(gone, lost), abs(float(np.mean(gone) - np.mean(lost))))


def loss_test(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """P-value of "the losses are drawn alike": Fisher's test for errors, Kolmogorov and Smirnov's for others."""
    errors = np.isin(np.concatenate([first, second]), (0, 1)).all()
    return fisher(first, second) if errors else kolmogorov_smirnov(first, second)[0]


def fisher(first: NDArray, second: NDArray) -> float:
    """P-value of Fisher's exact test that two shares are equal.

    Args:
        first: shape (n,), 0 or 1 for each row.
        second: shape (k,), likewise.
    """
    from scipy import stats

    table = [[int(np.sum(part)), int(np.size(part) - np.sum(part))] for part in (first, second)]
    return float(stats.fisher_exact(table)[1])  # type: ignore[arg-type]


def kolmogorov_smirnov(
    first: NDArray[np.float64], second: NDArray[np.float64], larger: bool = False
) -> tuple[float, float]:
    """P-value, which ties make larger and never smaller, and largest difference; 1 and 0 if one has no value.

    Args:
        first: shape (n,), finite.
        second: shape (k,), finite.
        larger: whether only a second sample that tends to be larger counts.
    """
    from scipy import stats

    if not first.size or not second.size:
        return 1.0, 0.0
    method = "exact" if first.size * second.size <= _EXACT_UP_TO else "asymp"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it falls back to the asymptotic law where the exact one is out of reach
        side = "greater" if larger else "two-sided"  # of the distribution functions: that of the first lies above
        statistic, p = stats.ks_2samp(first, second, side, method)[:2]
    return float(np.clip(p, 0, 1)), float(statistic)  # type: ignore[arg-type]

"""Are the rows that certify and the rows that measure drawn alike? Two-sample tests, all under one level."""

import warnings
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
        errors: p-value of Fisher's exact test on the errors of the model, held-out against test part, times 2.
        features: smallest p-value of the Kolmogorov-Smirnov tests on the columns, certificate and held-out against test
            part, times 2 and the number of columns; both are at most 1, and the parts differ if one is at most `level`.
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
            f"Fisher's test of the errors p = {self.errors:.2g}, Kolmogorov-Smirnov tests of the columns p = "
            f"{self.features:.2g} (column {self.column + 1}), both corrected for their number"
        )
        answer = "the test part differs from" if self.differ else "no sign that the test part differs from"
        return f"{answer} the rows that certify: {tests}; level {self.level:g}"


def parts_alike(
    held_out: NDArray, test: NDArray, x_certify: Float[np.ndarray, "n p"], x_test: Float[np.ndarray, "k p"]
) -> PartsAlike:
    """Test errors and features.

    Args:
        held_out: shape (n,), whether the model errs on each held-out row.
        test: shape (k,), the same on the test part.
        x_certify: features of the rows that certify, as they were given.
        x_test: features of the test part.
    """
    from scipy import stats

    table = [[int(np.sum(part)), int(np.size(part) - np.sum(part))] for part in (held_out, test)]
    _, p = stats.fisher_exact(table)
    errors = min(1.0, 2 * float(p))  # type: ignore[arg-type]
    values = np.array([_column(a, b) for a, b in zip(x_certify.T, x_test.T, strict=True)])
    column = int(np.argmin(values))
    return PartsAlike(LEVEL, errors, min(1.0, 2 * len(values) * float(values[column])), column)


def _column(first: NDArray, second: NDArray) -> float:
    """P-value; ties make it larger, never smaller."""
    from scipy import stats

    method = "exact" if first.size * second.size <= _EXACT_UP_TO else "asymp"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it falls back to the asymptotic law where the exact one is out of reach
        p = stats.ks_2samp(first, second, method=method)[1]  # type: ignore[index]
    return float(np.clip(p, 0, 1))  # type: ignore[arg-type]

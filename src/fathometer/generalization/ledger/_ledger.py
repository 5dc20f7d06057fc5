"""The ledger: every certificate of one model, under one delta."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fathometer.evidence import AtMost, Estimate, Provenance, Record, Status, judge
from fathometer.generalization.bounds._binomial import clopper_pearson_upper
from fathometer.generalization.ledger._parts_alike import PartsAlike
from fathometer.numerics import wide
from fathometer.numerics._confidence_intervals import bounded_mean

CONFIDENCE = 0.95
"""Of the intervals around measured risks, which stand beside the certificates and are not part of them."""


@dataclass(frozen=True, eq=False)
class LedgerRow(Record):
    """One certificate.

    Attributes:
        bound: id in the catalogue.
        certifies: which predictor and which risk.
        value: the certified upper bound; None if it diverges.
        vacuous: whether it says no more than that the loss is bounded.
        delta_spent: what it costs of the total, unions inside the row included.
        terms: readable pieces of the value.
        inputs: the numbers, and lists of them, that the bound was evaluated at;
            `evaluate_bound(row.bound, **row.inputs)` gives the value.
        measured: the same risk of the same object on the test part, with its interval.
        choice: what was chosen from a grid by looking at the certificate part.
    """

    bound: str
    certifies: str
    value: float | None
    vacuous: bool
    delta_spent: float
    terms: Mapping[str, float]
    inputs: Mapping[str, Any]
    measured: Estimate
    choice: Mapping[str, float] = field(default_factory=dict)

    @property
    def status(self) -> Status:
        """What comes of holding the certificate against the measured risk.

        VACUOUS if it says no more than that the loss is bounded; HOLDS above the interval of the measured risk,
        VIOLATED below it, UNDECIDED inside.
        """
        if self.vacuous or self.value is None:
            return Status.VACUOUS
        return judge(AtMost(self.value), self.measured, self.bound).status


@dataclass(frozen=True, eq=False)
class Ledger(Record):
    """Certificates that hold together with probability at least 1 - delta_total, smallest value first.

    Attributes:
        rows: one for each bound.
        winner: id of the smallest bound; None if every one is vacuous.
        delta_total: what the rows may spend together.
        delta_spent: what they spend.
        sizes: number of rows of the table by part of the split.
        test_risk: 0/1 risk of the trained model on the test part.
        notes: what was done to the data, one sentence each.
        provenance: what it takes to get the ledger again.
        alike: whether the test part is drawn like the rows that certify; None if that was not tested.
    """

    rows: tuple[LedgerRow, ...]
    winner: str | None
    delta_total: float
    delta_spent: float
    sizes: Mapping[str, int]
    test_risk: Estimate
    notes: tuple[str, ...]
    provenance: Provenance
    alike: PartsAlike | None = None


def ranked(rows: list[LedgerRow]) -> tuple[LedgerRow, ...]:
    """Smallest value first, rows that diverge last; ties keep their order."""
    return tuple(sorted(rows, key=lambda row: np.inf if row.value is None else row.value))


def winner(rows: tuple[LedgerRow, ...]) -> str | None:
    """Return the bound of the first of the ranked rows that is not vacuous."""
    return next((row.bound for row in rows if not row.vacuous), None)


def measured_errors(errors: int, n: int) -> Estimate:
    """Error rate with its two-sided Clopper-Pearson interval, to the digits that a recheck compares.

    Args:
        errors: how many, in [0, n].
        n: of how many rows.
    """
    tail = wide((1 - CONFIDENCE) / 2)
    upper = clopper_pearson_upper(wide(errors), wide(n), tail)
    lower = 1 - clopper_pearson_upper(wide(n - errors), wide(n), tail)
    return Estimate.sampled(errors / n, min(lower, errors / n), upper, CONFIDENCE)


def measured_mean(losses: np.ndarray) -> Estimate:
    """Mean of losses in [0, 1] with the two-sided interval of the kl-Chernoff bound."""
    return bounded_mean(float(np.mean(losses)), len(losses), CONFIDENCE)

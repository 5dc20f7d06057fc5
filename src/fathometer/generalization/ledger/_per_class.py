"""Rows about the classes of the deployed predictor and about groups: recall, precision, cost, risk of each group."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int
from numpy.typing import ArrayLike, NDArray

from fathometer.evidence import Estimate, InputError, Record, finite_array, finite_number
from fathometer.generalization.bounds._catalogue import evaluate_bound
from fathometer.generalization.bounds._delta_account import split_delta
from fathometer.generalization.ledger._intervals import share_interval
from fathometer.generalization.ledger._ledger import LedgerRow, measured_errors, measured_mean
from fathometer.numerics import round_down, round_up, wide


@dataclass(frozen=True)
class Answered:
    """What a predictor answered on the rows of one part.

    Attributes:
        codes: number of each row's class.
        predicted: number of the class that was predicted.
    """

    codes: Int[np.ndarray, " n"]
    predicted: Int[np.ndarray, " n"]


def class_rows(
    held_out: Answered, test: Answered, names: Sequence[str], delta: float, weight: float = 1.0
) -> list[LedgerRow]:
    """Certify recall and precision of every class, all rows together at probability 1 - delta.

    The miss rate of a class is 1 - recall, the false share of the rows predicted as it is 1 - precision. Given which
    rows are of the class, or predicted as it, the errors among them are independent, so that each has Clopper and
    Pearson's limit at delta / (2 K) for K classes. A class without such a row in both parts has no row of the ledger;
    its share is not used.

    Args:
        held_out: answers on the rows that certify.
        test: answers on the rows that only measure.
        names: of the K classes.
        delta: what all rows cost together, in (0, 1).
        weight: prior weight of the predictor among the candidates from which the held-out rows chose it.
    """
    share = split_delta(delta, 2 * len(names))
    asked = [(count, k, text.format(name)) for count, text in ASKED.values() for k, name in enumerate(names)]
    return list(_rows(((count(held_out, k), count(test, k), text) for count, k, text in asked), share, weight))


def group_rows(
    held_out: tuple[NDArray, NDArray], test: tuple[NDArray, NDArray], delta: float, weight: float = 1.0
) -> list[LedgerRow]:
    """Certify the error rate in each group of a sensitive column, all rows together at probability 1 - delta.

    Args:
        held_out: errors (0 or 1) of the rows that certify, and the group of each.
        test: the same of the rows that only measure.
        delta: what all rows cost together, in (0, 1).
        weight: prior weight of the predictor among the candidates from which the held-out rows chose it.
    """
    groups = np.unique(held_out[1])
    share = split_delta(delta, len(groups))
    text = "0/1 risk of the deployed predictor in group {!r}"
    (held, of), (tested, there) = held_out, test
    counted = ((held[of == group], tested[there == group], text.format(str(group))) for group in groups)
    return list(_rows(counted, share, weight))


def cost_row(held_out: Answered, test: Answered, costs: ArrayLike, delta: float, weight: float = 1.0) -> LedgerRow:
    """Certify the mean cost, in units of the largest entry of the cost matrix, by the kl form of Chernoff's bound.

    Args:
        held_out: answers on the rows that certify.
        test: answers on the rows that only measure.
        costs: shape (K, K), cost of predicting the column's class for a row of the row's class; at least 0, and
            fixed before these rows were seen.
        delta: what the row costs, in (0, 1).
        weight: prior weight of the predictor among the candidates from which the held-out rows chose it.

    Raises:
        InputError: if the costs are no square of finite numbers of at least 0, or all are 0.
    """
    matrix = finite_array("costs", costs, 2)
    top = float(matrix.max(initial=0))
    if matrix.shape[0] != matrix.shape[1] or np.any(matrix < 0) or not top:
        raise InputError(f"costs must be a square of numbers of at least 0 that are not all 0, got {matrix.tolist()}")
    held, tested = (matrix[part.codes, part.predicted] / top for part in (held_out, test))
    price = delta * finite_number("weight", weight, above=0, at_most=1)
    inputs = {"risk": min(1.0, float(round_up(wide(held).mean()))), "n": held.size, "delta": price}
    certifies = f"cost divided by {top:g} of the deployed predictor"
    return _row("test_kl", certifies, inputs, delta, measured_mean(tested))


@dataclass(frozen=True, eq=False)
class GroupGap(Record):
    """Risks of the groups of a sensitive column, and how far they lie apart.

    Attributes:
        groups: their names.
        sizes: rows of each.
        risks: error rate of each group, one dimension; all intervals hold together with the stated confidence.
        gap: largest difference of two risks; its interval holds with the same event.
        worst: name of the group with the highest measured risk.
    """

    groups: tuple[str, ...]
    sizes: tuple[int, ...]
    risks: Estimate
    gap: Estimate
    worst: str


def group_gap(errors: ArrayLike, groups: ArrayLike, confidence: float = 0.95, weight: float = 1.0) -> GroupGap:
    """Bound the risks of all groups at once, and their largest difference.

    Each group has Clopper and Pearson's interval at (1 - confidence)/G. The largest difference is then at most the
    highest upper end minus the lowest lower end, and at least the largest distance between two intervals that do not
    overlap.

    Args:
        errors: shape (n,), 0 or 1 for each held-out row.
        groups: shape (n,), group of each row.
        confidence: of all intervals together, in (0, 1).
        weight: prior weight of the predictor among the candidates from which these rows chose it.
    """
    wrong, of = np.asarray(errors, float), np.asarray(groups)
    names = np.unique(of)
    tail = (1 - confidence) * weight / (2 * len(names))
    counts = [(int(wrong[of == name].sum()), int(np.sum(of == name))) for name in names]
    risks = np.array([k / n for k, n in counts])
    lower, upper = np.array([share_interval(k, n, tail) for k, n in counts]).T
    low = max(0.0, float(round_down(wide(lower.max()) - upper.min(), slack=0)))
    high = float(round_up(wide(upper.max()) - lower.min(), slack=0)) if len(names) > 1 else 0.0
    return GroupGap(
        groups=tuple(str(name) for name in names),
        sizes=tuple(n for _, n in counts),
        risks=Estimate.sampled(risks, np.minimum(lower, risks), np.maximum(upper, risks), confidence),
        gap=Estimate.sampled(float(np.clip(np.ptp(risks), low, high)), low, high, confidence),
        worst=str(names[int(np.argmax(risks))]),
    )


def _misses(part: Answered, code: int) -> NDArray[np.bool_]:
    """Errors among the rows of a class."""
    return part.predicted[part.codes == code] != code


def _false(part: Answered, code: int) -> NDArray[np.bool_]:
    """Errors among the rows that are predicted as it."""
    return part.codes[part.predicted == code] != code


def _rows(counted: Iterable[tuple[NDArray, NDArray, str]], share: float, weight: float) -> Iterator[LedgerRow]:
    """A row for each that both parts have rows of.

    Yields:
        Rows of exact binomial limits, each at share times weight.
    """
    price = share * finite_number("weight", weight, above=0, at_most=1)
    for held, tested, certifies in counted:
        if held.size and tested.size:
            inputs = {"errors": int(held.sum()), "n": held.size, "delta": price}
            yield _row("test_binomial", certifies, inputs, share, measured_errors(int(tested.sum()), tested.size))


def _row(bound: str, certifies: str, inputs: dict[str, float], share: float, measured: Estimate) -> LedgerRow:
    evaluated = evaluate_bound(bound, **inputs)
    return LedgerRow(bound, certifies, evaluated.value, evaluated.vacuous, share, evaluated.terms, inputs, measured)


ASKED = {
    "recall": (_misses, "miss rate (1 - recall) of class {!r} of the deployed predictor"),
    "precision": (_false, "false share (1 - precision) of class {!r} of the deployed predictor"),
}
"""The errors that are counted for a class, and what is certified, by the name of the row."""

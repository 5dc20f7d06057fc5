"""Rows about classes, costs and groups: exact limits, all together under one delta."""

import numpy as np
import pytest
from scipy import stats

from fathometer.evidence import InputError
from fathometer.generalization import evaluate_bound
from fathometer.generalization.ledger._per_class import Answered, class_rows, cost_row, group_gap, group_rows

DRAWS = 300


def answered(rng: np.random.Generator, n: int, wrong: float = 0.2) -> Answered:
    codes = rng.integers(0, 3, n)
    return Answered(codes, np.where(rng.random(n) < wrong, (codes + 1) % 3, codes))


@pytest.fixture
def parts() -> tuple[Answered, Answered]:
    rng = np.random.default_rng(0)
    return answered(rng, 300), answered(rng, 200)


def test_recall_and_precision_have_exact_limits(parts):
    rows = class_rows(*parts, names=("a", "b", "c"), delta=0.06, weight=0.5)
    held = parts[0]
    assert len(rows) == 6
    assert rows[0].certifies == "miss rate (1 - recall) of class 'a' of the deployed predictor"
    assert rows[4].certifies == "false share (1 - precision) of class 'b' of the deployed predictor"
    wrong, n = int(np.sum((held.codes == 0) & (held.predicted != 0))), int(np.sum(held.codes == 0))
    assert rows[0].value == pytest.approx(stats.beta.ppf(1 - 0.005, wrong + 1, n - wrong))
    wrong, n = int(np.sum((held.predicted == 1) & (held.codes != 1))), int(np.sum(held.predicted == 1))
    assert (rows[4].inputs["errors"], rows[4].inputs["n"]) == (wrong, n)
    assert sum(row.delta_spent for row in rows) == pytest.approx(0.06)
    assert all(evaluate_bound(row.bound, **row.inputs).value == row.value for row in rows)


def test_a_class_that_is_absent_has_no_row(parts):
    assert len(class_rows(*parts, names=("a", "b", "c", "d"), delta=0.05)) == 6


def test_costs_are_divided_by_the_largest(parts):
    costs = np.array([[0, 1, 5], [1, 0, 1], [1, 1, 0]])
    row = cost_row(*parts, costs, 0.05)
    held = parts[0]
    assert row.inputs["risk"] == pytest.approx(costs[held.codes, held.predicted].mean() / 5)
    assert row.certifies == "cost divided by 5 of the deployed predictor"
    assert row.value is not None
    assert row.value > row.inputs["risk"]
    with pytest.raises(InputError, match="costs must be a square"):
        cost_row(*parts, np.zeros((3, 3)), 0.05)


def test_every_group_has_a_row():
    errors, groups = np.array([0, 1, 0, 0]), np.array(["f", "f", "m", "m"])
    rows = group_rows((errors, groups), (errors, groups), 0.1)
    assert [row.certifies for row in rows] == [
        f"0/1 risk of the deployed predictor in group {name!r}" for name in ("f", "m")
    ]
    assert rows[1].value == pytest.approx(1 - 0.05**0.5)


@pytest.mark.slow
def test_all_classes_hold_together():
    """And at delta 0.9 they fail far more often: the negative control."""
    rng, failed = np.random.default_rng(2), np.zeros(2)
    for _ in range(DRAWS):
        part = answered(rng, 60)
        failed += [
            any(float(row.value or 1) < 0.2 for row in class_rows(part, part, ("a", "b", "c"), delta))
            for delta in (0.1, 0.9)
        ]
    allowed = stats.binom.ppf(1 - 1e-6, DRAWS, 0.1)
    assert failed[0] <= allowed < failed[1]


@pytest.mark.slow
def test_the_largest_difference_of_groups_is_covered():
    rng, risks, missed = np.random.default_rng(3), np.array([0.1, 0.1, 0.3]), 0
    for _ in range(DRAWS):
        groups = rng.integers(0, 3, 150)
        gap = group_gap((rng.random(150) < risks[groups]).astype(float), groups, 0.9).gap
        missed += not gap.lower <= 0.2 <= gap.upper
    assert missed <= stats.binom.ppf(1 - 1e-6, DRAWS, 0.1)


def test_the_worst_group_is_named():
    errors, groups = np.repeat([0.0, 1.0, 0.0, 1.0], [90, 10, 50, 50]), np.repeat(["a", "b"], 100)
    found = group_gap(errors, groups)
    assert found.worst == "b"
    assert found.gap.value == pytest.approx(0.4)
    assert 0.15 < found.gap.lower < 0.4 < found.gap.upper

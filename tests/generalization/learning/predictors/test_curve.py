"""The learning curve: nested pieces, one delta, and the deployed predictor at its end."""

import itertools
from typing import ClassVar

import numpy as np
import pytest
from scipy import stats

from fathometer.evidence import InputError
from fathometer.generalization.learning.predictors import Loss, Plan, Source, certify_rows, curve_points, read_rows
from fathometer.generalization.learning.predictors._curve import training_pieces


def noisy(n: int, seed: int):
    """Two classes by the sign of the first column, wrong in one row of five."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, 2))
    return x, ((x[:, 0] > 0) ^ (rng.random(n) < 0.2)).astype(int)


class OneColumn:
    """Predicts by the sign of the column that fits better; it errs on a fifth of all rows, or on half of them."""

    risks: ClassVar[dict[int, float]] = {}

    def fit(self, x, y):
        self.column = int(np.argmin([np.mean((x[:, k] > 0) != y) for k in (0, 1)]))
        self.risks[len(y)] = (0.2, 0.5)[self.column]
        return self

    def predict(self, x):
        return (x[:, self.column] > 0).astype(int)


def test_pieces_are_nested_hold_all_classes_and_cut_no_group():
    groups = np.repeat(np.arange(60), 5)
    truth = np.tile([0, 0, 0, 0, 1], 60)
    truth[groups < 50] = 0
    part = np.flatnonzero(groups < 58)
    pieces = training_pieces(part, groups, truth, Plan(seed=3), 4)
    assert [set(a) <= set(b) for a, b in itertools.pairwise(pieces)] == [True] * (len(pieces) - 1)
    assert np.array_equal(pieces[-1], part)
    for piece in pieces:
        assert np.all(np.bincount(groups[piece])[np.unique(groups[piece])] == 5)
        assert np.sum(truth[piece] == 1) >= 5
    again = training_pieces(part, groups, truth, Plan(seed=3), 4)
    assert [list(piece) for piece in again] == [list(piece) for piece in pieces]


def test_a_training_part_without_room_is_refused():
    with pytest.raises(InputError, match="larger training part than 20 rows"):
        training_pieces(np.arange(20), np.arange(20), np.arange(20) % 2, Plan(), 5)


def test_the_last_point_is_the_deployed_predictor_at_its_share_of_delta():
    rows, source = read_rows(*noisy(200, 0), Plan()), Source("one", OneColumn)
    made = certify_rows(rows, source, Plan(delta=0.1, seed=1))
    points = curve_points(rows, source, made, count=4)
    assert [point.m for point in points] == sorted({point.m for point in points})
    assert points[-1].m == 120
    assert sum(point.delta_spent for point in points) <= 0.1
    asked = made.certificate.overfitting
    assert points[-1].held_out_risk == asked.held_out_risk
    assert points[-1].training_risk == asked.training_risk
    errors = made.certificate.competitors[0].total
    assert points[-1].certificate == pytest.approx(stats.beta.ppf(1 - 0.025, errors + 1, 40 - errors), rel=1e-9)
    assert made.certificate.ledger.rows[0].value < points[-1].certificate


def test_regression_has_a_curve_too():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((100, 2))
    plan = Plan("linear", loss=Loss("absolute", 1.0))
    rows, source = read_rows(x, x[:, 0] + 0.1 * rng.standard_normal(100), plan), Source("linear")
    points = curve_points(rows, source, certify_rows(rows, source, plan), count=2)
    assert all(point.held_out_risk.value < point.certificate <= 1 for point in points)


def test_a_ready_predictor_has_none():
    rows, source = read_rows(*noisy(80, 0), Plan()), Source("ready", lambda: lambda x: (x[:, 0] > 0).astype(int))
    made = certify_rows(rows, source, Plan())
    with pytest.raises(InputError, match="one that is fitted here"):
        curve_points(rows, source, made)


@pytest.mark.slow
def test_all_points_hold_together():
    """In 300 draws; the measured risks, taken for bounds, fail far more often than delta allows."""
    fails, naive = 0, 0
    for seed in range(300):
        rows, source = read_rows(*noisy(100, seed), Plan()), Source("one", OneColumn)
        points = curve_points(rows, source, certify_rows(rows, source, Plan(delta=0.2, seed=seed)), count=3)
        fails += any(point.certificate < OneColumn.risks[point.m] for point in points)
        naive += any(point.held_out_risk.value < OneColumn.risks[point.m] for point in points)
    assert fails <= stats.binom.ppf(0.9999, 300, 0.2) < naive

"""Intervals of the risk that hold at all looks together."""

from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest

from fathometer.evidence import InputError
from fathometer.generalization.bounds._binomial import clopper_pearson_upper
from fathometer.network.steps.watch._risk import UnseenRisk
from fathometer.numerics import wide


def network(scores):
    return SimpleNamespace(scores=lambda inputs: np.asarray(scores, float))


def test_look_k_pays_delta_over_k_times_k_plus_1():
    labels = np.arange(100) % 2
    scores = np.eye(2)[np.where(np.arange(100) < 7, 1 - labels, labels)]
    unseen = UnseenRisk(np.zeros((100, 1)), labels, 0.05, None)
    for look in (1, 2, 5):
        found = unseen.of(network(scores), look)
        assert found.value == 0.07
        assert found.upper == clopper_pearson_upper(wide(7), wide(100), wide(0.05 / (look * (look + 1)) / 2))
        assert found.confidence == pytest.approx(1 - 0.05 / (look * (look + 1)))


@cache
def interval(errors: int, rows: int, look: int, delta: float):
    """Of so many errors at a look."""
    scores = (np.arange(rows) < errors)[:, None] * [[-1.0, 1.0]]
    return UnseenRisk(np.zeros((rows, 1)), np.zeros(rows, int), delta, None).of(network(scores), look)


def test_all_looks_together_hold_as_often_as_stated():
    """Networks that are better and better, on the same rows: their errors depend on each other."""
    delta, rng, failed, risks = 0.2, np.random.default_rng(0), 0, (0.4, 0.2, 0.1)
    for _ in range(300):
        shares = rng.random(30)
        found = [interval(int(np.sum(shares < risk)), 30, look + 1, delta) for look, risk in enumerate(risks)]
        failed += any(not e.lower <= risk <= e.upper for e, risk in zip(found, risks, strict=True))
    assert failed / 300 <= delta


def test_one_delta_for_every_look_fails_where_this_does_not():
    rng, failed = np.random.default_rng(1), np.zeros(2)
    for _ in range(200):
        errors = rng.binomial(30, 0.3, 10)  # of networks that err independently
        pairs = [(interval(int(k), 30, 1, 0.2), interval(int(k), 30, look + 1, 0.2)) for look, k in enumerate(errors)]
        failed += 1 - np.all([[e.lower <= 0.3 <= e.upper for e in pair] for pair in pairs], axis=0)
    assert failed[1] / 200 <= 0.2 < failed[0] / 200


def test_losses_in_the_unit_interval_are_bounded_by_betting():
    rng = np.random.default_rng(2)
    labels = rng.random(300)
    unseen = UnseenRisk(np.zeros((300, 1)), labels, 0.05, lambda scores, y: np.abs(scores[:, 0] - y))
    found = unseen.of(network(np.full((300, 1), 0.5)), 1)
    assert found.lower < 0.25 < found.upper < 0.31
    outside = UnseenRisk(np.zeros((300, 1)), labels, 0.05, lambda scores, y: 3 * y)
    with pytest.raises(InputError, match=r"losses must be 300 numbers in \[0, 1\]"):
        outside.of(network(np.zeros((300, 1))), 1)


@pytest.mark.parametrize(
    ("scores", "labels", "message"),
    [
        (np.zeros((3, 1)), [0, 1, 0], "two or more classes"),
        (np.zeros((3, 2)), [0, 1, 2], "labels must be whole numbers from 0 to 1, got 2"),
    ],
)
def test_scores_and_labels_that_do_not_fit(scores, labels, message):
    with pytest.raises(InputError, match=message):
        UnseenRisk(np.zeros((3, 1)), labels, 0.05, None).of(network(scores), 1)


def test_rows_without_labels_are_refused():
    with pytest.raises(InputError, match="got 3 rows and 2 labels"):
        UnseenRisk(np.zeros((3, 1)), [0, 1], 0.05, None)

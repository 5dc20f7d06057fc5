"""The conversion for an update of an inner layer: its inequality, its widths, and how often its certificate fails."""

import numpy as np
import pytest
from scipy.special import ndtr

from fathometer.generalization.learning.conversion import InnerUpdate
from fathometer.generalization.learning.conversion._linear_bounds import certified

DRAWS, ROWS = 300, 60
SIGMA, THRESHOLD, DELTA = 0.3, 1.0, 0.05
REPEATS = 4000
SLACK = 4 * np.sqrt(0.25 / REPEATS)


def network(rng, d: int = 5, k: int = 8, rank: int | None = 2, out=None) -> InnerUpdate:
    directions = None if rank is None else np.linalg.qr(rng.normal(size=(d, rank)))[0]
    weights = rng.normal(size=(d, k)) / np.sqrt(d)
    return InnerUpdate(weights, 0.1 * rng.normal(size=k), rng.normal(size=k) if out is None else out, 0.0, directions)


def on_sphere(rng, n: int, d: int = 5) -> np.ndarray:
    x = rng.normal(size=(n, d))
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def share_below(layer: InnerUpdate, x, y, update, threshold: float) -> float:
    """Of noisy updates whose margin at one row is at most the width: all at once, the row repeated."""
    many = np.tile(x, (REPEATS, 1))
    counts = layer.noisy_errors(many, np.full(REPEATS, y), update, SIGMA, (threshold,), 1, np.random.default_rng(9))
    return counts[1] / REPEATS


@pytest.mark.parametrize("rank", [None, 1, 3])
def test_a_wrong_score_stays_below_the_width_with_the_stated_probability(rank):
    rng = np.random.default_rng(0)
    layer = network(rng, rank=rank)
    x, update = on_sphere(rng, 8), 0.5 * rng.normal(size=layer.shape)
    y = -np.sign(layer.scores(x, update))
    for threshold in (0.0, 1.0, 2.0):
        for row in range(len(x)):
            assert share_below(layer, x[row], y[row], update, threshold) >= ndtr(threshold) - SLACK


@pytest.mark.parametrize("out", [np.ones(8), -np.ones(8), np.eye(8)[0]])
def test_units_at_their_kink_and_scores_at_zero_are_the_worst_and_still_covered(out):
    rng = np.random.default_rng(1)
    layer = InnerUpdate(np.zeros((5, 8)), np.zeros(8), out, 0.0, None)
    for threshold in (0.5, 1.5):
        assert share_below(layer, on_sphere(rng, 1)[0], 1.0, np.zeros((1, 8)), threshold) >= ndtr(threshold) - SLACK


def test_without_the_rise_of_the_mean_the_inequality_fails():
    rng = np.random.default_rng(2)
    layer = InnerUpdate(np.zeros((5, 8)), np.zeros(8), np.ones(8), 0.0, None)
    x, y, draws = on_sphere(rng, 1), np.ones(1), 20_000
    short = layer.margin_width(x, y, 1.0) - layer.lengths(x) * 8 / np.sqrt(2 * np.pi)
    scores = layer.scores_of(SIGMA * rng.normal(size=(draws, 8)))
    assert np.mean(scores <= SIGMA * short) < ndtr(1.0) - 0.1


@pytest.mark.parametrize("rank", [None, 2])
def test_no_update_moves_a_score_by_more_than_its_width(rank):
    rng = np.random.default_rng(3)
    layer, x = network(rng, rank=rank), on_sphere(rng, 50)
    before = layer.scores(x, np.zeros(layer.shape))
    for _ in range(50):
        update = rng.normal(size=layer.shape) * rng.exponential()
        moved = np.abs(layer.scores(x, update) - before)
        assert np.all(moved <= layer.transported_width(x, np.linalg.norm(update, 2)) * (1 + 1e-12))


def test_training_lowers_the_loss_and_a_penalty_keeps_it_near():
    rng = np.random.default_rng(4)
    layer, x = network(rng), on_sphere(rng, 80)
    y = np.where(x[:, 0] > 0, 1.0, -1.0)
    free, near = layer.trained(x, y, 0.01), layer.trained(x, y, 10.0)
    assert np.linalg.norm(near) < np.linalg.norm(free)

    def loss(update):
        return np.logaddexp(0, -y * layer.scores(x, update)).mean()

    assert loss(free) < loss(near) < loss(np.zeros(layer.shape))


def coverage(paid: bool) -> float:
    """Share of samples on which the certificate of an over-fitted update lies below its true risk of one half.

    Labels are coins, so that every update has risk 1/2. All units are on, and one step of descent fits the sample.
    """
    rng, sigma, draws, d = np.random.default_rng(5), 0.01, 4, 200
    layer, failed = InnerUpdate(np.zeros((d, 4)), np.full(4, 50.0), np.array([1.0, -1, 1, -1]), 0.0, np.eye(d)), 0
    for _ in range(DRAWS):
        x, y = on_sphere(rng, ROWS, d), rng.choice([-1.0, 1.0], ROWS)
        update = np.outer(x.T @ y, layer.out)
        count = layer.noisy_errors(x, y, update, sigma, (THRESHOLD,), draws, rng)[1]
        risk = certified("test_kl", risk=count / (draws * ROWS), n=draws * ROWS, delta=DELTA / 2)
        kl = np.sum(update**2) / (2 * sigma**2) if paid else 0.0
        keys = {"threshold": THRESHOLD, "m": ROWS, "delta": DELTA / 2}
        failed += certified("output_conversion", risk=min(risk, 1.0), kl=kl, **keys) < 0.5
    return failed / DRAWS


@pytest.mark.slow
def test_the_certificate_fails_on_few_samples_and_without_its_distance_on_many():
    assert coverage(paid=True) <= DELTA
    assert coverage(paid=False) > 2 * DELTA

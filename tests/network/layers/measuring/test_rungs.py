"""Each rung of the ladder explains what was made by it."""

from itertools import combinations

import numpy as np
import pytest

from fathometer.network.layers.measuring._field import pulls, tangent
from fathometer.network.layers.measuring._fields import TokenSample, best_steps
from fathometer.network.layers.measuring._rungs import Rung, fit_rungs, measure_step
from fathometer.network.layers.measuring._step import BETAS
from fathometer.network.recording import Passage

from ..tokens import cloud, moved, unit

N, D = 30, 5


@pytest.fixture(scope="module")
def parts():
    """Tokens of any length, attention of two heads, and what it adds."""
    rng = np.random.default_rng(1)
    raw = cloud(N, D, 2) * rng.uniform(1, 5, (N, 1))
    pattern = rng.uniform(0, 1, (2, N, N))
    return raw, pattern / pattern.sum(axis=2, keepdims=True), rng.standard_normal((N, D))


def fits(before, after, pattern, attended, sample=64):
    """All rungs of one step."""
    passage = Passage(0, 0, before, after, False, pattern, attended)
    return fit_rungs([measure_step(unit(before), unit(after), passage, BETAS, sample=sample)], BETAS)


def explained(fit):
    return 1 - fit.left.sum() / fit.moved.sum()


def test_its_own_attention_is_found_again(parts):
    raw, pattern, attended = parts
    x = unit(raw)
    y = x + 0.7 * tangent(x, pattern[0] @ x) - 0.4 * tangent(x, pattern[1] @ x)
    fit = fits(raw, y, pattern, attended)[Rung.PATTERN]
    assert explained(fit) == pytest.approx(1.0, abs=1e-4)
    np.testing.assert_allclose(fit.taus, [0.7, -0.4], atol=1e-2)


def test_a_step_of_its_own_values_is_one(parts):
    raw, pattern, attended = parts
    x = unit(raw)
    fit = fits(raw, raw + tangent(x, attended), pattern, attended)[Rung.VALUES]
    assert explained(fit) == pytest.approx(1.0, abs=1e-6)
    assert fit.taus[0] == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("length", [0.5, 4.0, 30.0, 300.0])
def test_a_pull_that_is_longer_than_its_token_is_found_again(parts, length):
    raw, pattern, _ = parts
    x = unit(raw)
    pull = length * tangent(x, cloud(N, D, 7))
    attended = pull * np.linalg.norm(raw, axis=1, keepdims=True)
    fit = fits(raw, x + 0.5 * pull, pattern, attended)[Rung.VALUES]
    assert fit.taus[0] == pytest.approx(0.5, rel=2e-3)
    assert 1 - 1e-5 <= explained(fit) <= 1 + 1e-6


def test_two_betas_are_found_by_two_heads(parts):
    raw, pattern, attended = parts
    x = unit(raw)
    v = pulls(x, [1.0, 16.0], np.arange(N))
    rungs = fits(raw, x + 0.9 * v[0] - 0.6 * v[1], pattern, attended)
    heads = rungs[Rung.HEADS]
    assert len(heads.betas) == 2
    assert explained(heads) > 0.99


def test_heads_explain_no_less_than_one_beta(parts):
    raw, pattern, attended = parts
    passage = Passage(0, 0, raw, cloud(N, D, 9), False, pattern, attended)
    step = measure_step(unit(raw), passage.after, passage, BETAS, sample=64)
    one = 1 - step.curves.min() / step.moved
    assert explained(fit_rungs([step], BETAS)[Rung.HEADS]) >= one - 1e-6


@pytest.mark.parametrize("seed", range(4))
def test_heads_explain_about_as_much_as_the_best_of_all_choices(parts, seed):
    raw, pattern, attended = parts
    x, y = unit(raw), cloud(N, D, 20 + seed)
    sample = TokenSample.of(x, y, pulls(x, BETAS, np.arange(N)))
    choices = (sample.only(np.array(pair)) for pair in combinations(range(len(BETAS)), 2))
    best = 1 - min(one.residual(best_steps([one], np.zeros(2))) for one in choices) / sample.moved
    assert explained(fits(raw, y, pattern, attended)[Rung.HEADS]) >= 0.8 * best


def test_what_the_network_does_not_give_has_no_rung(parts):
    raw, pattern, attended = parts
    y = cloud(N, D, 9)
    assert set(fits(raw, y, None, attended)) == {Rung.VALUES}
    assert set(fits(raw, y, pattern, None)) == {Rung.HEADS, Rung.PATTERN}


def test_best_steps_have_no_slope():
    x = cloud(50, 4, 3)
    y = unit(moved(x, 8.0, 0.5) + 0.3 * cloud(50, 4, 4))
    sample = TokenSample.of(x, y, pulls(x, [0.0, 8.0], np.arange(50)))
    best = best_steps([sample], np.zeros(2))
    steps = [sample.residual(best + shift) for shift in 1e-3 * np.concatenate([np.eye(2), -np.eye(2)])]
    assert sample.residual(best) <= min(steps)

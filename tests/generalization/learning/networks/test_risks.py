"""Losses of networks: closed forms, whole draws of all weights, the second implementation, the draws' interval."""

import numpy as np
import pytest
from scipy.special import ndtr

from fathometer.generalization.learning.networks import GaussianWeights
from fathometer.generalization.learning.networks._independent_risks import fixed_losses, fresh_losses
from fathometer.generalization.learning.networks._problem import ClassRows
from fathometer.generalization.learning.networks._risks import (
    GIBBS,
    Levels,
    gibbs_losses,
    network_losses,
    network_margins,
)
from fathometer.numerics import kl_inverse_upper

LEVELS = Levels(1e-3, 0.8)
SHAPES = [(4, 5), (6, 3)]


@pytest.fixture(scope="module")
def law() -> GaussianWeights:
    rng = np.random.default_rng(0)
    mean = tuple(rng.normal(size=shape) for shape in SHAPES)
    return GaussianWeights(mean, tuple(0.3 + 0.2 * rng.random(shape) for shape in SHAPES))


@pytest.fixture(scope="module")
def rows() -> ClassRows:
    rng = np.random.default_rng(1)
    return ClassRows(rng.normal(size=(40, 3)), rng.integers(0, 3, 40))


def test_a_fresh_network_for_every_row_has_the_gibbs_risk_of_whole_draws(law, rows):
    """Local draws against 1000 draws of all weights, for all three losses, within four standard errors."""
    local = gibbs_losses(law, rows, LEVELS, 0, GIBBS, 1000)
    whole = [network_losses(law.draw(k), rows, LEVELS) for k in range(1000)]
    for k in range(3):
        risks = np.array([losses[k].mean() for losses in whole])
        error = np.hypot(risks.std() / 1000**0.5, local[k].std() / local[k].size ** 0.5)
        assert local[k].mean() == pytest.approx(risks.mean(), abs=4 * error)
        assert error < 0.02


def test_the_closed_form_of_a_linear_model_with_two_classes(rows):
    """The margin of two linear scores is Gaussian: P(error) = Phi(-margin / spread)."""
    rng = np.random.default_rng(2)
    mean, sigma = rng.normal(size=(4, 2)).astype(np.float32), float(np.float32(0.4))
    law = GaussianWeights.around((mean,), sigma)
    two = ClassRows(rows.x, rows.y % 2)
    found = gibbs_losses(law, two, LEVELS, 0, GIBBS, 5000).errors.reshape(5000, -1).mean(axis=0)
    wide = np.column_stack([two.x, np.ones(len(two.x))])
    scores = wide @ mean.astype(float)
    margin = np.where(two.y == 1, scores[:, 1] - scores[:, 0], scores[:, 0] - scores[:, 1])
    exact = ndtr(-margin / (np.sqrt(2) * sigma * np.linalg.norm(wide, axis=1)))
    assert np.abs(found - exact).max() < 5 * 0.5 / 5000**0.5
    assert found.mean() == pytest.approx(exact.mean(), abs=4 * 0.5 / (5000 * 40) ** 0.5)


def test_the_second_implementation_agrees(law, rows):
    fixed, again = network_losses(law.mean, rows, LEVELS), fixed_losses(law.mean, rows, LEVELS)
    drawn, redrawn = gibbs_losses(law, rows, LEVELS, 7, GIBBS, 3), fresh_losses(law, rows, LEVELS, (7, GIBBS), 3)
    for first, second in ((fixed, again), (drawn, redrawn)):
        for name in ("errors", "cross_entropy", "ramp"):
            np.testing.assert_allclose(getattr(first, name), second[name], rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(network_margins(law.mean, rows), again["margin"], rtol=1e-11)


def test_losses_keep_their_order(law, rows):
    """The ramp loss is at least the 0/1 loss; an error costs at least ln 2 of cross-entropy (it leaves p <= 1/2)."""
    found = gibbs_losses(law, rows, LEVELS, 0, GIBBS, 50)
    assert np.all(found.errors <= found.ramp)
    assert np.all(found.errors * np.log(2) <= found.cross_entropy * np.log(1 / LEVELS.pmin) + 1e-12)
    for losses in found:
        assert losses.min() >= 0
        assert losses.max() <= 1
    assert found.cross_entropy.max() == 1


def test_a_tie_is_an_error():
    rows = ClassRows(np.ones((1, 1)), np.array([0]))
    assert network_losses((np.zeros((2, 2)),), rows, LEVELS).errors.tolist() == [1.0]


def test_the_interval_of_the_draws_covers_unequal_rows():
    """Bernoulli terms of unequal means (Hoeffding 1956): at most delta of 4000 intervals miss; 1e-6 false alarms."""
    from scipy.stats import binom

    rng = np.random.default_rng(3)
    means = np.concatenate([np.full(30, 0.9), np.full(270, 0.01)])
    sums = (rng.random((4000, 300)) < means).sum(axis=1)
    upper = kl_inverse_upper(sums / 300, np.full(4000, np.log(20) / 300))
    missed = int(np.sum(means.mean() > upper))
    assert missed <= binom.ppf(1 - 1e-6, 4000, 0.05)

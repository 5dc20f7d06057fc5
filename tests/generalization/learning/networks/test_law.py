"""Gaussian laws on weights: divergences to the last digits, draws, Lipschitz constants."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from fathometer.evidence import InputError
from fathometer.generalization import Gaussian, gaussian_kl
from fathometer.generalization.learning.networks import (
    GaussianWeights,
    loss_lipschitz,
    score_lipschitz,
    weights_kl,
    weights_log_ratio,
)
from fathometer.generalization.learning.networks._law import spectral_norm

SHAPES = [(5, 4), (5, 3)]


def random_law(rng: np.random.Generator, shapes=SHAPES) -> GaussianWeights:
    mean = tuple(rng.normal(size=shape) for shape in shapes)
    return GaussianWeights(mean, tuple(np.exp(rng.normal(size=shape) / 3) for shape in shapes))


def flat(matrices) -> np.ndarray:
    return np.concatenate([np.ravel(matrix) for matrix in matrices]).astype(np.float64)


def test_the_kl_of_weights_is_the_closed_form():
    mean = np.zeros((10, 10))
    moved = mean.copy()
    moved[0, 0] = 2
    posterior, prior = GaussianWeights.around((moved,), 0.125), GaussianWeights.around((mean,), 0.25)
    assert weights_kl(posterior, prior) == pytest.approx(32 + 50 * (0.25 - 1 + math.log(4)), rel=1e-14)
    reference = weights_kl(GaussianWeights.around((moved,), 0.1), GaussianWeights.around((mean,), 0.2))
    assert reference == pytest.approx(81.81471805599453, rel=1e-7)  # 0.1 and 0.2 are rounded to float32


def test_kl_and_log_ratio_against_other_code():
    rng = np.random.default_rng(0)
    posterior, prior = random_law(rng), random_law(rng)
    laws = [Gaussian(flat(law.mean), flat(law.sigma) ** 2) for law in (posterior, prior)]
    assert weights_kl(posterior, prior) == pytest.approx(float(gaussian_kl(*laws).value), rel=1e-13)
    drawn = posterior.draw(3)
    densities = [stats.norm.logpdf(flat(drawn), flat(law.mean), flat(law.sigma)).sum() for law in (posterior, prior)]
    assert weights_log_ratio(drawn, posterior, prior) == pytest.approx(densities[0] - densities[1], rel=1e-11)
    assert np.mean([weights_log_ratio(posterior.draw(k), posterior, prior) for k in range(1000)]) == pytest.approx(
        weights_kl(posterior, prior), rel=0.05
    )


def test_a_million_weights_are_summed_exactly():
    """Small offsets of many weights: sums in float32 lose digits; these lose none and are never rounded down."""
    rng = np.random.default_rng(1)
    centre = np.zeros((1000, 1000), np.float32)
    posterior = GaussianWeights(
        (rng.normal(size=centre.shape) * 1e-4,), (0.03 * np.exp(1e-3 * rng.normal(size=centre.shape)),)
    )
    prior = GaussianWeights.around((centre,), 0.03)
    s = float(np.float32(0.03))
    ratio = flat(posterior.sigma) / s
    step = ratio - 1
    exact = math.fsum((flat(posterior.mean) / s) ** 2 / 2) + math.fsum(step - np.log1p(step)) + math.fsum(step**2 / 2)
    found = weights_kl(posterior, prior)
    assert found == pytest.approx(exact, rel=1e-11)
    assert found >= exact * (1 - 1e-12)
    assert weights_kl(prior, prior) <= 1e-9


def test_a_dirac_has_no_kl():
    with pytest.raises(InputError, match="sigma of the weights must be positive: a Dirac has infinite KL"):
        GaussianWeights.around((np.zeros((2, 2)),), 0.0)
    with pytest.raises(InputError, match="mean of the weights must be finite"):
        GaussianWeights.around((np.full((2, 2), np.nan),), 1.0)
    with pytest.raises(InputError, match="same shapes"):
        GaussianWeights((np.zeros((2, 2)),), (np.ones((2, 3)),))


@pytest.mark.parametrize(
    ("classes", "value"), [(2, 1.0), (3, 1.154700538379252), (10, 1.341640786499874), (26, 1.386750490563073)]
)
def test_the_linear_constant_of_the_reference(classes, value):
    """sqrt(2(k-1)/k) for inputs of norm at most 1 and a bias, exact: reached where all hinges are active."""
    net = (np.zeros((4, classes)),)
    found = loss_lipschitz("multi_margin", classes=classes) * score_lipschitz([net], 1.0)
    assert found == pytest.approx(value, rel=1e-9)
    assert found >= value


def test_constants_of_the_losses():
    assert loss_lipschitz("margin_ramp", gamma=0.5) == pytest.approx(2 * math.sqrt(2))
    assert loss_lipschitz("cross_entropy") == pytest.approx(math.sqrt(2))
    assert loss_lipschitz("cross_entropy", pmin=1e-4) == pytest.approx(math.sqrt(2) / math.log(1e4))
    with pytest.raises(InputError, match="loss must be margin_ramp, multi_margin, cross_entropy, got 'hinge'"):
        loss_lipschitz("hinge")


def scores(net, x):
    for k, matrix in enumerate(net):
        x = (np.maximum(x, 0) if k else x) @ matrix[:-1] + matrix[-1]
    return x


@pytest.mark.parametrize("slack", [0.0, 0.7])
def test_no_network_moves_faster_than_its_constant(slack):
    """500 pairs of networks: on a segment, or both in a ball; inputs on the sphere."""
    rng = np.random.default_rng(2)
    worst = 0.0
    for _ in range(500):
        shapes = [(4, 6), (7, 5), (6, 3)][: rng.integers(1, 4)]
        shapes = [(4, shapes[0][1])] + [(a[1] + 1, b[1]) for a, b in pairwise(shapes)]
        first = tuple(rng.normal(size=shape) * 10 ** rng.uniform(-1, 0.3) for shape in shapes)
        step = tuple(rng.normal(size=shape) for shape in shapes)
        length = np.linalg.norm(flat(step))
        size = slack or 10 ** rng.uniform(-3, 0.5)
        second = tuple(a + b / length * size for a, b in zip(first, step, strict=True))
        x = rng.normal(size=(20, 3))
        x *= 2 / np.linalg.norm(x, axis=1, keepdims=True)
        bound = score_lipschitz([first], 2.0, slack) if slack else score_lipschitz([first, second], 2.0)
        moved = np.linalg.norm(scores(first, x) - scores(second, x), axis=1).max()
        worst = max(worst, moved / (bound * size))
    assert worst <= 1
    assert worst > 0.1


def test_the_spectral_norm_is_an_upper_bound():
    rng = np.random.default_rng(3)
    matrix = rng.normal(size=(30, 20)).astype(np.float32)
    vector = rng.normal(size=20)
    for _ in range(500):
        vector = matrix.T.astype(float) @ (matrix.astype(float) @ vector)
        vector /= np.linalg.norm(vector)
    power = np.linalg.norm(matrix.astype(float) @ vector)
    assert power <= spectral_norm(matrix) <= power * (1 + 1e-9)

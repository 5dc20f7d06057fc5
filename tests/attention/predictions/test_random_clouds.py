import dataclasses
import math

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import beta as beta_law

from fathometer.attention import (
    GaussianMixture,
    Model,
    ParticleSystem,
    SeparatedCloud,
    UniformTokens,
    draw_hemispheres,
    draw_mixture,
    frame_alpha,
    hemisphere_probability,
    mean_uniform_energy,
)
from fathometer.attention.predictions._random_clouds import frame_probability, printed_failure_bound
from fathometer.attention.theorems.random.frame_separated import THEOREM as FRAME
from fathometer.attention.theorems.random.mixture_separated import THEOREM as MIXTURE
from fathometer.attention.theorems.random.wendel import THEOREM as WENDEL
from fathometer.evidence import (
    AtLeast,
    Axis,
    AxisKind,
    Estimate,
    InputError,
    Origin,
    Status,
    Trajectory,
    Within,
    WithProbability,
)
from tests.oracles.attention import circle, energy
from tests.oracles.attention_metastability import largest_inner_product

# Wendel


@pytest.mark.parametrize(
    ("n", "d", "probability"),
    [(5, 2, 0.3125), (10, 3, 0.08984375), (32, 8, 0.0016634464263916016), (3, 3, 1), (2, 9, 1)],
)
def test_wendel_probabilities(n, d, probability):
    assert hemisphere_probability(n, d).value == probability


@pytest.mark.parametrize(("n", "d"), [(5, 2), (10, 3), (4, 6)])
def test_draws_agree_with_wendel(n, d):
    drawn = draw_hemispheres(UniformTokens(n, d), 8000, 1)
    verdict = WENDEL.test(drawn)
    if n <= d:
        assert verdict.measured.value == 1
    assert WENDEL.judge(drawn.problem, verdict.measured).status is verdict.status
    assert verdict.status is (Status.UNDECIDED if n == 5 else Status.HOLDS)
    wrong = dataclasses.replace(WENDEL, predict=_halved)
    assert wrong.test(drawn).status is Status.VIOLATED


def _halved(problem, axis):
    right = hemisphere_probability(problem.n, problem.d).value
    return Within(0.0, right / 2)


@pytest.mark.slow
def test_enough_draws_decide():
    assert WENDEL.test(draw_hemispheres(UniformTokens(10, 3), 8000, 1)).status is Status.HOLDS
    assert WENDEL.test(draw_hemispheres(UniformTokens(10, 3), 50, 1)).status is Status.UNDECIDED
    assert WENDEL.test(draw_hemispheres(UniformTokens(10, 4), 8000, 1).until(3)).status is Status.UNDECIDED


def test_points_of_another_law_violate_wendel():
    skewed = draw_hemispheres(UniformTokens(3, 3), 2000, 0)
    assert WENDEL.test(dataclasses.replace(skewed, problem=UniformTokens(8, 3))).status is Status.VIOLATED
    with pytest.raises(InputError, match="must be of type UniformTokens"):
        WENDEL.judge(mixture(), Estimate.exact(0.5))


@pytest.mark.parametrize("bad", [(0, 2), (3, 1)])
def test_impossible_tokens(bad):
    with pytest.raises(InputError):
        UniformTokens(*bad)
    with pytest.raises(InputError, match="draws"):
        draw_hemispheres(UniformTokens(3, 2), 0, 0)


# mixtures


def mixture(d=3, sigma=5e-4, n=6, beta=60.0, epsilon=0.01):
    return GaussianMixture(np.eye(d)[:2], sigma, n, beta, epsilon)


def test_narrow_mixtures_are_separated():
    problem = mixture()
    verdict = MIXTURE.test(draw_mixture(problem, 1000, 0))
    assert verdict.status is Status.HOLDS
    assert verdict.prediction.delta == pytest.approx(2 * math.exp(-3))
    delta = 5e-4 / math.sqrt(2)
    assert_allclose(
        problem.spread, 6 * delta * math.sqrt(3) / (1 + delta * math.sqrt(3)) + delta * math.sqrt(6 * math.log(6))
    )
    assert MIXTURE.test(draw_mixture(problem, 20, 0)).status is Status.UNDECIDED


def test_wide_mixtures_would_violate_it():
    wide = draw_mixture(mixture(sigma=0.2), 500, 0)
    assert MIXTURE.test(wide).status is Status.INAPPLICABLE
    assert MIXTURE.test(dataclasses.replace(wide, problem=mixture())).status is Status.VIOLATED
    strict = dataclasses.replace(MIXTURE, predict=_impossible)
    assert strict.test(draw_mixture(mixture(), 500, 0)).status is Status.VIOLATED


def _impossible(problem, axis):
    return WithProbability(AtLeast(0.0101), 0.1)


def test_mixtures_of_close_centres_are_not_centred():
    verdict = MIXTURE.test(draw_mixture(mixture(beta=5.0), 10, 0))
    assert verdict.status is Status.INAPPLICABLE
    assert "gamma" in verdict.explanation
    assert_allclose(verdict.margin, mixture(beta=5.0).gamma)


@pytest.mark.parametrize(
    "bad", [{"sigma": 0.0}, {"n": 1}, {"beta": 0.0}, {"epsilon": 1.0}, {"centres": np.ones((2, 3))}]
)
def test_impossible_mixtures(bad):
    with pytest.raises(InputError):
        dataclasses.replace(mixture(), **bad)


# frames


def frame(d, beta, eps):
    return SeparatedCloud(ParticleSystem(np.eye(d), beta, Model.SA), np.eye(d), eps)


def still(problem):
    return Trajectory(problem, Axis(AxisKind.TIME, np.zeros(1)), {}, Origin.SIMULATED)


@pytest.mark.parametrize("eps", [1e-4, 0.01, 0.03, 0.1])
def test_alpha_of_a_frame(eps):
    assert_allclose(frame_alpha(eps).value, frame(4, 3.0, eps).alpha.value, rtol=1e-12)
    assert_allclose(frame_alpha(eps).value, largest_inner_product(0.0, np.pi / 2, 2 * eps), atol=2e-6)
    assert frame_alpha(eps).value <= 4 * eps + 4 * math.sqrt(eps)
    assert frame_alpha(eps).value > eps**2 + 2 * eps  # the printed bound
    with pytest.raises(InputError):
        frame_alpha(0.2)


def test_frames_are_separated():
    assert FRAME.test(still(frame(6, 60.0, 0.01))).status is Status.HOLDS
    wrong = dataclasses.replace(FRAME, predict=_too_much)
    assert wrong.test(still(frame(6, 60.0, 0.01))).status is Status.VIOLATED
    assert FRAME.test(still(frame(6, 60.0, 0.028))).status is Status.INAPPLICABLE
    tilted = SeparatedCloud(ParticleSystem(circle(0, 1), 60.0, Model.SA), circle(0, 1), 0.01)
    assert "orthogonal" in FRAME.test(still(tilted)).explanation
    alone = SeparatedCloud(ParticleSystem(circle(0, 1), 60.0, Model.SA), circle(0), 0.01)
    assert "two centres" in FRAME.test(still(alone)).explanation


def _too_much(problem, axis):
    return AtLeast(1.0)


def test_the_printed_condition_does_not_separate():
    problem = frame(6, 20.0, 0.03)
    verdict = FRAME.printed(FRAME.as_printed[0]).test(still(problem))
    assert verdict.status is Status.VIOLATED, verdict.explanation
    assert FRAME.test(still(problem)).status is Status.INAPPLICABLE


def test_tokens_are_as_near_to_their_frame_as_their_cosines_are_small():
    for n, d in ((2, 2), (5, 9), (6, 6)):
        clouds = np.random.default_rng(n).standard_normal((200, n, d))
        clouds /= np.linalg.norm(clouds, axis=-1, keepdims=True)
        left, _, right = np.linalg.svd(clouds, full_matrices=False)
        distances = np.linalg.norm(clouds - left @ right, axis=-1)
        cosines = clouds @ clouds.swapaxes(1, 2) - np.eye(n)
        assert np.all(distances <= np.linalg.norm(cosines, axis=-1) + 1e-12)


def test_the_probability_of_a_frame():
    assert frame_probability(1, 2) == 1
    assert_allclose([frame_probability(2, 100), frame_probability(3, 100)], [1 - 2e-4, 0.94], rtol=1e-14)
    assert all(
        frame_probability(n, 10**d) > 1 - printed_failure_bound(n, 10**d) for n in (2, 50, 129) for d in (3, 300)
    )
    assert printed_failure_bound(2, 10**50) > 1 > printed_failure_bound(2, 10**60)
    for d, cosine in ((3, 0.6), (10, 0.3), (50, 0.4)):  # the measure of two caps, and the bound on it
        cap = beta_law.sf(cosine**2, 0.5, (d - 1) / 2)
        assert cap <= 2 * math.exp(-d * cosine**2 / 2)


# energy


@pytest.mark.parametrize(("d", "beta"), [(2, 1.0), (3, 5.0), (8, 20.0), (3, 0.0)])
def test_the_mean_energy_of_uniform_tokens(d, beta):
    energies = [
        energy(ParticleSystem.uniform(6, d, beta, Model.SA, seed).points, np.full(6, 1 / 6), beta)
        for seed in range(800)
    ]
    error = 5 * np.std(energies) / math.sqrt(800) + 1e-12
    assert_allclose(mean_uniform_energy(6, d, beta).value, np.mean(energies), atol=error)


def test_the_mean_energy_in_three_dimensions_is_elementary():
    beta = 7.0
    assert_allclose(mean_uniform_energy(10**6, 3, beta).value, math.exp(-beta) * math.sinh(beta) / beta, rtol=1e-4)
    assert mean_uniform_energy(1, 5, 1e4).value == 1
    assert_allclose(mean_uniform_energy(2, 200, 1e-3).value, 1 - 5e-4, atol=1e-6)
    around = [mean_uniform_energy(2, 5, math.sqrt(5000) * x).value for x in (1 - 1e-9, 1 + 1e-9)]
    assert_allclose(*around, rtol=1e-8)

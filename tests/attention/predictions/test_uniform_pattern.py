import dataclasses

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.testing import assert_allclose

from fathometer.attention import (
    Model,
    ParticleSystem,
    fastest_mode,
    growth_rates,
    log_mean_kernel,
    mode_amplitudes,
    pattern_time,
    simulate,
)
from fathometer.attention.predictions._uniform_pattern import driven_share
from fathometer.attention.theorems.clustering.first_pattern import THEOREM as PATTERN
from fathometer.evidence import Estimate, InputError, Status, Within
from tests.oracles.attention import circle, rotation
from tests.oracles.attention_variants import FUNK_HECKE, GROWTH

MODELS = pytest.mark.parametrize("model", list(Model))


@pytest.mark.parametrize(("dim", "beta", "mode", "rate"), GROWTH)
def test_the_fastest_mode_and_its_rate_agree_with_the_tables(dim, beta, mode, rate):
    assert fastest_mode(dim, beta) == mode
    if rate is not None:
        assert_allclose(growth_rates(mode, dim, beta, "sa")[-1], rate, rtol=2e-14)


def test_a_growth_rate_is_the_funk_hecke_coefficient_of_the_kernel():
    # beta rate_k / (k (k + d - 2)) in the raw unit is the Funk-Hecke coefficient of the kernel
    raw = growth_rates(2, 3, 5.0, "usa")[-1] * np.exp(5.0)
    assert_allclose(raw * 5.0 / 6.0, FUNK_HECKE, rtol=1e-13)


@pytest.mark.parametrize(("dim", "beta"), [(2, 0.3), (7, 12.0), (1024, 3.0), (3, 2000.0), (64, 500.0)])
@MODELS
def test_rates_are_those_of_the_bessel_functions(dim, beta, model):
    with mpmath.workdps(30):
        nu, b = mpmath.mpf(dim) / 2 - 1, mpmath.mpf(beta)
        norm = mpmath.besseli(nu, b)
        if model is Model.USA:
            norm = mpmath.exp(b) / (mpmath.gamma(nu + 1) * (2 / b) ** nu)
        expected = [float(k * (k + dim - 2) / b * mpmath.besseli(k + nu, b) / norm) for k in (1, 2, 30)]
    assert_allclose(growth_rates(30, dim, beta, model)[[0, 1, 29]], expected, rtol=1e-11)


def test_growth_rates_at_beta_zero_and_for_large_beta():
    assert_allclose(growth_rates(3, 5, 0.0, "sa"), [4 / 5, 0, 0])
    assert log_mean_kernel(5, 0.0) == 0.0
    assert_allclose(growth_rates(200, 2, 1e4, "sa").max(), 2 / np.e, rtol=1e-4)
    assert abs(fastest_mode(2, 1e4) - np.sqrt(2e4)) < 2
    assert abs(fastest_mode(2, 1e8) - np.sqrt(2e8)) < 2


def test_amplitudes_on_the_circle_are_fourier_coefficients():
    angles, masses = np.array([0.1, 1.0, 2.5, 4.0]), np.array([0.1, 0.4, 0.3, 0.2])
    expected = [abs(np.sum(masses * np.exp(1j * k * angles))) for k in range(1, 8)]
    assert_allclose(mode_amplitudes(circle(*angles)[None], masses, 7)[0], expected, rtol=1e-12)


def test_amplitudes_of_one_cluster_and_of_an_antipodal_pair():
    assert_allclose(mode_amplitudes(np.eye(5)[[[2]]], np.ones(1), 6), np.ones((1, 6)))
    pair = np.array([[[0.0, 0.0, 1.0], [0.0, 0.0, -1.0]]])
    assert_allclose(mode_amplitudes(pair, np.full(2, 0.5), 4), [[0, 1, 0, 1]], atol=1e-15)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 6))
def test_amplitudes_do_not_see_rotations(seed, dim):
    system = ParticleSystem.uniform(9, dim, 1.0, "sa", seed)
    turned = system.points @ rotation(dim, seed)
    both = mode_amplitudes(np.stack([system.points, turned]), system.masses, 5)
    assert_allclose(both[0] ** 2, both[1] ** 2, atol=1e-13)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 2, 1.0, "sa"), "modes"),
        ((1, 1, 1.0, "sa"), "dim"),
        ((1, 2, -1.0, "sa"), "beta"),
        ((1, 2, 1.0, "x"), "model"),
    ],
)
def test_bad_values_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        growth_rates(*arguments)


# first_pattern


def ring(size, n=60, beta=9.0, model=Model.SA):
    """Tokens on a ring, moved a little by a smooth random field."""
    generator = np.random.default_rng(0)
    angles = 2 * np.pi * np.arange(n) / n
    modes = np.arange(1, 9)
    moves = size * np.sum(
        np.cos(modes[:, None] * angles + generator.uniform(0, 6, 8)[:, None]) / modes[:, None], axis=0
    )
    return ParticleSystem(circle(*(angles + moves)), beta, model)


@pytest.mark.slow
@MODELS
def test_the_pattern_grows_at_its_rate(model):
    system = ring(1e-3, model=model)
    rate = growth_rates(4, 2, 9.0, model)[-1]
    run = simulate(system, np.linspace(0, 3 / rate, 7))
    verdict = PATTERN.test(run)
    assert verdict.status is Status.HOLDS
    limited = np.asarray(verdict.prediction.upper.value)
    assert np.isfinite(limited).sum() >= 5
    assert limited[-2:].max() > 2.5


@pytest.mark.slow
def test_the_first_pattern_has_as_many_clusters_as_the_fastest_mode():
    run = simulate(ring(1e-3), np.linspace(0, 14, 7))
    amplitudes = mode_amplitudes(run.states["points"], run.problem.masses, 8)
    assert np.argmax(amplitudes[-1]) + 1 == 4 == fastest_mode(2, 9.0)
    assert amplitudes[-1, 3] > 0.5


@pytest.mark.slow
def test_too_late_is_vacuous_and_the_wrong_rate_is_violated():
    run = simulate(ring(1e-3), np.linspace(0, 4, 7))
    wrong = dataclasses.replace(
        PATTERN, predict=lambda p, axis: Within(2 * PATTERN.predict(p, axis).lower.value, np.full(7, 0.5))
    )
    assert wrong.test(run).status is Status.VIOLATED
    other = dataclasses.replace(run, problem=dataclasses.replace(run.problem, beta=10.0, model=Model.USA))
    assert PATTERN.test(other).status is Status.VIOLATED


@pytest.mark.parametrize(
    ("system", "reason"),
    [
        (ParticleSystem.uniform(60, 2, 9.0, "sa", seed=0), "nearly uniform"),
        (ParticleSystem.uniform(60, 3, 9.0, "sa", seed=0), "circle"),
        (ring(0.0), "above rounding"),
    ],
)
def test_the_pattern_needs_small_perturbations_on_the_circle(system, reason):
    verdict = PATTERN.judge(system, Estimate.exact(0.0))
    assert verdict.status is Status.INAPPLICABLE
    assert reason in " ".join(check.hypothesis for check in verdict.checks if check.answer == "fails")


def test_growth_is_a_statement_along_time():
    with pytest.raises(InputError, match="no axis"):
        PATTERN.judge(ring(1e-3), Estimate.exact(0.0))


def test_the_time_of_the_first_pattern_is_that_of_its_growth_rate():
    time = pattern_time(10_000, 2, 9.0, "sa")
    assert_allclose(time.value, np.log(10_000) / (2 * 0.70449702929959666429), rtol=1e-12)
    with pytest.raises(InputError, match="n must be"):
        pattern_time(1, 2, 9.0, "sa")


@pytest.mark.slow
def test_the_first_pattern_is_seen_at_its_time():
    system = ParticleSystem.uniform(400, 2, 9.0, Model.SA, seed=5)
    expected = pattern_time(400, 2, 9.0, "sa")
    run = simulate(system, np.array([0.0, expected.lower, expected.upper]))
    amplitudes = mode_amplitudes(run.states["points"], system.masses, 8).max(axis=1)
    assert amplitudes[1] < 0.4 < amplitudes[2]


@MODELS
def test_pairs_of_harmonics_drive_a_third_at_second_order(model):
    """The field of the tokens themselves, less its linear part, at time 0."""
    system, mode, angles = ring(1e-4, model=model), 4, 2 * np.pi * np.arange(60) / 60
    harmonic = 1e-8 * np.exp(1j)
    turned = np.arctan2(system.points[:, 1], system.points[:, 0])
    now = np.mean(np.exp(1j * mode * turned))
    turned -= 2 / mode * np.real((now - harmonic) * np.exp(-1j * mode * angles) / 1j)
    ahead = turned - turned[:, None]
    kernel = np.exp(9 * (np.cos(ahead) - 1))
    speeds = (kernel * np.sin(ahead)).mean(axis=1) / (kernel.mean(axis=1) if model is Model.SA else 1)
    now = np.mean(np.exp(1j * mode * turned))
    driven = np.mean(1j * mode * speeds * np.exp(1j * mode * turned)) - growth_rates(4, 2, 9.0, model)[-1] * now
    tokens = ParticleSystem(circle(*turned), 9.0, model)
    assert_allclose(driven_share(tokens, mode, 1e-6, 16) / 1e-6, np.abs(driven / now), rtol=3e-3)

import dataclasses

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import iv

from fathometer.attention import Model, growth_rates
from fathometer.attention.dynamics.variants import (
    MeanFieldCircle,
    critical_kappa,
    evolve_density,
    order_parameter,
    stationary_density,
    tricritical_beta,
)
from fathometer.attention.theorems.variants.noisy_growth import THEOREM as GROWTH
from fathometer.evidence import Estimate, InputError, Problem, Status, Within
from tests.oracles.attention_variants import BETA_TRICRITICAL, CRITICAL_KAPPA

MODELS = pytest.mark.parametrize("model", list(Model))
ANGLES = 2 * np.pi * np.arange(64) / 64


def ripple(beta, kappa, model=Model.USA, size=1e-4):
    return MeanFieldCircle(1 + size * np.cos(ANGLES) + size * np.sin(2 * ANGLES), beta, kappa, model)


def clustered_order(beta, share):
    return stationary_density(beta, share * critical_kappa(2, beta, "usa").value, "usa")[1]


# thresholds


@pytest.mark.parametrize(("dim", "beta", "kappa"), CRITICAL_KAPPA)
def test_critical_noise(dim, beta, kappa):
    assert_allclose(critical_kappa(dim, beta, "usa").value * np.exp(-beta), kappa, rtol=1e-13)


def test_softmax_has_its_own_threshold():
    assert_allclose(critical_kappa(2, 3.0, "sa").value, 3.0 * iv(0, 3) / iv(1, 3), rtol=1e-13)


def test_the_tricritical_temperature():
    assert_allclose(tricritical_beta().value, BETA_TRICRITICAL, rtol=1e-14)


# stationary laws


def test_the_transition_is_continuous_below_and_of_first_order_above():
    assert clustered_order(2.4, 0.999).upper < 1e-6
    assert 0.1 < clustered_order(2.4, 1.001).value < 0.3
    assert_allclose(clustered_order(3.0, 0.999).value, 0.558, atol=5e-4)
    assert_allclose(clustered_order(5.0, 0.9).value, 0.673, atol=5e-4)
    below = stationary_density(5.0, 0.9 * critical_kappa(2, 5.0, "usa").value, "usa", clustered=False)[1]
    assert below.value < 1e-9  # hysteresis: both laws are stationary


@pytest.mark.slow
@MODELS
def test_a_stationary_law_does_not_move(model):
    kappa = 1.3 * critical_kappa(2, 2.0, model).value
    density, order = stationary_density(2.0, kappa, model, cells=64)
    assert order.value > 0.3
    run = evolve_density(MeanFieldCircle(density, 2.0, kappa, model), [0.0, 30.0])
    assert_allclose(run.states["density"][-1], density, atol=1e-6)
    assert_allclose(order_parameter(run).value, order.value, atol=1e-6)
    assert_allclose(density.mean() * 2 * np.pi, 1.0)


@pytest.mark.slow
def test_the_law_evolves_to_the_stationary_one():
    kappa = 1.3 * critical_kappa(2, 2.0, "usa").value
    run = evolve_density(ripple(2.0, kappa, size=0.1), [0.0, 400.0])
    assert_allclose(order_parameter(run).value[-1], stationary_density(2.0, kappa, "usa")[1].value, atol=1e-5)
    assert_allclose(run.states["density"].mean(axis=1) * 2 * np.pi, 1.0)


# noisy_growth


@pytest.mark.slow
@MODELS
@pytest.mark.parametrize("share", [0.5, 2.0])
def test_the_uniform_law_is_stable_exactly_below_the_critical_kappa(model, share):
    kappa = share * critical_kappa(2, 4.0, model).value
    rate = growth_rates(1, 2, 4.0, model)[0] - 1 / kappa
    run = evolve_density(ripple(4.0, kappa, model), [0.0, 3 / abs(rate)])
    verdict = GROWTH.test(run)
    assert verdict.status is Status.HOLDS
    assert np.sign(np.log(order_parameter(run).value[-1] / 5e-5)) == np.sign(share - 1)


@pytest.mark.slow
def test_growth_sees_sabotage_and_the_wrong_noise():
    run = evolve_density(ripple(4.0, 100.0), [0.0, 40.0])
    other = dataclasses.replace(GROWTH, predict=lambda p, a: Within(np.zeros(2), np.full(2, 0.1)))
    assert other.test(run).status is Status.VIOLATED
    wrong = dataclasses.replace(run, problem=ripple(4.0, 20.0))
    assert GROWTH.test(wrong).status is Status.VIOLATED


@pytest.mark.parametrize("size", [0.0, 0.5])
def test_growth_needs_a_small_perturbation(size):
    verdict = GROWTH.test(evolve_density(ripple(1.0, 1.0, size=size), [0.0, 0.1]))
    assert verdict.status is Status.INAPPLICABLE


def test_growth_is_for_the_mean_field_along_time():
    with pytest.raises(InputError, match="must be of type NoisyLaw"):
        GROWTH.judge(Problem(), Estimate.exact(0.0))
    with pytest.raises(InputError, match="no axis"):
        GROWTH.judge(ripple(1.0, 1.0), Estimate.exact(0.0))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: MeanFieldCircle(np.ones(7), 1.0, 1.0, Model.SA), "even number"),
        (lambda: MeanFieldCircle(-np.ones(8), 1.0, 1.0, Model.SA), "not negative"),
        (lambda: MeanFieldCircle(np.zeros(8), 1.0, 1.0, Model.SA), "not all zero"),
        (lambda: MeanFieldCircle(np.ones(8), 0.0, 1.0, Model.SA), "beta must be > 0"),
        (lambda: MeanFieldCircle(np.ones(8), 1.0, 0.0, Model.SA), "kappa must be > 0"),
        (lambda: evolve_density(ripple(1.0, 1.0), [1.0]), "times must start at 0"),
        (lambda: evolve_density(ripple(4.0, 1e300, size=0.5), [0.0, 40.0]), "more than 64 entries"),
    ],
)
def test_bad_values_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()

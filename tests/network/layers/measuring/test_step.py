"""A step that the model made is found again; what it did not make is not explained by it."""

import numpy as np
import pytest

from fathometer.attention import ParticleSystem, simulate
from fathometer.attention.model._system import Model
from fathometer.evidence import InputError
from fathometer.network.layers import BETAS, dense_betas, fit_step, take_step

from ..tokens import cloud, moved, unit


@pytest.mark.parametrize(("beta", "tau"), [(0.5, 1.0), (4.0, 0.3), (16.0, 2.5), (4.0, -0.8), (32.0, -0.1)])
@pytest.mark.parametrize("causal", [False, True])
def test_a_step_of_the_model_is_found_again(beta, tau, causal):
    x = cloud(25, 5, 1)
    fit = fit_step(x, moved(x, beta, tau, causal), causal=causal)
    assert fit.beta == beta
    assert fit.tau == pytest.approx(tau, abs=1e-4)
    assert fit.explained == pytest.approx(1.0, abs=1e-6)


def test_a_beta_between_those_of_the_grid_is_found_by_refining():
    x = cloud(30, 4, 2)
    y = moved(x, 5.3, 0.7)
    assert fit_step(x, y).explained < 1 - 1e-5
    fit = fit_step(x, y, refine=True)
    assert fit.beta == pytest.approx(5.3, abs=0.01)
    assert fit.explained == pytest.approx(1.0, abs=1e-6)


def test_refining_never_explains_less():
    x, y = cloud(15, 4, 3), cloud(15, 4, 4)
    assert fit_step(x, y, refine=True).explained >= fit_step(x, y).explained


@pytest.mark.slow
def test_a_short_time_of_the_flow_is_its_step():
    system = ParticleSystem(cloud(12, 4, 5), 4.0, Model.SA)
    states = simulate(system, [0.0, 0.05]).states["points"]
    fit = fit_step(*states)
    assert fit.beta == 4.0
    assert fit.tau == pytest.approx(0.05, rel=0.1)
    assert fit.explained > 0.99


def test_rotations_lengths_and_the_order_of_tokens_do_not_matter():
    x = cloud(20, 4, 6)
    y = unit(moved(x, 4.0, 0.5) + 0.3 * cloud(20, 4, 7))
    turned = np.linalg.qr(np.random.default_rng(8).standard_normal((4, 4)))[0]
    order, lengths = np.random.default_rng(9).permutation(20), np.random.default_rng(9).uniform(0.1, 9, (20, 1))
    plain, other = fit_step(x, y), fit_step(lengths * (x @ turned)[order], (y @ turned)[order])
    for name in ("moved", "beta", "tau", "explained"):
        assert getattr(plain, name) == pytest.approx(getattr(other, name), abs=1e-9), name


def test_noise_is_not_explained():
    x = cloud(60, 40, 10)
    assert fit_step(x, unit(x + cloud(60, 40, 11))).explained < 0.05


def test_the_explained_share_falls_with_noise():
    x = cloud(40, 5, 12)
    shares = [fit_step(x, moved(x, 4.0, 0.5, noise=noise)).explained for noise in (0.0, 0.05, 0.2, 1.0)]
    assert shares == sorted(shares, reverse=True)


def test_nothing_moves():
    x = cloud(5, 3, 13)
    assert (fit_step(x, x).moved, fit_step(x, x).explained, fit_step(x, x).beta) == (0.0, None, None)


def test_bad_arrays_are_refused():
    with pytest.raises(InputError, match=r"after must have the shape of before, \(2, 2\), got \(1, 2\)"):
        fit_step(np.eye(2), np.eye(2)[:1])
    with pytest.raises(InputError, match="each of betas must be >= 0"):
        fit_step(np.eye(2), np.eye(2), [-1.0])
    with pytest.raises(InputError, match="betas must hold at least one"):
        fit_step(np.eye(2), np.eye(2), [])


def test_the_dense_grid_holds_the_usual_one():
    assert set(BETAS) <= set(dense_betas())


@pytest.mark.parametrize("causal", [False, True])
def test_a_step_leads_where_its_fit_says(causal):
    x = 3 * cloud(300, 5, 7)
    np.testing.assert_allclose(take_step(x, 4.0, -0.8, causal=causal), moved(x / 3, 4.0, -0.8, causal), atol=1e-12)
    fit = fit_step(x, take_step(x, 4.0, 0.3, causal=causal), causal=causal)
    assert (fit.beta, fit.tau) == (4.0, pytest.approx(0.3, abs=1e-4))


def test_a_step_of_a_negative_temperature_is_refused():
    with pytest.raises(InputError, match="beta must be >= 0, got -1"):
        take_step(cloud(3, 2, 1), -1.0, 0.1)

"""Clouds of noisy tokens on spheres of any dimension: order of the scheme, laws that are known, finite size."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.special import roots_genlaguerre

from fathometer.attention import Model
from fathometer.attention.dynamics.variants import (
    NoisyEnsemble,
    critical_kappa,
    default_kappas,
    default_time,
    mean_squared_order,
    noise_curve,
    simulate_ensemble,
    stationary_branch,
)
from fathometer.attention.dynamics.variants._noisy_ensemble import brownian, drawn
from fathometer.attention.theorems.variants.noisy_fluctuation import THEOREM as FLUCTUATION
from fathometer.evidence import Estimate, InputError, Status
from fathometer.numerics import gegenbauer, zonal_nodes


def mean_harmonic(dim, degree, time, correction=1.0):
    """Mean of G_k(<x, x_0>) after one step of `brownian`, by quadrature over the length of the Gaussian vector."""
    squares, weights = roots_genlaguerre(40, (dim - 3) / 2)
    noise = np.zeros((1, dim, 40))
    noise[0, 1] = np.sqrt(2 * squares * correction)
    start = np.zeros((1, dim, 40))
    start[0, 0] = 1.0
    cosines = np.asarray(brownian(jnp.asarray(start), time, jnp.asarray(noise)))[0, 0]
    return gegenbauer(degree + 1, cosines, dim)[degree] @ weights / weights.sum()


@pytest.mark.parametrize(("dim", "degree"), [(3, 1), (3, 3), (12, 2)])
def test_brownian_motion_has_weak_order_two(dim, degree):
    times = np.array([0.04, 0.02, 0.01]) / dim
    rate = degree * (degree + dim - 2)
    errors = [abs(mean_harmonic(dim, degree, t) - np.exp(-rate * t)) for t in times]
    slope = np.polyfit(np.log(times), np.log(errors), 1)[0]  # of one step: one more than the order
    assert 2.85 < slope < 3.05
    plain = [abs(mean_harmonic(dim, degree, t, np.exp((dim - 2) * t / 3)) - np.exp(-rate * t)) for t in times]
    assert np.polyfit(np.log(times), np.log(plain), 1)[0] < 2.1


def pair(dim, beta, kappa, clouds, model=Model.USA, tilt=np.inf):
    return NoisyEnsemble(dim, 2, beta, np.full(clouds, kappa), model, np.full(clouds, tilt))


def squared_order_of_two(dim, beta, kappa):
    """Stationary mean of |mean|^2 = (1 + c)/2 of two tokens; c has the density exp(kappa e^{beta (c - 1)}/(2 beta))."""
    t, logs = zonal_nodes(64, dim)
    weights = np.exp(logs + kappa / (2 * beta) * np.exp(beta * (t - 1)))
    return weights @ ((1 + t) / 2) / weights.sum()


@pytest.mark.slow
def test_two_tokens_on_the_sphere_have_the_law_of_gibbs():
    run = simulate_ensemble(pair(3, 2.0, 12.0, 4000), [0.0, 15.0], seed=1)
    seen = mean_squared_order(run)
    wanted = squared_order_of_two(3, 2.0, 12.0)
    assert seen.lower[-1] < wanted < seen.upper[-1]
    assert seen.upper[-1] - seen.lower[-1] < 0.05
    assert not seen.lower[-1] < squared_order_of_two(3, 2.0, 6.0) < seen.upper[-1]


@pytest.mark.slow
def test_the_whole_scheme_has_weak_order_two():
    """Two tokens from one point: the stationary mean, whose error is that of the steps."""
    beta, kappa, steps = 2.0, 6.0, np.array([1.5, 0.75])
    errors = []
    for step in steps:
        seen = Estimate.mean_of(
            simulate_ensemble(pair(3, beta, kappa, 400_000), [0.0, 12 * step], seed=3, step=step).states["order"][-1]
            ** 2
        )
        errors.append(abs(seen.value - squared_order_of_two(3, beta, kappa)))
    assert errors[1] < errors[0] / 2.8


@pytest.mark.slow
def test_tokens_that_noise_alone_moves_forget_their_start_and_become_uniform():
    clouds = NoisyEnsemble(5, 8, 1.0, np.full(1500, 1e-3), Model.USA, np.full(1500, np.inf))
    rate = 2 * 4 / 1e-3
    times = np.array([0.0, 0.5, 1.0, 6.0]) / rate
    seen = mean_squared_order(simulate_ensemble(clouds, times, seed=0, step=0.05 / rate))
    wanted = 1 / 8 + (1 - 1 / 8) * np.exp(-rate * times)
    assert np.all((seen.lower <= wanted + 1e-12) & (wanted <= seen.upper + 1e-12))
    assert seen.upper[-1] < 0.15


def test_starts_have_the_law_that_they_are_drawn_from():
    tilts = np.repeat([0.0, 4.0, np.inf], 400)
    points = drawn(NoisyEnsemble(4, 50, 1.0, np.ones(1200), Model.SA, tilts), 0)
    assert_allclose(np.linalg.norm(points, axis=1), 1.0)
    t, logs = zonal_nodes(64, 4)
    weights = np.exp(logs + 4 * t)
    assert_allclose(points[:400].mean(axis=(0, 2)), np.zeros(4), atol=0.02)
    assert_allclose(points[400:800, 0].mean(), weights @ t / weights.sum(), atol=0.01)
    assert np.all(points[800:, 0] == 1)


@pytest.mark.slow
def test_finitely_many_tokens_fluctuate_by_linear_response_in_any_dimension():
    kappa = 0.5 * float(critical_kappa(6, 1.0, "sa").value)
    clouds = NoisyEnsemble(6, 32, 1.0, np.full(2500, kappa), Model.SA, np.zeros(2500))
    run = simulate_ensemble(clouds, [0.0, 1.0, 4.0], seed=2)
    assert FLUCTUATION.test(run).status is Status.HOLDS
    other = dataclasses.replace(clouds, kappas=np.full(2500, 0.1 * kappa))
    assert FLUCTUATION.test(dataclasses.replace(run, problem=other)).status is Status.VIOLATED
    critical = dataclasses.replace(clouds, kappas=2 * clouds.kappas)
    assert FLUCTUATION.judge(critical, Estimate.exact(0.0)).status is Status.INAPPLICABLE


@pytest.mark.slow
def test_the_same_seed_gives_the_same_clouds_and_twins_differ_by_the_steps():
    clouds = NoisyEnsemble(3, 4, 1.0, np.full(5, 10.0), Model.USA, np.zeros(5))
    one, same, other = (simulate_ensemble(clouds, [0.0, 2.0], seed=s) for s in (1, 1, 2))
    assert_allclose(one.states["order"], same.states["order"], atol=0)
    assert not np.allclose(one.states["order"][-1], other.states["order"][-1])
    assert 0 < np.max(np.abs(one.states["order"] - one.twins[0].states["order"])) < 0.1


@pytest.mark.slow
def test_particles_and_the_equation_find_the_laws_of_the_branch():
    for dim, beta in ((3, 1.5), (10, 1.5)):
        branch = stationary_branch(dim, beta)
        kappas = float(branch.kappa[0]) * np.array([0.5, 1.4])
        curve = noise_curve(branch, kappas, time=default_time(branch), particles=200, clouds=6, seed=1)
        order = branch.stable_orders(kappas[1])[0]
        for start in curve.equation:
            assert_allclose(curve.equation[start].value, [0.0, order], atol=1e-6)
            seen = curve.particles[start]
            assert seen.lower[1] - 0.02 < order < seen.upper[1] + 0.02
            assert seen.value[0] < 2 / np.sqrt(200 * 0.5)


def test_the_curve_without_particles_and_its_grid():
    branch = stationary_branch(3, 2.5)
    kappas = default_kappas(branch)
    loop = branch.hysteresis
    inside = (kappas > float(loop.kappa_fold.value)) & (kappas < branch.kappa[0])
    assert (len(kappas), np.sum(inside)) == (9, 3)
    assert len(default_kappas(stationary_branch(3, 1.0))) == 10
    assert default_time(branch) > 20
    curve = noise_curve(branch, kappas[4:5], time=3.0)
    assert curve.particles is None
    assert_allclose(curve.equation["cluster"].value, branch.stable_orders(kappas[4]), atol=1e-3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pair(1, 1.0, 1.0, 2), "dim must be >= 2"),
        (lambda: pair(3, 1.0, 0.0, 2), "kappas must be above 0"),
        (lambda: pair(3, 1.0, 1.0, 2, tilt=-1.0), "tilts must be >= 0"),
        (lambda: NoisyEnsemble(3, 0, 1.0, np.ones(1), Model.SA, np.zeros(1)), "particles must be >= 1"),
        (lambda: simulate_ensemble(pair(3, 1.0, 1.0, 2), [0.0, 1.0], seed=0, step=1e-9), "step must be larger"),
        (lambda: noise_curve(stationary_branch(3, 1.0), [5.0], time=1.0, particles=1), "particles must be 0 or"),
        (lambda: noise_curve(stationary_branch(3, 1.0), [5.0], time=0.0), "time must be"),
    ],
)
def test_bad_values_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()

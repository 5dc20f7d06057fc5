"""Onset, kind of the transition and stationary laws of noisy tokens in every dimension."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.testing import assert_allclose
from scipy.optimize import brentq
from scipy.special import ive, logsumexp

from fathometer.attention import Model
from fathometer.attention.dynamics.variants import (
    MeanFieldCircle,
    critical_kappa,
    finite_size_orders,
    landau_quartic,
    onset_curvature,
    stationary_branch,
    stationary_density,
    tilt_of_order,
    transition_kind,
    tricritical_beta,
)
from fathometer.evidence import InputError
from fathometer.numerics import exponential_degrees, gegenbauer, zonal_nodes


def test_the_tricritical_temperature_to_all_digits():
    assert_allclose(tricritical_beta(2).value, 2.44691831128904609, rtol=3e-16)
    assert_allclose(tricritical_beta(3).value, 1.81615452543588396, rtol=3e-16)


@pytest.mark.parametrize("dim", [2, 4, 9, 20, 50, 512])
def test_the_tricritical_temperature_against_another_evaluator(dim):
    with mp.workdps(30):
        half = mp.mpf(dim) / 2
        wanted = mp.findroot(lambda b: mp.besseli(half + 1, b) / mp.besseli(half, b) - mp.mpf(1) / dim, 1.5)
    assert_allclose(tricritical_beta(dim).value, float(wanted), rtol=4e-16)


def least_free_energy(dim, beta, order):
    """Free energy at the onset of the law with the least one among those with that order parameter."""
    t, logs = zonal_nodes(48, dim)
    shares = exponential_degrees(dim, beta)[1:]
    harmonics = gegenbauer(len(shares) + 1, t, dim)[1:]
    strength, moments = dim / shares[0], np.zeros(len(shares))

    def law(tilt):
        exponent = logs + tilt * t + strength * (shares[1:] * moments[1:]) @ harmonics[1:]
        return np.exp(exponent - logsumexp(exponent))

    for _ in range(60):
        p = law(brentq(lambda tilt: law(tilt) @ t - order, 0.0, 10.0 * dim, xtol=1e-14))
        moments = harmonics @ p
    return p @ (np.log(p) - logs) - strength / 2 * shares @ moments**2


@pytest.mark.parametrize(("dim", "beta"), [(2, 1.0), (2, 4.0), (3, 1.5), (8, 2.0)])
def test_the_quartic_coefficient_is_that_of_the_free_energy(dim, beta):
    sizes = np.array([0.1, 0.2])
    over = [least_free_energy(dim, beta, a / np.sqrt(dim)) / a**4 for a in sizes]
    extrapolated = over[0] + (over[0] - over[1]) * sizes[0] ** 2 / (sizes[1] ** 2 - sizes[0] ** 2)
    assert_allclose(extrapolated, landau_quartic(dim, beta), atol=2e-5)


@given(st.integers(2, 512), st.floats(1e-3, 15.9))
@settings(max_examples=60, deadline=None)
def test_softmax_never_jumps_and_the_other_model_does_above_the_tricritical_beta(dim, beta):
    assert onset_curvature(dim, beta, "sa") > 0
    assert transition_kind(dim, beta, "sa") == "continuous"
    jumps = beta > tricritical_beta(dim).value
    assert transition_kind(dim, beta, "usa") == ("jump" if jumps else "continuous")


@pytest.mark.parametrize(("dim", "beta", "model"), [(2, 1.5, "usa"), (3, 2.5, "usa"), (30, 0.8, "usa"), (5, 6.0, "sa")])
def test_laws_leave_the_onset_with_that_curvature(dim, beta, model):
    branch = stationary_branch(dim, beta, model)
    assert_allclose(branch.kappa[0], critical_kappa(dim, beta, model).value, rtol=1e-12)
    r2, rise = branch.order[1:3] ** 2, branch.kappa[1:3] / branch.kappa[0] - 1
    slope = rise / r2
    extrapolated = slope[0] - r2[0] * (slope[1] - slope[0]) / (r2[1] - r2[0])
    assert_allclose(extrapolated, onset_curvature(dim, beta, model), rtol=1e-4)
    assert (branch.hysteresis is not None) == (transition_kind(dim, beta, model) == "jump")


@pytest.mark.parametrize(("beta", "share", "model"), [(1.5, 1.3, "usa"), (3.0, 0.999, "usa"), (4.0, 1.5, "sa")])
def test_the_circle_has_the_laws_of_the_iteration(beta, share, model):
    kappa = share * critical_kappa(2, beta, model).value
    density, order = stationary_density(beta, kappa, model, cells=128)
    branch = stationary_branch(2, beta, model)
    assert_allclose(branch.stable_orders(kappa), [order.value], rtol=1e-9)
    law = branch.law_at(kappa)
    on_circle = MeanFieldCircle(density, beta, kappa, Model(model))
    wanted = on_circle.amplitudes(density)[:6]
    assert_allclose(law.amplitudes(law.density)[:6], wanted, rtol=1e-9)
    energies = law.free_energy(law.density), on_circle.free_energy(density)
    assert_allclose(*energies, rtol=1e-9, atol=1e-12)
    assert_allclose(law.balanced(law.density), law.density, rtol=1e-8)


def kernel_of(dim, beta, s, t):
    """Mean of exp(beta (<x, y> - 1)) over x with <x, w> = s and y with <y, w> = t, by the Bessel function."""
    z = beta * np.sqrt((1 - s**2)[:, None] * (1 - t**2))
    with mp.workdps(20):
        scale = float(mp.gamma((dim - 1) / 2))
    nu = (dim - 3) / 2
    return scale * (2 / z) ** nu * ive(nu, z) * np.exp(z + beta * (np.outer(s, t) - 1))


@pytest.mark.parametrize(("dim", "beta", "model"), [(3, 2.5, "usa"), (6, 3.0, "usa"), (4, 5.0, "sa")])
def test_laws_are_stationary_by_another_quadrature_and_another_kernel(dim, beta, model):
    branch = stationary_branch(dim, beta, model)
    kappa = 1.2 * float(branch.kappa[0])
    moments = branch.moments_at(kappa)[-1][0]
    u, w = np.polynomial.legendre.leggauss(160)
    angles, weights = np.pi / 2 * (u + 1), w * np.sin(np.pi / 2 * (u + 1)) ** (dim - 2)
    t = np.cos(angles)
    smooth = exponential_degrees(dim, beta) @ (np.append(1.0, moments)[:, None] * gegenbauer(len(moments) + 1, t, dim))
    height = smooth if model == "usa" else np.log(smooth)
    p = weights * np.exp(kappa / beta * (height - height.max()))
    p /= p.sum()
    assert_allclose(kernel_of(dim, beta, t, t) @ p, smooth, rtol=1e-9)
    assert_allclose(p @ t, moments[0], rtol=1e-10)


@pytest.mark.parametrize(("dim", "beta"), [(2, 3.0), (3, 1.85), (3, 2.5), (20, 2.0)])
def test_fold_transition_and_onset_come_in_this_order(dim, beta):
    branch = stationary_branch(dim, beta)
    loop = branch.hysteresis
    fold, moved, onset = (float(part.value) for part in (loop.kappa_fold, loop.kappa_transition, loop.kappa_onset))
    assert fold < moved < onset
    assert_allclose(float(loop.width.value), 1 - fold / onset)
    assert_allclose(fold, branch.kappa.min(), rtol=1e-12)
    assert branch.stable_orders(0.999 * fold) == []
    law = branch.law_at(moved)
    assert abs(law.free_energy(law.density)) < 1e-9
    assert_allclose(law.order, float(loop.order_transition.value), rtol=1e-6)
    (unstable, first), (stable, second) = branch.moments_at(0.5 * (fold + onset))
    assert unstable[0] < float(loop.order_fold.value) < stable[0]
    assert (first, second) == (False, True)
    assert branch.error < 1e-8


@pytest.mark.parametrize(("dim", "beta"), [(3, 1.817), (10, 2.0)])
def test_between_fold_and_onset_there_are_two_laws_also_in_a_loop_of_one_step(dim, beta):
    """One of them stable; r - r_fold grows like a root of the way from the fold."""
    branch = stationary_branch(dim, beta)
    fold, onset = float(branch.hysteresis.kappa_fold.value), float(branch.kappa[0])
    shares = np.array([1e-5, 1e-3, 0.25, 0.75])
    laws = [branch.moments_at(fold + share * (onset - fold)) for share in shares]
    assert [sorted(stable for _, stable in each) for each in laws] == [[False, True]] * len(shares)
    beyond = [max(m[0] for m, _ in each) - float(branch.hysteresis.order_fold.value) for each in laws]
    assert beyond[1] / beyond[0] == pytest.approx(10, rel=0.05)
    assert len(branch.moments_at(onset * (1 + 1e-8))) == 1
    assert branch.moments_at(fold * (1 - 1e-9)) == []


def test_free_energy_follows_the_branch_by_the_envelope_theorem():
    branch = stationary_branch(3, 1.5)
    shares = exponential_degrees(3, 1.5)[1:]
    slope = -(branch.moments**2 @ shares) / (2 * 1.5)
    steps = np.diff(branch.kappa) * (slope[1:] + slope[:-1]) / 2
    assert_allclose(np.cumsum(steps)[-1], branch.free_energy[-1] - branch.free_energy[0], rtol=2e-3)
    assert abs(branch.free_energy[0]) < 1e-12
    assert np.all(branch.stable)


def test_next_to_the_tricritical_beta_the_loop_is_known_in_closed_form():
    narrow = stationary_branch(3, tricritical_beta(3).value + 1e-4).hysteresis
    resolved = stationary_branch(3, tricritical_beta(3).value + 1e-3).hysteresis
    assert_allclose(float(resolved.width.value) / float(narrow.width.value), 100, rtol=0.01)
    assert narrow.width.lower < float(resolved.width.value) / 100 * 1.001 < narrow.width.upper * 1.01
    assert narrow.kappa_fold.value < narrow.kappa_transition.value < narrow.kappa_onset.value


@pytest.mark.slow
def test_there_is_a_loop_exactly_above_the_tricritical_beta():
    for dim in (2, 3, 5, 16, 100, 512):
        critical = float(tricritical_beta(dim).value)
        for share in (0.3, 0.8, 0.97, 1.02, 1.3, 1.8):
            branch = stationary_branch(dim, share * critical)
            assert (branch.hysteresis is not None) == (share > 1), (dim, share)
        for beta in (0.5, 3.0, 15.0):
            assert stationary_branch(dim, beta, "sa").hysteresis is None


def test_a_tilt_has_its_order_parameter():
    t, logs = zonal_nodes(96, 5)
    for order in (0.0, 0.01, 0.5, 0.9):
        exponent = logs + tilt_of_order(order, 5) * t
        p = np.exp(exponent - logsumexp(exponent))
        assert_allclose(p @ t, order, atol=1e-12)


def test_finitely_many_tokens_start_at_one_over_n_and_end_at_linear_response():
    onset = critical_kappa(4, 1.2, "usa").value
    seen = finite_size_orders(np.array([0.0, 1e4]), 4, 1.2, 0.75 * onset, "usa", 50)
    assert_allclose(seen, [1 / 50, 4 / 50])
    at_onset = finite_size_orders(np.array([3.0]), 4, 1.2, onset, "usa", 50)
    assert_allclose(at_onset, [(1 + 2 * 3 * 3 / onset) / 50], rtol=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tricritical_beta(1), "dim must be >= 2"),
        (lambda: stationary_branch(1, 1.0), "dim must be >= 2 and <= 512"),
        (lambda: stationary_branch(513, 1.0), "dim must be >= 2 and <= 512"),
        (lambda: stationary_branch(3, 0.0), "beta must be"),
        (lambda: stationary_branch(3, 201.0), "beta must be"),
        (lambda: stationary_branch(3, 17.0, "sa"), "beta must be"),
        (lambda: stationary_branch(3, 1.0, most=0.5), "most must be"),
        (lambda: stationary_branch(3, 1.0, "soft"), "model must be one of"),
        (lambda: stationary_branch(3, 1.0).law_at(1e-3), "range of the stable branch"),
        (lambda: tilt_of_order(1.0, 3), "order must be"),
    ],
)
def test_bad_values_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()

"""From PAC-Bayes to every predictor at once: widths, free radii, peeling, chaining, and the best of several."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from fathometer.evidence import InputError, Kind
from fathometer.generalization import (
    UniformComparison,
    at_all_radii,
    best_anisotropic,
    best_chaining,
    best_uniform,
    bound,
    chaining_constant,
    discrete_kl,
    evaluate_bound,
    linear_complexity,
    mean_gaussian_norm,
)

GAP = {"risk": 0, "lipschitz": 1, "radius": 1, "delta": 0.05}


def value(name: str, **keys) -> float:
    found = evaluate_bound(name, **keys).value
    assert found is not None
    return found


@pytest.mark.parametrize(("d", "m"), [(2, 1e4), (10, 1e3), (100, 1e5)])
def test_the_best_width_is_a_fixed_point_and_near_its_approximation(d, m):
    sigma = evaluate_bound("smooth_gauss", **GAP, dim=d, m=m).terms["sigma"]
    norm = float(mean_gaussian_norm(d))
    budget = d / 2 * np.log1p(1 / (d * sigma**2)) + np.log(2 * np.sqrt(m) / 0.05)
    assert sigma == pytest.approx(d / (4 * norm * np.sqrt(2 * m * budget) * (d * sigma**2 + 1)), rel=1e-14)
    small = d / (4 * norm * np.sqrt(2 * m * budget))
    assert sigma == pytest.approx(small, rel=0.01)
    if d == 100:
        assert (sigma, 1 / (4 * np.sqrt(m * np.log(m)))) == pytest.approx((2.25e-4, 2.33e-4), abs=5e-7)


def test_a_prior_as_wide_as_the_posterior_has_the_slow_rate():
    """With sigma = s the divergence is |h - h_0|^2/(2 s^2): at its best width the gap falls like m^(-1/4) only."""
    sizes, norm = np.array([1e4, 1e6, 1e8]), float(mean_gaussian_norm(10))
    narrow, free = [], []
    for m in sizes:
        sigma = np.sqrt(1 / (4 * norm * np.sqrt(m)))
        keys = {"risk": 0, "lipschitz": 1, "distance": 1, "dim": 10, "m": m, "delta": 0.05}
        narrow.append(value("smooth_free", **keys, prior_sigma=sigma, sigma=sigma))
        free.append(value("smooth_free", **keys, prior_sigma=10**-0.5))
        assert narrow[-1] >= 2 * np.sqrt(norm) * m**-0.25
    np.testing.assert_allclose(np.diff(np.log(narrow)) / np.log(100), -0.25, atol=0.02)
    assert np.all(np.diff(np.log(free)) / np.log(100) < -0.42)


@settings(max_examples=20, deadline=None)
@given(st.floats(0, 3), st.floats(0.01, 3), st.integers(1, 300), st.integers(1, 10**6), st.floats(0.01, 10))
def test_no_other_width_is_better_without_a_ball(distance, prior_sigma, d, m, lipschitz):
    keys = {"risk": 0, "lipschitz": lipschitz, "distance": distance, "prior_sigma": prior_sigma, "dim": d, "m": m}
    best = evaluate_bound("smooth_free", **keys, delta=0.05)
    for width in best.terms["sigma"] * np.geomspace(1e-3, 1e3, 9):
        assert value("smooth_free", **keys, delta=0.05, sigma=width) >= best.value * (1 - 1e-12)


def test_at_the_boundary_of_its_ball_the_free_form_is_the_one_of_the_ball():
    d, m, sigma = 10, 1000, 0.002
    s = np.sqrt(sigma**2 + 1 / d)
    keys = {"risk": 0, "lipschitz": 1, "dim": d, "m": m, "delta": 0.05, "sigma": sigma}
    free = value("smooth_free", **keys, distance=1, prior_sigma=s)
    assert free == pytest.approx(value("smooth_gauss", **keys, radius=1), rel=1e-14)
    assert value("smooth_free", **keys, distance=0.5, prior_sigma=s) < free


def test_smoothing_by_a_discrete_law_is_occam_and_by_a_restricted_prior_a_covering_bound():
    """Small balls: rho = prior restricted to b(h, eps) has KL = -ln prior(b) and W1 <= eps."""
    m, points = 1000, 64
    posterior, prior = np.eye(points)[3], np.full(points, 1 / points)
    kl = discrete_kl(posterior, prior).value
    occam = evaluate_bound("occam", risk=0.1, hypotheses=points, m=m, delta=0.05).terms["hoeffding_form"]
    smoothed = value("kl_w1_interp", risk=0.1, lipschitz=1, distance=0, kl=kl, m=m, delta=0.05)
    assert smoothed == pytest.approx(0.1 + np.sqrt((np.log(points) + np.log(2 * np.sqrt(m) / 0.05)) / (2 * m)))
    assert smoothed > occam
    d, eps = 7, 0.03
    mass = (eps / (1 + eps)) ** d
    metric = value("kl_w1_interp", risk=0, lipschitz=1, distance=eps, kl=-np.log(mass), m=m, delta=0.05)
    ball = value("smooth_ball", **GAP, dim=d, m=m, eps=eps)
    assert metric == pytest.approx(ball + 2 * eps / (d + 1), rel=1e-13)


def test_equal_widths_are_the_isotropic_case_and_unequal_ones_pay_off():
    common = {"risk": 0.0, "lipschitz": 0.5, "m": 1000, "delta": 0.05}
    found = best_anisotropic(shift=np.full(10, 0.1), prior_sigmas=np.full(10, 0.2), **common)
    free = evaluate_bound("smooth_free", **common, distance=np.sqrt(0.1), prior_sigma=0.2, dim=10)
    np.testing.assert_allclose(found.sigmas, found.sigmas[0], rtol=1e-12)
    assert free.value <= found.value <= free.value * 1.005
    s = np.geomspace(1e-4, 0.5, 10)
    found = best_anisotropic(shift=s, prior_sigmas=s, **common)
    ratio = found.sigmas / s
    assert ratio[0] == pytest.approx(1, abs=0.05)
    assert ratio[-1] < 0.1
    kappa = 1 / found.sigmas**2 - 1 / s**2
    np.testing.assert_allclose(kappa[3:], kappa[-1], rtol=1e-4)
    for factor in (0.5, 0.9, 1.1, 2):
        for part in (slice(None), slice(5, None), slice(-1, None)):
            sigmas = found.sigmas.copy()
            sigmas[part] *= factor
            kl = np.sum((sigmas / s) ** 2 - 1 - 2 * np.log(sigmas / s) + 1) / 2
            assert value("kl_w1_interp", **common, distance=np.linalg.norm(sigmas), kl=kl) >= found.value * (1 - 1e-9)


def test_chaining_constants():
    """The reference prints 2.5546514546, the whole sum is 3.5e-10 larger."""
    with mp.workdps(30):
        terms = [mp.mpf(10) ** (1 - k) * mp.sqrt(mp.log1p(mp.mpf(10) ** (2 * k + 2) / 9)) for k in range(1, 60)]
        exact = mp.sqrt(mp.mpf("1.09") * mp.log1p(mp.mpf(100) / 9)) + 0.3 * mp.sqrt(mp.mpf("0.99")) * mp.fsum(terms)
    assert chaining_constant(0.3, 0.1) == pytest.approx(float(exact), rel=1e-15)
    assert chaining_constant(0.3, 0.1) == pytest.approx(2.5546514546, abs=4e-10)
    c, q, smallest = best_chaining()
    assert (c, q, smallest) == pytest.approx((0.16, 0.1, 2.468), abs=0.006)
    assert all(chaining_constant(c * f, q * g) >= smallest for f in (0.9, 1, 1.1) for g in (0.8, 1, 1.2))
    m, d = 10**10, 10**6
    gap = value("chain_gauss", **GAP, dim=d, m=m, c=0.3, q=0.1, scales=14)
    assert gap == pytest.approx(chaining_constant(0.3, 0.1) * np.sqrt(d / m), rel=2e-3)


def test_without_refinements_chaining_is_the_bound_of_increments():
    keys = GAP | {"dim": 10, "m": 1000}
    chain = evaluate_bound("chain_gauss", **keys, c=0.3, scales=0).terms
    other = evaluate_bound("smooth_increment", **keys, sigma=0.3 / np.sqrt(10)).terms
    assert chain["transport"] == pytest.approx(other["transport"], rel=1e-14)
    log = np.log(4 / 0.05)
    spread = 10 * np.log1p(1 / 0.09)
    assert chain["coarse"] == pytest.approx(np.sqrt(1.09 * (spread + 2 * log) / 1000), rel=1e-14)


def test_a_radius_is_paid_for_by_its_share_of_delta():
    keys = {"risk": 0.1, "lipschitz": 0.3, "dim": 5, "m": 2000}
    for distance, shell in ((0, 0), (0.1, 0), (0.1 * (1 + 1e-15), 1), (0.35, 2), (1.7, 5)):
        share = 0.05 / ((shell + 1) * (shell + 2))
        expected = value("smooth_gauss", **keys, radius=0.1 * 2**shell, delta=share)
        found = at_all_radii("smooth_gauss", **keys, distance=distance, base_radius=0.1, delta=0.05)
        assert found.value == pytest.approx(expected, rel=1e-14)
        assert (found.delta, found.terms["radius"]) == (0.05, 0.1 * 2**shell)
        peeled = value("smooth_increment_peeled", **keys, distance=distance, base_radius=0.1, delta=0.05)
        by_hand = at_all_radii("smooth_increment", **keys, distance=distance, base_radius=0.1, delta=0.05).value
        assert peeled == pytest.approx(by_hand, rel=1e-14)
    assert sum(1 / ((j + 1) * (j + 2)) for j in range(10**5)) <= 1
    assert at_all_radii(
        "rademacher_linear", risk=0, lipschitz=1, m=100, distance=1, base_radius=1, delta=0.1
    ).explanation.startswith("ball 0 of all, which share delta 0.1")


@pytest.mark.parametrize(
    ("reach", "d", "m", "winner"),
    [(1, 1, 1000, "covering"), (1, 10, 1000, "smooth_ball"), (1, 1000, 10**6, "smooth_gauss"),
     (0.1, 1000, 60_000, "chain_gauss"), (0.1, 10_000, 60_000, "risk_transport"), (0.01, 100, 100, "w1_route_a")],
)  # fmt: skip
def test_who_wins_and_why(reach, d, m, winner):
    keys = {"risk": 0.0, "lipschitz": reach, "radius": 1.0, "dim": d, "m": m, "delta": 0.05}
    more = {"centre_risk": 0.0} if winner == "risk_transport" else {}
    found = best_uniform(**keys, **more)
    assert found.winner == winner
    assert found.reason.startswith(f"{winner} wins because ")
    values = [row.value for row in found.rows]
    assert values == sorted(values)
    assert found.value == values[0]
    assert {row.delta_spent for row in found.rows} == ({0.025} if more else {0.05})
    assert UniformComparison.from_json(found.to_json()) == found


def test_linear_classes_ignore_the_dimension():
    keys = {"risk": 0.1, "lipschitz": 0.5, "radius": 1.0, "dim": 1000, "m": 1000, "delta": 0.05}
    found = best_uniform(**keys, feature_norm=2.0)
    assert found.winner == "rademacher_linear"
    assert found.value == value("rademacher_linear", **{k: v for k, v in keys.items() if k != "dim"}, feature_norm=2)
    assert next(row for row in found.rows if row.bound == "covering").value == value(
        "covering", **keys | {"lipschitz": 1}
    )


def test_when_nothing_says_anything():
    found = best_uniform(risk=0.5, lipschitz=5, radius=1, dim=1000, m=10, delta=0.05)
    assert (found.winner, found.value) == (None, 1.0)
    assert found.reason.startswith("every candidate is vacuous")


def test_the_complexity_of_linear_classes():
    points = [[1, 0], [0, 1], [0.6, 0.8]]
    exact = linear_complexity(points)
    assert exact.kind is Kind.EXACT
    assert exact.value == pytest.approx(0.5259910793647254, rel=3e-16)
    assert linear_complexity(points, radius=2).value == pytest.approx(2 * 0.5259910793647254, rel=3e-16)
    assert [linear_complexity(np.ones((m, 1))).value for m in (10, 11)] == [0.24609375] * 2
    x = np.random.default_rng(0).normal(size=(200, 5))
    enclosed = linear_complexity(x)
    signs = np.random.default_rng(1).choice([-1.0, 1.0], (4000, 200))
    assert enclosed.lower < np.linalg.norm(signs @ x, axis=1).mean() / 200 < enclosed.upper
    assert enclosed.upper == pytest.approx(np.linalg.norm(x) / 200)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: at_all_radii("occam", distance=1, base_radius=1, delta=0.1), "occam has no key 'radius'"),
        (lambda: at_all_radii("covering", distance=-1, base_radius=1, delta=0.1), "distance must be >= 0 and base_ra"),
        (lambda: at_all_radii("covering", distance=1, base_radius=0, delta=0.1), "base_radius > 0, got 1 and 0"),
        (lambda: at_all_radii("covering", distance=1, base_radius=1, delta=2), "delta must be > 0 and < 1, got 2"),
        (lambda: best_uniform(**GAP, dim=1, m=9, distance=2), "distance must be <= radius = 1, got 2"),
        (lambda: best_uniform(**GAP | {"delta": 0}, dim=1, m=9), "delta must be > 0 and < 1, got 0"),
        (lambda: linear_complexity(np.zeros((0, 2))), r"features must have shape \(m, d\)"),
        (lambda: linear_complexity([[1.0]], radius=0), "radius must be > 0"),
        (lambda: chaining_constant(0.1, 1), "q must be > 0 and < 1, got 1"),
        (lambda: best_anisotropic(risk=0, lipschitz=1, shift=[1], prior_sigmas=[1, 2], m=9, delta=0.1), "one shape"),
        (lambda: best_anisotropic(risk=0, lipschitz=1, shift=[1], prior_sigmas=[0], m=9, delta=0.1), "positive, got 0"),
    ],
)  # fmt: skip
def test_impossible_questions_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_new_bounds_name_their_keys():
    assert [key.name for key in bound("smooth_free").keys if not key.required] == ["sigma"]

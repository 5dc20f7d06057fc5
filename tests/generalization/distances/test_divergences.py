"""Divergences against published digits, quadrature and the metric axioms; changes of measure against direct sums."""

import sys

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import integrate, optimize, stats

from fathometer.evidence import InputError, Kind
from fathometer.generalization import (
    Gaussian as Law,
    dirac_to_ball,
    dirac_to_dirac,
    dirac_to_gaussian,
    discrete_kl,
    discrete_renyi,
    discrete_tv,
    donsker_varadhan,
    empirical_w1,
    empirical_w2,
    entropic_w1,
    evaluate_bound,
    gaussian_kl,
    gaussian_renyi,
    gaussian_tv,
    gaussian_w1,
    gaussian_w2,
    kantorovich,
    renyi_change_of_measure,
    sampled_gibbs_risk,
    sliced_w1,
    total_variation_transport,
)


def Gaussian(mean, covariance) -> Law:  # noqa: N802
    return Law(*(np.asarray(part, np.float64) for part in (mean, covariance)))


A, B = np.array([[2, 0.5], [0.5, 1]]), np.array([[1, -0.3], [-0.3, 1.5]])
POSTERIOR, PRIOR = Gaussian([0.5, -1], A), Gaussian([0, 0], B)
NEAR, UNIT = Gaussian(0.3, 0.25), Gaussian(0, 1)


def close(estimate, value, rel=4e-15):
    assert estimate.kind is Kind.EXACT
    assert estimate.value == pytest.approx(value, rel=rel)


def test_kl_and_renyi_to_all_digits():
    close(gaussian_kl(NEAR, UNIT), 0.3631471805599453)
    mean = np.zeros(100)
    mean[0] = 2
    close(gaussian_kl(Gaussian(mean, 0.01), Gaussian(np.zeros(100), 0.04)), 81.81471805599453)
    close(
        gaussian_kl(Gaussian(mean, np.full(100, 0.01)), Gaussian(np.zeros(100), 0.04 * np.eye(100))), 81.81471805599453
    )
    close(gaussian_kl(POSTERIOR, PRIOR), 0.7980153270216534)
    close(gaussian_renyi(NEAR, Gaussian(0, 0.25)), 0.36)


def test_w2_to_all_digits():
    close(gaussian_w2(Gaussian([0, 0], A), Gaussian([0, 0], B)), np.sqrt(0.4634711896064759))
    close(gaussian_w2(POSTERIOR, PRIOR), 1.308996252709104)
    close(gaussian_w2(Gaussian(np.zeros(9), 4.0), Gaussian(np.ones(9), 1.0)), np.sqrt(18))
    close(gaussian_w2(Gaussian([0, 0], [4.0, 9]), Gaussian([1, 0], np.eye(2))), np.sqrt(6))


def test_w1_to_all_digits():
    close(gaussian_w1(UNIT, Gaussian(1, 4)), 1.166630941175373)
    close(gaussian_w1(UNIT, Gaussian(0, 9)), 1.595769121605731)
    close(gaussian_w1(NEAR, UNIT), 0.4686727322417555)
    close(gaussian_w1(Gaussian([1, 2], B), PRIOR), np.sqrt(5))
    enclosed = gaussian_w1(POSTERIOR, PRIOR)
    assert enclosed.kind is Kind.ENCLOSED
    assert (enclosed.lower, enclosed.upper) == pytest.approx((np.sqrt(1.25), 1.308996252709104))


def test_w1_of_points_to_all_digits():
    close(empirical_w1([0, 1, 3], [1, 2, 5]), 4 / 3)
    close(empirical_w1([0, 1, 3], [5, 6, 8]), 5)
    close(empirical_w1([0, 1], [0, 1, 2]), 1 / 2)
    close(empirical_w1([0, 1], [0, 2], [0.25, 0.75], [0.5, 0.5]), 3 / 4)
    close(dirac_to_dirac([0, 3], [4, 0]), 5)
    for d, mean_norm in ((1, 0.7978845608028654), (10, 3.084327759799864), (1000, 31.61487189698008)):
        close(dirac_to_gaussian(np.ones(d), Gaussian(np.ones(d), 0.25)), mean_norm / 2)
    close(dirac_to_ball(0.3, 5), 0.25)


def test_total_variation_of_gaussians_is_the_closed_form():
    close(gaussian_tv(Gaussian(1.0, 4), Gaussian(0, 4)), 2 * stats.norm.cdf(0.25) - 1)
    close(
        gaussian_tv(Gaussian([1, 1], B), PRIOR),
        2 * stats.norm.cdf(np.sqrt([1, 1] @ np.linalg.solve(B, [1, 1])) / 2) - 1,
    )
    for p, q in ((NEAR, UNIT), (UNIT, NEAR), (UNIT, Gaussian(0, 9)), (Gaussian(5, 0.01), UNIT)):
        densities = [stats.norm(g.mean[0], np.sqrt(g.covariance[0])).pdf for g in (p, q)]
        area, _ = integrate.quad(
            lambda x, f=densities: abs(f[0](x) - f[1](x)) / 2, -40, 40, limit=500, points=[0, 0.3, 4.8, 5, 5.2]
        )
        close(gaussian_tv(p, q), area, rel=1e-7)


def test_total_variation_without_a_closed_form_is_enclosed():
    grid = np.stack(np.meshgrid(*[np.linspace(-9, 9, 600)] * 2), axis=-1)
    p, q = (stats.multivariate_normal(g.mean, g.matrix()).pdf(grid) for g in (POSTERIOR, PRIOR))
    area = np.abs(p - q).sum() / 2 * (18 / 599) ** 2
    found = gaussian_tv(POSTERIOR, PRIOR)
    assert found.kind is Kind.ENCLOSED
    assert 0.05 < found.lower < area < found.upper < 1


def gaussians(dim: int, rng: np.random.Generator) -> list[Law]:
    roots = rng.normal(size=(2, dim, dim))
    return [Gaussian(rng.normal(size=dim), (r @ r.T + (r @ r.T).T) / 2 + 0.1 * np.eye(dim)) for r in roots]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 5))
def test_order_and_symmetry(seed, dim):
    p, q = gaussians(dim, np.random.default_rng(seed))
    kl, renyi, tv, w1, w2 = (f(p, q) for f in (gaussian_kl, gaussian_renyi, gaussian_tv, gaussian_w1, gaussian_w2))
    assert 0 <= kl.value <= renyi.value * (1 + 1e-12)
    assert tv.lower <= np.sqrt(kl.value / 2)
    assert w1.upper <= w2.value * (1 + 1e-12)
    assert gaussian_w2(q, p).value == pytest.approx(w2.value, rel=1e-12)
    assert [f(p, p).upper for f in (gaussian_kl, gaussian_renyi, gaussian_tv, gaussian_w1)] == [0] * 4
    assert gaussian_w2(p, p).value == pytest.approx(0, abs=1e-13 * np.sqrt(p.variances().sum()))


def test_w2_of_laws_that_are_nearly_one():
    """Against 60 digits: A and A + t D, with t far below the root of the rounding of A."""
    rng = np.random.default_rng(3)
    root, shift = rng.normal(size=(2, 4, 4))
    a, d = root @ root.T + np.eye(4), shift + shift.T
    for t in (1e-6, 1e-9, 1e-12):
        p, q = Gaussian(np.zeros(4), (a + a.T) / 2), Gaussian(np.zeros(4), (a + a.T) / 2 + t * d)
        with mp.workdps(60):
            first, second = (mp.matrix(law.matrix().tolist()) for law in (p, q))
            half = mp.sqrtm(first)
            square = sum((first + second - 2 * mp.sqrtm(half * second * half))[i, i] for i in range(4))
            exact = float(mp.sqrt(square))
        assert gaussian_w2(p, q).value == pytest.approx(exact, rel=1e-15 / t)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_forms_of_one_covariance_agree(seed):
    rng = np.random.default_rng(seed)
    mean, first, second = rng.normal(size=3), rng.random(3) + 0.1, rng.random(3) + 0.1
    for f in (gaussian_kl, gaussian_renyi, gaussian_tv, gaussian_w2):
        diagonal = f(Gaussian(mean, first), Gaussian(np.zeros(3), second))
        matrix = f(Gaussian(mean, np.diag(first)), Gaussian(np.zeros(3), np.diag(second)))
        assert matrix.upper == pytest.approx(diagonal.upper, rel=1e-9)


def test_renyi_against_quadrature_and_its_limits():
    p, q, order = Gaussian(0.3, 0.25), Gaussian(0, 1), 3.0
    moment, _ = integrate.quad(
        lambda x: stats.norm(0.3, 0.5).pdf(x) ** order * stats.norm.pdf(x) ** (1 - order), -8, 8, epsabs=1e-13
    )
    close(gaussian_renyi(p, q, order), np.log(moment) / 2, rel=1e-10)
    assert gaussian_renyi(q, p).value == np.inf
    assert gaussian_renyi(p, q, 1 + 1e-7).value == pytest.approx(gaussian_kl(p, q).value, rel=1e-6)


def test_tiny_differences_do_not_cancel():
    close(
        gaussian_kl(Gaussian(np.zeros(10**6), 1 + 1e-9), Gaussian(np.zeros(10**6), 1.0)), 10**6 * (1e-9) ** 2 / 4, 1e-6
    )


def test_the_distance_of_a_point_is_enclosed():
    rng = np.random.default_rng(0)
    for point, law in (
        ([2.0, 0, 0], Gaussian(np.zeros(3), 0.5)),
        ([0.0, 0, 0], Gaussian(np.zeros(3), [0.1, 1, 4])),
        ([1.0, 1, -1], Gaussian([0.5, 0, 0], np.diag([1.0, 2, 3]))),
    ):
        draws = law.mean + rng.normal(size=(200_000, 3)) * np.sqrt(law.variances())
        mean = np.linalg.norm(draws - point, axis=1).mean()
        found = dirac_to_gaussian(point, law)
        assert found.kind is Kind.ENCLOSED
        assert found.lower - 0.01 <= mean <= found.upper + 0.01


def test_the_assignment_is_a_linear_program():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(12, 3)), rng.normal(size=(12, 3)) + 0.5
    costs = np.linalg.norm(x[:, None] - y, axis=2).ravel()
    rows, columns = np.kron(np.eye(12), np.ones(12)), np.kron(np.ones(12), np.eye(12))
    plan = optimize.linprog(costs, A_eq=np.vstack([rows, columns]), b_eq=np.full(24, 1 / 12))
    close(empirical_w1(x, y), plan.fun, rel=1e-9)
    close(empirical_w1(x[:, :1], y[:, :1]), stats.wasserstein_distance(x[:, 0], y[:, 0]), rel=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 3))
def test_empirical_w1_is_a_metric(seed, dim):
    x, y, z = np.random.default_rng(seed).normal(size=(3, 8, dim))
    distance = lambda a, b: empirical_w1(a, b).value  # noqa: E731
    assert distance(x, x[::-1]) == pytest.approx(0, abs=1e-12)
    assert distance(x, y) == pytest.approx(distance(y, x), rel=1e-12)
    assert distance(x, z) <= distance(x, y) + distance(y, z) + 1e-12
    assert distance(x + 5, y + 5) == pytest.approx(distance(x, y), rel=1e-9)


def test_discrete_divergences():
    rho, pi = [0.5, 0.5, 0], [0.25, 0.25, 0.5]
    close(discrete_kl(rho, pi), np.log(2))
    close(discrete_renyi(rho, pi, 5), np.log(2))
    close(discrete_tv(rho, pi), 0.5)
    assert discrete_kl(pi, rho).value == discrete_renyi(pi, rho).value == np.inf
    assert discrete_kl([1.0], [1.0]).value == 0


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 6))
def test_changes_of_measure_hold_for_every_posterior(seed, size):
    rng = np.random.default_rng(seed)
    prior, posterior = rng.dirichlet(np.ones(size)), rng.dirichlet(np.ones(size))
    phi = rng.normal(size=size) * 3
    assert posterior @ phi <= donsker_varadhan(discrete_kl(posterior, prior).value, phi, prior)
    gibbs = prior * np.exp(phi) / (prior @ np.exp(phi))
    assert donsker_varadhan(discrete_kl(gibbs, prior).value, phi, prior) == pytest.approx(gibbs @ phi, abs=1e-11)
    positive = np.exp(phi)
    for order in (1.5, 2.0, 4.0):
        renyi = discrete_renyi(posterior, prior, order).value
        assert np.log(posterior @ positive) <= renyi_change_of_measure(renyi, positive, prior, order)
    gap = np.abs(phi).max()
    tv = min(1.0, discrete_tv(posterior, prior).value)
    assert posterior @ phi <= total_variation_transport(gap, tv, prior @ phi) + 1e-12
    points = rng.normal(size=size)
    pairs = list(zip(phi, points, strict=True))
    steepest = max((abs(a - b) / abs(x - y) for a, x in pairs for b, y in pairs if x != y), default=0)
    w1 = empirical_w1(points, points, posterior, prior).value
    assert posterior @ phi <= kantorovich(steepest, w1, prior @ phi) + 1e-9


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Gaussian([0, np.nan], 1), "mean must be finite"),
        (lambda: Gaussian([0, 0], 0), "positive definite"),
        (lambda: Gaussian([0, 0], [1, -1]), "positive definite"),
        (lambda: Gaussian([0, 0], [[1, 2], [2, 1]]), "positive definite"),
        (lambda: Gaussian([0, 0], [[1, 0.5], [0, 1]]), "symmetric"),
        (lambda: Gaussian([0, 0], [1, 1, 1]), r"must be \(d,\) with"),
        (lambda: gaussian_kl(UNIT, PRIOR), "one dimension, got 1 and 2"),
        (lambda: gaussian_w2(UNIT, PRIOR), "one dimension, got 1 and 2"),
        (lambda: gaussian_renyi(NEAR, UNIT, 1), "order must be > 1, got 1"),
        (lambda: dirac_to_dirac([1, 2], [1]), "one shape"),
        (lambda: dirac_to_ball(0, 3), "radius must be > 0"),
        (lambda: dirac_to_ball(1, 0), "dim must be >= 1"),
        (lambda: empirical_w1([], [1]), "n >= 1"),
        (lambda: empirical_w1([[1, 2]], [[1, 2, 3]]), "one dimension, got 2 and 3"),
        (lambda: empirical_w1(np.zeros((600, 2)), np.zeros((500, 2))), "at most 250000 pairs of points, got 300000"),
        (lambda: empirical_w1([0, 1], [0, 1], [0.5, 0.4]), "first_weights must be 2 non-negative numbers with sum 1"),
        (lambda: discrete_kl([0.5, 0.4], [0.5, 0.5]), "posterior must be non-negative with sum 1"),
        (lambda: discrete_kl([1.0], [0.5, 0.5]), "one shape"),
        (lambda: donsker_varadhan(-1, [1], [1]), "kl must be >= 0"),
        (lambda: donsker_varadhan(1, [1, 2], [1]), "one shape"),
        (lambda: donsker_varadhan(1, [1, 2], [1, 1]), "prior must be non-negative with sum 1"),
        (lambda: renyi_change_of_measure(1, [0, 1], [0.5, 0.5]), "phi must be positive, got 0"),
        (lambda: kantorovich(-1, 1, 0), "lipschitz must be >= 0"),
        (lambda: sampled_gibbs_risk(0.1, 0, 0.1), "draws must be >= 1, got 0"),
        (lambda: sampled_gibbs_risk(0.1, 10, 1), "delta must be > 0 and < 1, got 1"),
        (lambda: total_variation_transport(1, 1.5, 0), "tv must be >= 0 and <= 1"),
    ],
)
def test_impossible_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_laws_travel_as_json():
    for law in (UNIT, POSTERIOR, Gaussian([1, 2], [3, 4])):
        assert Law.from_json(law.to_json()) == law


def cloud_pair(seed: int, n: int = 14, k: int = 9) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 3)), rng.normal(size=(k, 3)) + 0.3, rng.dirichlet(np.ones(n)), rng.dirichlet(np.ones(k))


def test_weights_and_unequal_sizes_are_enclosed():
    x, y, a, b = cloud_pair(0)
    costs = np.linalg.norm(x[:, None] - y, axis=2)
    rows, columns = np.kron(np.eye(14), np.ones(9)), np.kron(np.ones(14), np.eye(9))
    for power, distance in ((1, empirical_w1), (2, empirical_w2)):
        exact = optimize.linprog((costs**power).ravel(), A_eq=np.vstack([rows, columns]), b_eq=np.concatenate([a, b]))
        found = distance(x, y, a, b)
        assert found.kind is Kind.ENCLOSED
        assert found.upper - found.lower < 1e-8
        assert found.value == pytest.approx(exact.fun ** (1 / power), abs=1e-8)
    doubled = empirical_w1(np.repeat(x, 2, axis=0), x + 1)
    assert doubled.lower <= empirical_w1(x, x + 1).value <= doubled.upper
    assert empirical_w2(x, x + 1).value == pytest.approx(np.sqrt(3), rel=1e-14)


def test_w2_on_the_line_matches_quantiles():
    close(empirical_w2([0, 1, 3], [5, 6, 8]), 5)
    close(empirical_w2([0, 1], [0, 2], [0.25, 0.75], [0.5, 0.5]), np.sqrt(0.25 * 1 + 0.5 * 1))
    x, y, a, b = cloud_pair(1)
    line = empirical_w2(x[:, 0], y[:, 0], a, b)
    flat = empirical_w2(x * [1, 0, 0], y * [1, 0, 0], a, b)
    assert flat.lower - 1e-9 <= line.value <= flat.upper + 1e-9


def test_sliced_and_entropic_distances():
    pytest.importorskip("ot", reason="POT is not installed: pip install 'fathometer[transport]'")
    for x, y, a, b in (cloud_pair(2), cloud_pair(3, 40, 40)):
        exact = empirical_w1(x, y, a, b)
        sliced = sliced_w1(x, y, a, b, directions=400)
        assert sliced.kind is Kind.SAMPLED
        assert sliced.upper < exact.upper
        for regularization in (0.5, 0.1, 0.02):
            found = entropic_w1(x, y, a, b, regularization=regularization)
            assert found.kind is Kind.ENCLOSED
            assert found.lower <= exact.upper
            assert found.upper >= exact.lower
        assert found.upper - found.lower < 0.05 * exact.value
        early = entropic_w1(x, y, a, b, iterations=1)
        assert early.lower <= exact.upper
        assert early.upper >= exact.lower
    line = sliced_w1([0.0, 1, 3], [1.0, 2, 5], directions=5)
    assert line.value == pytest.approx(4 / 3)
    with pytest.raises(InputError, match="regularization must be > 0, got 0"):
        entropic_w1(x, y, regularization=0)
    with pytest.raises(InputError, match="directions must be >= 2, got 1"):
        sliced_w1(x, y, directions=1)


def test_without_pot_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ot", None)
    with pytest.raises(InputError, match=r"need POT: pip install 'fathometer\[transport\]'"):
        sliced_w1([0.0, 1], [1.0, 2])


def test_the_step_from_draws_to_the_gibbs_risk():
    gibbs = sampled_gibbs_risk(0.03, 150_000, 0.01, two_sided=True)
    assert gibbs == pytest.approx(0.0314559819963038, rel=4e-16)
    assert sampled_gibbs_risk(0.03, 150_000, 0.01) < gibbs
    final = evaluate_bound("maurer_seeger", risk=gibbs, kl=500, m=30_000, delta=0.025).value
    assert final == pytest.approx(0.07462228989855535, rel=4e-16)

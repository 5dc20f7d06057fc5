import mpmath
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.testing import assert_allclose
from scipy.special import eval_gegenbauer

from fathometer.attention import configuration_energy, enclosed_energy, minimal_energy_bound, universal_configuration
from fathometer.attention.predictions.minimal_energy._cosine_polynomials import excess, gegenbauer_cosines
from fathometer.attention.predictions.minimal_energy._supremum import largest_excess
from fathometer.evidence import InputError

# the unit energies of section 4 of the theory, at beta = 1, 4, 9
TABLE = {
    (5, 2): (0.46595933922441523, 0.22550541205236629, 0.20079664999727902),
    (4, 3): (0.44769785358679508, 0.25362096249537358, 0.250004608159265),
    (9, 8): (0.39969108209631087, 0.12098577470065983, 0.11114672470879373),
    (6, 3): (0.43447550798706366, 0.17893300303047321, 0.16674894240772108),
    (16, 8): (0.39285296622730032, 0.078547150441886315, 0.062607984530449579),
    (12, 3): (0.43234845682868931, 0.13029317726131585, 0.086212579299269556),
    (120, 4): (0.41582083069960778, 0.089375627613039928, 0.028343113178219187),
    (240, 8): (0.39145479492940786, 0.04594038310730015, 0.0068238759599804502),
    (196560, 24): (0.37561773048117181, 0.025455845465476625, 0.00060729102136783087),
}
BETAS = (1.0, 4.0, 9.0)
CASES = [(*size, *pair) for size, row in TABLE.items() for pair in zip(BETAS, row, strict=True)]


@pytest.mark.parametrize("d", [2, 3, 4, 8, 24])
def test_gegenbauer_polynomials_are_sums_of_cosines_whose_weights_sum_to_one(d):
    angles, weights = np.linspace(0, np.pi, 7), np.asarray(gegenbauer_cosines(9, d), float)
    ours = np.cos(np.outer(angles, np.arange(10))) @ weights
    for k in range(10):
        theirs = eval_gegenbauer(k, d / 2 - 1, np.cos(angles)) / eval_gegenbauer(k, d / 2 - 1, 1.0) if d > 2 else None
        assert_allclose(ours[:, k], np.cos(k * angles) if d == 2 else theirs, atol=1e-13)
    assert_allclose(weights.sum(axis=0), 1, atol=1e-15)
    assert np.all(weights >= 0)


def test_excess_and_its_derivatives_agree_with_mpmath():
    cosines = np.array([0.2, 0.3, -0.1, 0.05], np.longdouble)
    got = excess(cosines, 4.0, np.array([0.3, 2.0]))
    for place, angle in enumerate((0.3, 2.0)):
        with mpmath.workdps(30):

            def g(a):
                waves = sum(float(c) * mpmath.cos(k * a) for k, c in enumerate(cosines))
                return waves - mpmath.exp(4 * (mpmath.cos(a) - 1))

            expected = [float(mpmath.diff(g, angle, k)) for k in range(3)]
        assert_allclose([float(part[place]) for part in got], expected, rtol=1e-12)


@pytest.mark.parametrize(("n", "d", "beta", "energy"), CASES)
def test_energies_of_configurations_have_the_digits_of_the_table(n, d, beta, energy):
    got = configuration_energy(universal_configuration(n, d), beta)
    assert_allclose(got.value, energy, rtol=4e-16)
    assert got.lower <= got.value <= got.upper <= got.lower * (1 + 1e-15)


@pytest.mark.parametrize(
    ("n", "d", "beta", "energy"),
    [pytest.param(*case, marks=[] if case[0] < 20 and case[2] == 4 else [pytest.mark.slow]) for case in CASES],
)
def test_the_bound_is_the_energy_of_sharp_configurations(n, d, beta, energy):
    bound = minimal_energy_bound(n, d, beta, 17 if n == 120 else 12).bound
    assert bound <= configuration_energy(universal_configuration(n, d), beta).upper
    assert_allclose(bound, energy, rtol=1e-6 if n == 120 else 1e-11)


def test_where_nothing_is_sharp_the_bound_is_that_of_the_theory():
    assert_allclose(minimal_energy_bound(5, 3, 4.0, 12).bound, 0.20806, atol=1e-5)
    assert_allclose(minimal_energy_bound(7, 3, 4.0, 12).bound, 0.16165, atol=1e-5)


def kernel_room(bound, d, beta, angles):
    """exp(beta (t - 1)) - h(t) with 40 digits, from the Gegenbauer polynomials themselves."""
    with mpmath.workdps(40):
        lam = mpmath.mpf(d - 2) / 2
        rooms = []
        for angle in angles:
            t = mpmath.cos(mpmath.mpf(float(angle)))
            values = [mpmath.mpf(1), t]
            for k in range(1, len(bound.coefficients) - 1):
                values.append((2 * (k + lam) * t * values[k] - k * values[k - 1]) / (k + 2 * lam))
            h = sum(mpmath.mpf(float(c)) * v for c, v in zip(bound.coefficients, values, strict=True))
            rooms.append(float(mpmath.exp(beta * (t - 1)) - h))
    return np.array(rooms)


PROOFS = [(7, 3, 9.0), (12, 3, 4.0), (30, 5, 2.0), (11, 2, 9.0)]


@pytest.mark.parametrize(
    ("n", "d", "beta"), [PROOFS[0], *(pytest.param(*case, marks=pytest.mark.slow) for case in PROOFS[1:])]
)
def test_the_polynomial_is_below_the_kernel_between_grid_points_too(n, d, beta):
    """With 40 digits, on a grid and next to every place where it touches."""
    bound = minimal_energy_bound(n, d, beta)
    grid = np.linspace(0, np.pi, 61)
    fine = np.linspace(0, np.pi, 20001)
    g = np.asarray(excess(gegenbauer_cosines(30, d) @ bound.coefficients, beta, fine)[0], float)
    peaks = fine[1:-1][(g[1:-1] >= g[:-2]) & (g[1:-1] >= g[2:])]
    near = (peaks[:, None] + np.random.default_rng(0).normal(0, 1e-5, 4)).ravel()
    assert kernel_room(bound, d, beta, np.concatenate([grid, peaks, near])).min() >= 0
    assert np.all(bound.coefficients[1:] >= 0)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from([0.0, 1.0, 9.0, 200.0]))
def test_the_largest_excess_is_never_below_one_that_is_seen(seed, beta):
    """For any sum of cosines, and not far above."""
    rng = np.random.default_rng(seed)
    cosines = np.asarray(rng.normal(size=13) * 0.5 ** np.arange(13), np.longdouble)
    seen = float(excess(cosines, beta, rng.uniform(0, np.pi, 2000))[0].max())
    proved = float(largest_excess(cosines, beta))
    assert max(seen, 0) <= proved <= max(seen, 0) * 1.01 + 2e-3


@settings(max_examples=4, deadline=None)
@given(st.integers(2, 12), st.integers(2, 5), st.sampled_from([0.3, 2.0, 12.0]), st.integers(0, 2**31))
def test_no_cloud_is_below_the_bound(n, d, beta, seed):
    points = np.random.default_rng(seed).standard_normal((n, d))
    assert enclosed_energy(points, beta).upper >= minimal_energy_bound(n, d, beta, 8).bound


def test_a_disturbed_polynomial_is_repaired_by_what_it_gained():
    """Negative control: 1e-6 more of any coefficient is seen by the proof."""
    bound, basis = minimal_energy_bound(12, 3, 4.0, 12), gegenbauer_cosines(12, 3)
    for k in (0, 1, 5):
        more = bound.coefficients + 1e-6 * (np.arange(13) == k)
        assert float(largest_excess(basis @ np.asarray(more, np.longdouble), 4.0)) > 1e-8


def test_the_ends_of_the_temperature():
    assert_allclose(minimal_energy_bound(7, 3, 0.0, 6).bound, 1, rtol=1e-14)
    assert_allclose(minimal_energy_bound(7, 3, 1e10, 6).bound, 1 / 7, rtol=1e-14)
    assert minimal_energy_bound(7, 3, 1e10, 6).bound <= 1 / 7


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((12, 3, -1.0), "beta must be >= 0"), ((12, 3, 1.0, 0), "degree must be >= 1"), ((1, 3, 1.0), "n must be >= 2")],
)
def test_bad_values_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        minimal_energy_bound(*arguments)


@pytest.mark.slow
@pytest.mark.parametrize("beta", [1.0, 4.0, 9.0])
def test_a_larger_degree_never_lowers_the_bound_by_more_than_rounding_of_the_program(beta):
    for n, d in [(7, 3), (24, 4), (50, 3), (500, 10)]:
        bounds = [minimal_energy_bound(n, d, beta, degree).bound for degree in (4, 8, 16, 30, 60)]
        assert np.all(np.diff(bounds) > -1e-8)


@pytest.mark.slow
def test_hundreds_of_random_clouds_and_polynomials_find_no_bound_on_the_wrong_side():
    """Clouds of few descents, which come near; bounds of random n, d, beta and degree."""
    rng = np.random.default_rng(5)
    for _ in range(120):
        n, d, degree = int(rng.integers(2, 9)), int(rng.integers(2, 5)), int(rng.integers(1, 12))
        beta = float(np.exp(rng.uniform(-3, 4)))
        bound = minimal_energy_bound(n, d, beta, degree).bound
        points = rng.standard_normal((40, n, d))
        for _ in range(60):  # plain repulsion, a few steps
            points /= np.linalg.norm(points, axis=-1, keepdims=True)
            gaps = 1 - points @ points.transpose(0, 2, 1)
            weights = np.exp(-beta * np.maximum(gaps, 0)) * (1 - np.eye(n))
            points = points - (weights @ points) / (1e-300 + weights.sum(axis=(1, 2), keepdims=True)) * 0.5
        assert min(enclosed_energy(cloud, beta).upper for cloud in points) >= bound

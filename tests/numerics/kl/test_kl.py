import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from fathometer.evidence import InputError
from fathometer.numerics import kl, kl_inverse_lower, kl_inverse_upper, kl_inverse_upper_derivatives, wide
from tests.oracles import generalization as oracle

TABLE = [
    (0, 0.1, 0.09516258196404043, 0),
    (0.1, 0.05, 0.2200786011069246, 0.03127839627227937),
    (0.01, 0.02, 0.04427002439535112, 0.0005271909344455579),
    (0.3, 0.001, 0.3207510282771391, 0.2797819761433117),
    (0.5, 0.5, 0.8975300488103251, 0.1024699511896749),
    (0.02, 0.0005, 0.0247516029984711, 0.01588787101395905),
    (0.9, 0.2, 0.9944894893793105, 0.6216084511521059),
]
WIDE = np.finfo(np.longdouble).eps < 1e-18
probability = st.one_of(st.floats(0, 1), st.floats(-300, 0).map(lambda e: 10.0**e))
budget = st.floats(-18, 2.8).map(lambda e: 10.0**e)


@pytest.mark.parametrize(("q", "c", "upper", "lower"), TABLE)
def test_the_inverses_agree_with_the_table(q, c, upper, lower):
    assert kl_inverse_upper(q, c) == pytest.approx(upper, rel=3e-16)
    assert kl_inverse_lower(q, c) == pytest.approx(lower, rel=5e-16)


def test_kl_agrees_with_the_table_and_its_limits():
    assert kl(0.1, 0.2) == pytest.approx(0.03669001403475058, rel=2e-16)
    assert kl(0.02, 0.05) == pytest.approx(0.01214296069114736, rel=3e-16)
    np.testing.assert_array_equal(kl([0, 1, 0, 1, 0.5, 0.3], [0, 1, 1, 0, 1, 0.3]), [0, 0, np.inf, np.inf, np.inf, 0])


def test_kl_loses_no_digit_where_its_terms_cancel():
    q, p = 0.3, 0.3 + 1e-12
    assert kl(q, p) == pytest.approx(float(oracle.kl(q, p)), rel=1e-14)
    assert kl(1e-200, 1e-210) == pytest.approx(float(oracle.kl(1e-200, 1e-210)), rel=1e-14)


def random_points(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Ordinary and extreme points, half of them each."""
    rng = np.random.default_rng(7)
    q = np.where(rng.random(count) < 0.5, rng.random(count), 10 ** rng.uniform(-14, 0, count))
    q = np.where(rng.random(count) < 0.15, 1 - q, q)
    return q, np.where(rng.random(count) < 0.5, rng.random(count) * 0.2, 10 ** rng.uniform(-14, 2, count))


@pytest.mark.slow
def test_the_upper_inverse_is_never_below_the_exact_value_and_at_most_one_step_above():
    q, c = random_points(1000)
    exact = [oracle.kl_inverse_upper(a, b) for a, b in zip(q, c, strict=True)]
    found = kl_inverse_upper(q, c)
    assert all(mp.mpf(float(x)) >= e for x, e in zip(found, exact, strict=True))
    steps = [(mp.mpf(float(x)) - e) / mp.mpf(float(np.spacing(x))) for x, e in zip(found, exact, strict=True)]
    assert max(steps) <= (1.1 if WIDE else 100)


@pytest.mark.slow
def test_the_lower_inverse_is_never_above_the_exact_value_and_at_most_a_few_steps_below():
    q, c = random_points(400)
    q, c = q[q > 1e-3 * c], c[q > 1e-3 * c]
    exact = [oracle.kl_inverse_lower(a, b) for a, b in zip(q, c, strict=True)]
    found = kl_inverse_lower(q, c)
    assert all(mp.mpf(float(x)) <= e for x, e in zip(found, exact, strict=True))
    steps = [float((e - mp.mpf(float(x))) / mp.mpf(float(np.spacing(x)))) for x, e in zip(found, exact, strict=True)]
    # An error in c moves ln p by that error over q.
    assert np.all(np.array(steps) <= (1.1 + c / q / 32) * (1 if WIDE else 2048))


def test_a_long_double_budget_is_used_in_full():
    c = (10 + np.log(2 * np.sqrt(wide(1000)) / wide(0.05))) / 1000
    exact = oracle.maurer_seeger(0.1, 10, 1000, 0.05)
    found = kl_inverse_upper(0.1, c)
    assert 0 <= mp.mpf(float(found)) - exact < mp.mpf(float(np.spacing(found)))


def test_the_inverses_are_exact_at_the_ends():
    assert kl_inverse_upper(1, 0.3) == 1
    assert kl_inverse_upper(0.3, 0) == 0.3
    assert kl_inverse_upper(0.3, np.inf) == kl_inverse_upper(0.3, 1e308) == 1
    assert kl_inverse_lower(0, 0.3) == 0
    assert kl_inverse_lower(0.3, 0) == 0.3
    assert kl_inverse_lower(0.3, np.inf) == 0
    assert kl_inverse_lower(0.001, 3) < 1e-300
    assert kl_inverse_upper(0, 1e-300) == pytest.approx(1e-300, rel=1e-15)


@given(probability, budget)
def test_the_result_is_infeasible_and_within_the_known_relaxations(q, c):
    upper, lower = kl_inverse_upper(q, c), kl_inverse_lower(q, c)
    assert 0 <= lower <= q <= upper <= 1
    assert upper <= min(q + np.sqrt(c / 2), q + np.sqrt(2 * q * c) + 2 * c) * (1 + 1e-15)
    if q < 1:
        assert kl(q, upper) >= c * (1 - 1e-15)
    if q > 0:
        assert kl(q, lower) >= c * (1 - 1e-15)


@given(probability, budget)
def test_the_two_inverses_are_mirror_images(q, c):
    mirrored = 1 - kl_inverse_lower(wide(1) - wide(q), c)
    assert kl_inverse_upper(q, c) == pytest.approx(mirrored, abs=5e-16)


@given(probability, probability, budget, budget)
def test_the_upper_inverse_grows_with_both_arguments(q1, q2, c1, c2):
    low = kl_inverse_upper(min(q1, q2), min(c1, c2))
    high = kl_inverse_upper(max(q1, q2), max(c1, c2))
    assert low <= high * (1 + 3e-16)


@pytest.mark.slow
@settings(deadline=None)
@given(st.floats(1e-3, 0.999), st.floats(1e-3, 1))
def test_derivatives_agree_with_differences(q, c):
    step = 1e-5 * min(q, 1 - q, c)
    by_q, by_c = kl_inverse_upper_derivatives(q, c)
    with mp.workdps(50):
        up, down = oracle.kl_inverse_upper(q + step, c), oracle.kl_inverse_upper(q - step, c)
        right, left = oracle.kl_inverse_upper(q, c + step), oracle.kl_inverse_upper(q, c - step)
    assert by_q == pytest.approx(float((up - down) / (2 * step)), rel=1e-6)
    assert by_c == pytest.approx(float((right - left) / (2 * step)), rel=1e-6)


def test_a_million_points_in_one_call():
    q = np.linspace(0, 1, 1_000_000)
    upper = kl_inverse_upper(q, 0.01)
    assert upper.shape == q.shape
    assert np.all(np.diff(upper) >= 0)
    assert np.all(kl(q[:-1], upper[:-1]) >= 0.01 * (1 - 1e-12))


def test_shapes_broadcast_and_scalars_stay_scalars():
    assert kl_inverse_upper(np.zeros((3, 1)), np.ones(2)).shape == (3, 2)
    assert isinstance(kl_inverse_upper(0.1, 0.2), float)
    assert isinstance(kl(0.1, 0.2), float)


@pytest.mark.parametrize(
    ("q", "c", "message"),
    [
        (-0.1, 1, r"q must be in \[0, 1\], got -0.1"),
        (1.1, 1, r"q must be in \[0, 1\], got 1.1"),
        (float("nan"), 1, r"q must be in \[0, 1\], got nan"),
        ([0.1, 2.0], 1, r"q must be in \[0, 1\], got 2"),
        (0.1, -1, "c must be >= 0, got -1"),
        (0.1, float("nan"), "c must be >= 0, got nan"),
    ],
)
def test_bad_numbers_are_refused(q, c, message):
    for inverse in (kl_inverse_upper, kl_inverse_lower, kl_inverse_upper_derivatives):
        with pytest.raises(InputError, match=message):
            inverse(q, c)


def test_bad_probabilities_and_bad_places_for_a_derivative_are_refused():
    with pytest.raises(InputError, match=r"p must be in \[0, 1\], got 1.5"):
        kl(0.1, 1.5)
    for q, c in ((0, 1), (1, 1), (0.5, 0), (0.5, np.inf)):
        with pytest.raises(InputError, match="0 < q < 1 and 0 < c < inf"):
            kl_inverse_upper_derivatives(q, c)

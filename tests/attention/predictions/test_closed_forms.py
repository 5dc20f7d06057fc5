import math

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.testing import assert_allclose
from scipy.integrate import quad

from fathometer.attention import (
    collapse_log_time,
    default_resolution,
    equiangular_log_time,
    log_closing_rate,
    logarithmic_merge_time,
    two_cluster_log_time,
    two_cluster_merge_fraction,
)
from fathometer.evidence import InputError
from tests.oracles.attention_tables import (
    COLLAPSE,
    EQUIANGULAR,
    EQUIANGULAR_BETAS,
    EQUIANGULAR_HALF,
    EQUIANGULAR_RAW,
    MERGE_FRACTIONS,
    PHASE_CURVE,
    TO_CONTACT,
    TWO_CLUSTERS,
)
from tests.oracles.collapse import log_time_of_two


@pytest.mark.parametrize("row", TWO_CLUSTERS, ids=lambda row: f"{row[0]:.2f}-{row[1]}")
def test_the_table_of_two_clusters(row):
    gap, beta, unit, *expected = row
    cases = (("sa", (0.5, 0.5)), ("usa", (0.3, 0.7)), ("sa", (0.75, 0.25)))
    for (model, masses), number in zip(cases, expected, strict=True):
        if number is not None:
            log_time = number * math.log(10) if unit == "log10" else math.log(number)
            assert_allclose(two_cluster_log_time(gap, 0.001, beta, masses, model).value, log_time, rtol=0, atol=1e-12)


@pytest.mark.parametrize("row", TO_CONTACT, ids=str)
def test_the_table_of_times_to_contact(row):
    """To 1e-12; at beta = 10^4 a float near the result is 9e-13 from the next one."""
    model, masses, beta, log_time = row
    gap = 2 * math.asin(default_resolution(beta) / 2)
    found = two_cluster_log_time(1.0, gap, beta, masses, model).value
    assert_allclose(found, log_time, rtol=0, atol=1e-12 if beta < 10_000 else 2e-12)


@pytest.mark.parametrize("row", MERGE_FRACTIONS, ids=str)
def test_the_table_of_merge_fractions(row):
    heavy, beta, fraction = row
    masses = (heavy, 1 - heavy)
    assert_allclose(two_cluster_merge_fraction(1.0, beta, masses, "sa").value, fraction, rtol=1e-11)
    assert_allclose(two_cluster_merge_fraction(1.0, beta, masses[::-1], "sa").value, 1 - fraction, rtol=1e-11)
    assert_allclose(two_cluster_merge_fraction(1.0, beta, masses, "usa").value, 1 - heavy, rtol=1e-15)


@pytest.mark.parametrize("row", EQUIANGULAR, ids=lambda row: f"n={row[0]}")
def test_the_equiangular_table(row):
    n, times = row
    for beta, time in zip(EQUIANGULAR_BETAS, times, strict=True):
        found = equiangular_log_time(0.0, 0.999, n, beta, "sa").value
        assert_allclose(np.exp(found), time, rtol=1e-12)


def test_the_equiangular_tables_of_usa_and_of_half_times():
    for beta, raw, half in zip(EQUIANGULAR_BETAS, EQUIANGULAR_RAW, EQUIANGULAR_HALF, strict=True):
        assert_allclose(np.exp(equiangular_log_time(0, 0.999, 32, beta, "usa").value - beta), raw, rtol=1e-12)
        assert_allclose(np.exp(equiangular_log_time(0, 0.5, 32, beta, "sa").value), half, rtol=1e-12)


@pytest.mark.parametrize("row", PHASE_CURVE, ids=str)
def test_times_to_one_cluster_agree_with_the_table_of_the_phase_diagram(row):
    n, beta, time = row
    assert_allclose(np.exp(equiangular_log_time(0, 0.999, n, beta, "sa").value), time, rtol=1e-12)


@pytest.mark.parametrize("row", COLLAPSE, ids=str)
def test_the_collapse_equation_and_the_bound_of_the_paper(row):
    beta, start, rate, time, bound = row
    assert_allclose(np.exp(collapse_log_time(start, math.exp(-rate * beta), beta).value), time, rtol=1e-12)
    assert_allclose(math.exp(beta * (1 - start)) / start + beta**2 * rate * math.e / (beta - 1), bound, rtol=1e-12)
    assert time <= bound


def test_without_interaction_range_the_time_is_elementary():
    for model in ("sa", "usa"):
        expected = math.log(math.log(math.tan(0.5) / math.tan(5e-9)))
        assert_allclose(two_cluster_log_time(1.0, 1e-8, 0.0, (0.4, 0.6), model).value, expected, rtol=1e-14)


@settings(max_examples=40, deadline=None)
@given(
    st.floats(0.05, 3.1),
    st.floats(0.01, 0.99),
    st.floats(0, 30),
    st.floats(0.01, 0.99),
    st.floats(0.05, 1),
    st.sampled_from(["sa", "usa"]),
)
def test_against_adaptive_quadrature_of_the_speed(gap, ratio, beta, share, total, model):
    first, second = share * total, (1 - share) * total

    def slowness(w):
        q = math.exp(-beta * (1 - math.cos(w)))
        pull = first + second if model == "usa" else first / (second + first * q) + second / (first + second * q)
        return 1 / (q * math.sin(w) * pull)

    expected, _ = quad(slowness, gap * ratio, gap, epsabs=0, epsrel=1e-11, limit=500)
    found = two_cluster_log_time(gap, gap * ratio, beta, (first, second), model).value
    assert_allclose(found, math.log(expected), rtol=0, atol=1e-9)


@pytest.mark.parametrize("masses", [(0.5, 0.5), (1 - 1e-9, 1e-9)])
def test_times_add_up_and_never_overflow(masses):
    for model in ("sa", "usa"):
        for beta in (0.0, 1.0, 300.0, 1e4, 1e6):
            parts = [
                two_cluster_log_time(start, end, beta, masses, model).value
                for start, end in ((3.0, 1.0), (1.0, 1e-3), (1e-3, 1e-9))
            ]
            whole = two_cluster_log_time(3.0, 1e-9, beta, masses, model).value
            assert_allclose(np.logaddexp.reduce(parts), whole, rtol=1e-13, atol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((4.0, 0.1, 1.0, (0.5, 0.5), "sa"), "gap_start must be > 0 and < 3.14"),
        ((1.0, 1.0, 1.0, (0.5, 0.5), "sa"), "gap_end must be > 0 and < 1"),
        ((1.0, 0.0, 1.0, (0.5, 0.5), "sa"), "gap_end must be > 0"),
        ((1.0, 0.1, -1.0, (0.5, 0.5), "sa"), "beta must be >= 0"),
        ((1.0, 0.1, 1.0, (0.7, 0.5), "sa"), "masses must be two positive shares"),
        ((1.0, 0.1, 1.0, (0.0, 0.5), "sa"), "masses must be two positive shares"),
        ((1.0, 0.1, 1.0, (0.5, 0.5), "hardmax"), "model must be one of"),
    ],
)
def test_two_cluster_input(arguments, message):
    with pytest.raises(InputError, match=message):
        two_cluster_log_time(*arguments)


def test_equiangular_starts_and_ends_out_of_range_are_refused():
    with pytest.raises(InputError, match="n must be >= 2"):
        equiangular_log_time(0.0, 0.5, 1, 1.0, "sa")
    with pytest.raises(InputError, match=r"cosine_start must be > -0.5"):
        equiangular_log_time(-0.6, 0.5, 3, 1.0, "sa")
    with pytest.raises(InputError, match=r"cosine_end must be > 0.5"):
        equiangular_log_time(0.5, 0.2, 3, 1.0, "sa")
    with pytest.raises(InputError, match="model must be one of"):
        equiangular_log_time(0.1, 0.2, 3, 1.0, "x")
    with pytest.raises(InputError, match=r"deficit_end must be > 0 and < 0.5"):
        collapse_log_time(0.5, 0.6, 1.0)
    with pytest.raises(InputError, match="masses"):
        two_cluster_merge_fraction(1.0, 1.0, (-1.0, 0.5), "sa")


def exact_to_rounding(found, expected):
    assert float(abs(found - expected)) <= 2e-15 + 4 * np.spacing(abs(found)), (found, float(expected))


def apart(random, top):
    """A number below another one: a small part of it, or almost all of it."""
    return float(top * random.choice([10 ** random.uniform(-6, -0.1), 1 - 10 ** random.uniform(-10, -0.1)]))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(25))
def test_what_is_called_exact_is_exact_to_rounding(seed):
    """Also between ends that are close to each other, from almost opposite clusters, and for very unequal masses."""
    random = np.random.default_rng(seed)
    gap = float(random.choice([random.uniform(0.05, 3.1), math.pi - 10 ** random.uniform(-6, -2)]))
    end, model, beta = apart(random, gap), str(random.choice(["sa", "usa"])), float(10 ** random.uniform(-2, 4))
    light = float(10 ** random.uniform(-8, -0.4))
    masses = (light, 1 - light)
    exact_to_rounding(
        two_cluster_log_time(gap, end, beta, masses, model).value, log_time_of_two(gap, end, beta, masses, model)
    )
    with mp.workdps(40):
        q, (one, other) = mp.exp(-2 * mp.mpf(beta) * mp.sin(mp.mpf(gap) / 2) ** 2), map(mp.mpf, masses)
        pull = one + other if model == "usa" else one / (other + one * q) + other / (one + other * q)
        exact_to_rounding(log_closing_rate(gap, beta, masses, model).value, mp.log(q * mp.sin(gap) * pull))
        ratio = mp.log(mp.tan(mp.mpf(gap) / 2) / mp.tan(mp.mpf(end) / 2)) / mp.log(2)
        exact_to_rounding(logarithmic_merge_time(gap, end, 1.0, 2.0).value, ratio)


def logit_log_time(low, high, rate):
    return mp.log(mp.quad(rate, [low + (high - low) * k / 24 for k in range(25)]))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(25))
def test_equiangular_tokens_and_the_comparison_flow_to_rounding(seed):
    random = np.random.default_rng(seed)
    n, beta = int(random.integers(2, 40)), float(10 ** random.uniform(-2, 1.5))
    least = -1 / (n - 1)
    start = float(random.choice([random.uniform(least, 1), least * (1 - 10 ** random.uniform(-8, -1))]))
    end = start + apart(random, 1 - start)
    with mp.workdps(40):

        def rate(z):
            rho = (mp.exp(z) - 1) / (mp.exp(z) + n - 1)
            q = mp.exp(-beta * (1 - rho))
            return (1 + (n - 1) * q) / (2 * n * q)

        low, high = (mp.log((1 + (n - 1) * mp.mpf(rho)) / (1 - mp.mpf(rho))) for rho in (start, end))
        exact_to_rounding(equiangular_log_time(start, end, n, beta, "sa").value, logit_log_time(low, high, rate))
        u = float(random.uniform(0.01, 0.99))
        deficit = apart(random, 1 - u)
        low, high = mp.log(mp.mpf(u) / (1 - mp.mpf(u))), mp.log((1 - mp.mpf(deficit)) / mp.mpf(deficit))
        expected = logit_log_time(low, high, lambda z: mp.exp(beta / (1 + mp.exp(z))))
        exact_to_rounding(collapse_log_time(u, deficit, beta).value, expected)


def test_a_deficit_that_is_the_one_at_the_start():
    with pytest.raises(InputError, match="deficit_end must be"):
        collapse_log_time(0.1, 1 - 0.1, 1.0)

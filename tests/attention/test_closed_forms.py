import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.testing import assert_allclose
from scipy.integrate import quad

from fathometer.attention import (
    collapse_log_time,
    default_resolution,
    equiangular_log_time,
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
def test_the_phase_curve(row):
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


def test_other_input():
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

"""The bound of the cone lemma: against adaptive quadrature, the numbers it was derived with, and the motion itself."""

import math

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.integrate import quad
from scipy.spatial.distance import pdist
from scipy.special import expi

from fathometer.attention import (
    KnownCloud,
    Model,
    ParticleSystem,
    certified_course,
    certified_log_time,
    chart_width,
    cone_course,
    cone_log_time,
    velocity,
)
from fathometer.attention.predictions._hemisphere import latest_collapse
from fathometer.attention.predictions.hemisphere._cone_time import contraction, fastest_contraction
from fathometer.attention.predictions.hemisphere._known_cloud import chart_bounds, rate_limits
from fathometer.numerics import hemisphere_axis
from tests.oracles.attention import circle


def chord(beta):
    return 0.1 / math.sqrt(max(1.0, beta))


def by_quadrature(margin, width, beta):
    """The integral of 1/(u rho(u)) over log u, by adaptive quadrature."""

    def integrand(log_width):
        u = math.exp(log_width)
        return min(1 / margin, math.exp(math.asinh(u / 2))) * math.exp(2 * beta * u**2 / (4 + u**2))

    width = min(width, 2 * math.sqrt(1 / margin**2 - 1))
    ends = math.log(chart_width(chord(beta))), math.log(width)
    kinks = [x for x in (math.log(2), math.log(max(1 / margin - margin, 1e-9))) if ends[0] < x < ends[1]]
    return quad(integrand, *ends, points=kinks or None, limit=400, epsabs=0, epsrel=1e-11)[0]


def by_exponential_integral(margin, width, beta):
    """The weaker bound that takes 1 - <x, y> <= min(2, u^2/2) and h_j/h_i >= r_0, in closed form."""
    top = min(width, 2.0)
    narrow = expi(beta * top**2 / 2) - expi(beta * chord(beta) ** 2 / 2)
    return (narrow / 2 + math.exp(2 * beta) * math.log(max(width / 2, 1.0))) / margin


SHORT = {
    # beta, r_0, D: measured, the weaker bound to its digits, exp(2 beta) log(D/c)/r_0
    (9, 0.921, 0.845): (3.485, (8.7715, 8.7725), 2.3e8),
    (4, 0.852, 1.231): (3.454, (8.715, 8.725), 1.1e4),
    (9, 0.939, 0.733): (3.864, (6.0735, 6.0745), 2.2e8),
    (9, 0.318, 5.97): (5395, (2.25e8, 2.35e8), 1.1e9),
}


@pytest.mark.parametrize("case", SHORT)
def test_numbers_of_the_derivation_and_what_the_sharper_lemma_makes_of_them(case):
    beta, margin, width = case
    measured, weaker, old = SHORT[case]
    ends = [by_exponential_integral(margin - s * 5e-4, width * (1 + s * 1e-3), beta) for s in (-1, 0, 1)]
    assert ends[0] < weaker[1]  # margin and width are known to three digits
    assert weaker[0] < ends[2]
    assert math.exp(2 * beta) * math.log(width / chord(beta)) / margin == pytest.approx(old, rel=0.05)
    time = math.exp(cone_log_time(margin, width, beta))
    assert measured < time < ends[1] < 1.1 * old


@settings(max_examples=30, deadline=None)
@given(st.floats(1e-3, 1.0), st.floats(1e-3, 50.0), st.floats(0.0, 40.0))
def test_the_time_is_the_integral_rounded_up(margin, width, beta):
    width = min(width, 2 * math.sqrt(1 / margin**2 - 1))
    log_time = cone_log_time(margin, width, beta)
    if width <= chart_width(chord(beta)):
        assert log_time == -np.inf or math.exp(log_time) < 1e-6
    else:
        assert 0 <= log_time - math.log(by_quadrature(margin, width, beta)) + 1e-9 < 1e-4


def test_known_values():
    assert cone_log_time(0.921, 0.845, 9.0) == pytest.approx(math.log(7.4543617), abs=1e-5)
    assert cone_log_time(0.3, 1.0, 1e6) == pytest.approx(399987.112, rel=1e-6)  # far beyond what a time could be
    assert np.isfinite(cone_log_time(1e-5, 1e9, 1e10))


def test_the_course_falls_and_ends_where_it_is_told():
    course = cone_course(0.5, 2.0, 3.0, last=1e-6)
    assert np.all(np.diff(course.widths) <= 0)
    assert np.all(np.diff(course.log_times[1:]) >= 0)
    assert course.widths[[0, -1]] == pytest.approx([2.0, 1e-6], rel=1e-9)
    late = course.widths < 1e-3
    times, logs = np.exp(course.log_times[late]), np.log(course.widths[late])
    assert np.polyfit(times, logs, 1)[0] == pytest.approx(-1, abs=2e-4)  # the rate in the end is 1, for any margin


def test_two_tokens_at_large_beta_pay_the_exponent_of_their_own_time():
    """1 - <x, y> of two tokens at chart distance D = 2 tan(w/2) is 1 - cos w: nothing is lost in the exponent."""
    gap, beta = 1.0, 1000.0
    margin, width = math.cos(gap / 2), 2 * math.tan(gap / 2)
    assert cone_log_time(margin, width, beta) / beta == pytest.approx(1 - math.cos(gap), abs=0.01)


@pytest.mark.parametrize("model", list(Model))
@pytest.mark.parametrize("beta", [0.0, 2.0, 20.0])
def test_widths_of_any_masses_change_at_rates_between_the_two(model, beta):
    rng = np.random.default_rng(int(beta))
    for n, d in [(2, 2), (6, 3)] * 10:
        points = rng.standard_normal((n, d)) * rng.choice([0.01, 0.3, 2.0]) + 2 * np.eye(d)[0]
        system = ParticleSystem.project(points, beta, model, rng.dirichlet(np.full(n, 0.5)) + 1e-6)
        axis, margin = hemisphere_axis(system.points)
        if margin.lower < 0.01:
            continue
        speeds = np.asarray(velocity(jnp.asarray(system.points), jnp.asarray(system.masses), beta, model))
        heights = system.points @ axis
        chart = system.points / heights[:, None]
        moves = speeds / heights[:, None] - chart * (speeds @ axis / heights)[:, None]
        first, second = np.triu_indices(n, 1)
        widest = int(np.argmax(pdist(chart)))
        apart, drift = (x[first[widest]] - x[second[widest]] for x in (chart, moves))
        rate, width = -(apart @ drift) / (apart @ apart), float(np.linalg.norm(apart))
        assert contraction(width, float(margin.lower), beta) <= rate * (1 + 1e-9)
        assert rate <= fastest_contraction(width, beta, model) * (1 + 1e-9)


# known up to an error


def in_a_hemisphere(beta=2.0):
    points = np.random.default_rng(0).standard_normal((6, 3)) + 1.5 * np.eye(3)[2]
    return ParticleSystem.project(points, beta, Model.SA)


def test_bounds_hold_for_all_tokens_within_the_error():
    system, error, rng = in_a_hemisphere(), 0.02, np.random.default_rng(1)
    cloud = KnownCloud(system, error, 1.0)
    least, widest = chart_bounds(cloud)
    assert least == pytest.approx(float(cloud.margin.value) - error, abs=1e-12)
    for _ in range(200):
        shift = rng.standard_normal(system.points.shape)
        shift *= error / np.linalg.norm(shift, axis=1, keepdims=True)
        moved = ParticleSystem.project(system.points + 0.98 * shift, 2.0, Model.SA).points
        assert np.max(np.linalg.norm(moved - system.points, axis=1)) <= error
        heights = moved @ cloud.axis
        assert np.min(heights) >= least
        assert np.max(pdist(moved / heights[:, None])) <= widest


def test_an_error_costs_time_and_too_much_of_it_everything():
    times = [certified_log_time(KnownCloud(in_a_hemisphere(), error, 0.5)) for error in (0.0, 1e-6, 0.01, 0.9)]
    assert times[:3] == sorted(times[:3])
    assert times[1] - times[0] < 1e-4
    assert np.isnan(times[-1])
    assert certified_course(KnownCloud(in_a_hemisphere(), 0.0, 0.5)).log_times[0] == pytest.approx(0.5)


def test_it_beats_the_time_without_the_width():
    system = in_a_hemisphere()
    assert certified_log_time(KnownCloud(system, 0.0)) < math.log(latest_collapse(system)) - 1


def test_rates_of_one_cluster_enclose_one():
    points = np.eye(3)[2] + 1e-3 * np.random.default_rng(0).standard_normal((5, 3))
    low, high = rate_limits(KnownCloud(ParticleSystem.project(points, 1.0, Model.SA), 0.0))
    assert 0.99 < low < 1 < high < 1.01


def test_many_tokens_are_bounded_by_the_margin_alone():
    angles = np.linspace(-1, 1, 3000)
    cloud = KnownCloud(ParticleSystem(circle(*angles), 1.0, Model.SA), 0.0)
    assert chart_bounds(cloud)[1] == np.inf
    assert certified_log_time(cloud) == pytest.approx(cone_log_time(math.cos(1), 2 * math.tan(1), 1.0), abs=1e-6)

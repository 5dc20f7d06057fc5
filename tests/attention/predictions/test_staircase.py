import dataclasses
import math

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.testing import assert_allclose

from fathometer.attention import (
    Model,
    ParticleSystem,
    leading_coalescence_log_time,
    limit_merge_fraction,
    limit_staircase,
    log_closing_rate,
    logarithmic_merge_time,
    predicted_log_times,
    predicted_staircase,
    simulate,
    two_cluster_log_time,
    velocity,
)
from fathometer.attention.predictions._slow_motion import log_prefactor
from fathometer.attention.theorems.staircase.merge_location import THEOREM as LOCATION
from fathometer.evidence import Estimate, InputError, Status, Within
from tests.oracles.attention import circle, rotation

MODELS = pytest.mark.parametrize("model", list(Model))
FIVE = circle(0, 0.5, 1.3, 2.4, 3.9)
SCRIPT = circle(0, 0.04249034, 0.16996135, 0.33992269, 0.59486471)
SLOPES = [0.12241743811, 0.502428952108, 0.929262798332]


# slow motion


@MODELS
@pytest.mark.parametrize("masses", [(0.5, 0.5), (0.8, 0.2)])
def test_the_closing_rate_is_that_of_the_field(model, masses):
    points = circle(0.0, 0.9)
    speeds = np.asarray(velocity(jnp.asarray(points), jnp.asarray(masses), 6.0, model))
    turning = points[:, 0] * speeds[:, 1] - points[:, 1] * speeds[:, 0]
    rate = log_closing_rate(0.9, 6.0, masses, model).value
    assert_allclose(math.exp(rate), turning[0] - turning[1], rtol=1e-12)


@MODELS
@pytest.mark.parametrize("gap", [0.5, 1.05, 1.5, 2.4])
@pytest.mark.parametrize("masses", [(0.2, 0.2), (0.6, 0.3)])
def test_the_leading_order_is_right_to_the_next_term(model, gap, masses):
    errors = []
    for beta in (1e3, 4e3):
        found = leading_coalescence_log_time(gap, beta, masses, model)
        exact = two_cluster_log_time(gap, 1e-5, beta, masses, model).value
        assert found.lower <= exact <= found.upper
        errors.append(beta * (exact - found.value))
    assert_allclose(errors, 2 * math.cos(gap) / math.sin(gap) ** 2, rtol=0.1)


@pytest.mark.parametrize("masses", [(0.5, 0.6), (0.0, 0.5)])
def test_masses_are_shares(masses):
    with pytest.raises(InputError, match="two positive shares"):
        log_closing_rate(1.0, 1.0, masses, Model.SA)
    with pytest.raises(InputError, match="two positive shares"):
        limit_merge_fraction(masses, Model.SA)


# where two clusters merge


def pair(beta, model, masses=(0.75, 0.25), gap=1.0):
    return ParticleSystem(circle(0.2, 0.2 + gap), beta, model, np.array(masses))


@pytest.mark.slow
@MODELS
@pytest.mark.parametrize("masses", [(0.75, 0.25), (0.5, 0.5), (0.1, 0.9)])
def test_two_clusters_merge_where_they_should(model, masses):
    run = simulate(pair(4.0, model, masses), [0.0, 1.0, 80.0])
    assert LOCATION.test(run).status is Status.HOLDS
    assert LOCATION.test(run.until(1.0)).status is Status.UNDECIDED
    share = LOCATION.predict(run.problem, None).lower.value
    off = dataclasses.replace(LOCATION, predict=lambda problem, axis: Within(share - 0.01, share - 0.005))
    assert LOCATION.test(run).measured.value == pytest.approx(share + 1e-4, abs=1e-5)
    assert off.test(run).status is Status.VIOLATED


def test_softmax_does_not_merge_at_the_mean():
    run = simulate(pair(4.0, Model.SA), [0.0, 1.0, 80.0])
    usa = dataclasses.replace(run, problem=pair(4.0, Model.USA))
    assert LOCATION.test(usa).status is Status.VIOLATED
    assert limit_merge_fraction((0.75, 0.25), Model.SA) == pytest.approx(0.1)
    assert limit_merge_fraction((0.75, 0.25), Model.USA) == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("system", "reason"),
    [
        (ParticleSystem(circle(0, 1, 2), 1.0, Model.SA), "two tokens"),
        (pair(1.0, Model.SA, gap=np.pi), "antipodal"),
        (pair(1.0, Model.SA, gap=1e-4), "apart"),
    ],
)
def test_where_the_location_is_not_said(system, reason):
    verdict = LOCATION.judge(system, Estimate.exact(0.5))
    assert verdict.status is Status.INAPPLICABLE
    assert reason in verdict.explanation


# the staircase


@pytest.mark.parametrize(
    ("model", "gap", "last"), [(Model.SA, 2.69, 1.899753211214), (Model.USA, 2.55, 1.830053535235)]
)
def test_the_limit_of_five_tokens(model, gap, last):
    stairs = limit_staircase(ParticleSystem(FIVE, 1.0, model))
    assert_allclose(stairs.gaps, [0.5, 1.05, 1.5, gap], rtol=1e-12)
    assert_allclose(stairs.log_time_slopes, [*SLOPES, last], rtol=1e-10)
    assert_allclose(stairs.levels, [0.2, 0.28, 0.44, 0.52, 1], rtol=1e-13)
    assert stairs.members == (((0,), (1,)), ((0, 1), (2,)), ((3,), (4,)), ((0, 1, 2), (3, 4)))
    if model is Model.USA:
        assert_allclose(stairs.place, circle(1.62)[0], rtol=1e-12)


@pytest.mark.parametrize(
    ("model", "beta", "errors"),
    [
        (Model.SA, 100.0, [0.0918, 0.0156, 0.0049, -1.03]),
        (Model.SA, 1000.0, [0.0077, 0.0013, 0.0001, -2.77]),
        (Model.USA, 1000.0, [0.0077, 0.0013, 0.0001, -0.0053]),
    ],
)
def test_finite_beta_against_the_limit(model, beta, errors):
    system = ParticleSystem(FIVE, beta, model)
    stairs = limit_staircase(system)
    leading = [
        beta * s - math.log(beta) + log_prefactor(gap, tuple(masses), model)
        for s, gap, masses in zip(stairs.log_time_slopes, stairs.gaps, stairs.masses, strict=True)
    ]
    assert_allclose(predicted_log_times(system).value - np.array(leading), errors, atol=6e-3)


def test_the_jumps_of_the_published_figure():
    stairs = limit_staircase(ParticleSystem(SCRIPT, 1000.0, Model.USA))
    lengths = [0.03004520505616102, 0.1514714556453855, 0.33174268598235157, 0.7661704468950392]
    assert_allclose(stairs.arc_lengths, lengths, rtol=1e-7)
    assert_allclose(stairs.rescaled_times(1000.0), np.array(lengths) / math.log(1000), rtol=1e-7)
    assert_allclose(25 * stairs.levels, [5, 7, 11, 13, 25], rtol=1e-13)
    with pytest.raises(InputError, match="beta must be > 1"):
        stairs.rescaled_times(1.0)


@pytest.mark.slow
def test_arc_length_is_that_of_a_simulation():
    system = ParticleSystem(circle(0, 0.3, 0.75), 60.0, Model.USA)
    points = simulate(system, np.append(0.0, np.geomspace(1e-2, 1e5, 300))).states["points"]
    path = np.sum(np.linalg.norm(np.diff(points, axis=0).reshape(len(points) - 1, -1), axis=1))
    assert_allclose(path, limit_staircase(system).arc_lengths[-1], rtol=0.01)


@pytest.mark.slow
@MODELS
def test_the_first_steps_of_a_simulation(model):
    system = ParticleSystem(FIVE, 20.0, model)
    run = simulate(system, np.append(0.0, np.geomspace(1, 2e5, 300)))
    contact = 2 * math.asin(0.05 / math.sqrt(20))
    predicted = np.asarray(predicted_log_times(system, contact).value)
    for k, log_time in zip((4, 3), predicted, strict=False):
        event = run.event(f"{k} clusters")
        assert_allclose(math.log(event.value), log_time, atol=0.06)


def test_inversions_cascade():
    pole = np.array([np.cos(0.5), 0.0, np.sin(0.5)])
    height = math.cos(1.05) / math.cos(0.5)
    points = np.array([pole, pole * [1, 1, -1], [height, math.sqrt(1 - height**2), 0]])
    stairs = limit_staircase(ParticleSystem(points, 1.0, Model.USA))
    assert_allclose(stairs.gaps, [1.0, 0.967962346745898], rtol=1e-12)
    assert stairs.log_time_slopes[0] == stairs.log_time_slopes[1] == pytest.approx(1 - math.cos(1))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 8), st.sampled_from(list(Model)))
def test_stairs_do_not_see_rotations_nor_order(seed, n, model):
    system = ParticleSystem.uniform(n, 3, 5.0, model, seed)
    order = np.random.default_rng(seed).permutation(n)
    turned = ParticleSystem.project(system.points[order] @ rotation(3, seed), 5.0, model)
    for make in (limit_staircase, predicted_staircase):
        first, second = make(system), make(turned)
        assert_allclose(first.gaps, second.gaps, rtol=1e-8)
        assert_allclose(first.arc_lengths, second.arc_lengths, rtol=1e-8)
        assert first.levels[-1] == pytest.approx(1)
        assert np.all(np.diff(first.log_time_slopes) >= 0)


def test_on_the_circle_gaps_only_grow():
    for seed in range(10):
        for model in Model:
            stairs = limit_staircase(ParticleSystem.uniform(6, 2, 1.0, model, seed))
            assert np.all(np.diff(stairs.gaps) > 0)


def test_duplicates_merge_first_and_antipodal_clusters_are_refused():
    stairs = limit_staircase(ParticleSystem(circle(0.3, 1.0, 0.3), 1.0, Model.SA))
    assert stairs.members[0] == ((0,), (2,))
    assert stairs.gaps[0] == stairs.log_time_slopes[0] == 0
    assert_allclose(np.linalg.norm(stairs.place), 1, rtol=1e-14)
    assert limit_staircase(ParticleSystem(circle(0.3), 1.0, Model.SA)).levels == [1.0]
    with pytest.raises(InputError, match="antipodal"):
        limit_staircase(ParticleSystem(circle(0, np.pi), 1.0, Model.SA))


# the scalar lemma


def test_the_scalar_lemma_has_the_limit_half_and_not_two():
    def product(beta, rate=0.4):
        end = math.sqrt(math.log(beta) / beta)
        return rate * logarithmic_merge_time(1.0, end, rate, beta).value

    limits = [product(10.0**k) for k in (10, 50, 250)]
    assert np.all(np.abs(np.diff(np.abs(np.array(limits) - 0.5))) > 0)
    assert abs(limits[-1] - 0.5) < 0.01
    assert abs(limits[-1] - 2) > 1.4  # as printed


def test_the_second_part_of_the_way_is_short():
    beta, rate = 1e250, 0.4
    ends = math.sqrt(math.log(beta) / beta), 1 / math.sqrt(beta * math.log(beta))
    time = logarithmic_merge_time(*ends, rate, beta).value
    assert_allclose(time, math.log(math.log(beta)) / (rate * math.log(beta)), rtol=1e-10)


@pytest.mark.parametrize("bad", [(4.0, 0.1, 1, 10), (1.0, 2.0, 1, 10), (1.0, 0.1, 0, 10), (1.0, 0.1, 1, 1)])
def test_the_scalar_lemma_refuses(bad):
    with pytest.raises(InputError):
        logarithmic_merge_time(*map(float, bad))


@pytest.mark.parametrize("beta", [100.0, 1000.0])
def test_the_leading_order_at_a_right_angle_has_bars_of_second_order(beta):
    found = leading_coalescence_log_time(np.pi / 2, beta, (0.5, 0.5), Model.SA)
    exact = two_cluster_log_time(np.pi / 2, 1e-5, beta, (0.5, 0.5), Model.SA).value
    assert found.lower < exact < found.upper
    assert_allclose((exact - found.value) * beta**2, 2.0, rtol=0.1)

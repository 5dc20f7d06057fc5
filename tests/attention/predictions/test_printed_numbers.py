"""Numbers of the reference that belong to no other file."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import brentq

from fathometer.attention import (
    Model,
    ParticleSystem,
    cluster_counts,
    equiangular_log_time,
    iterate_layers,
    limit_staircase,
    simulate_collapse,
)
from tests.oracles.attention import circle
from tests.oracles.attention_variants import MOVIE_ANGLES


@pytest.mark.parametrize(("beta", "ratio"), [(10.0, 1.047), (15.0, 1.109), (20.0, 1.162), (25.0, 1.184)])
def test_the_cascade_of_three_tokens_on_the_sphere(beta, ratio):
    pole = np.array([np.cos(0.5), 0.0, np.sin(0.5)])
    height = np.cos(1.05) / np.cos(0.5)
    points = np.array([pole, pole * [1, 1, -1], [height, np.sqrt(1 - height**2), 0]])
    system = ParticleSystem(points, beta, Model.USA)
    run = simulate_collapse(system, event_chord=2 * np.sin(0.005), check=False)
    first, second = (event.log_time for event in run.events)
    assert_allclose(np.exp(second - first), ratio, atol=6e-4)
    assert limit_staircase(system).gaps[1] < limit_staircase(system).gaps[0]


def test_two_equiangular_tokens_are_a_pair():
    log_time = equiangular_log_time(0.0, np.cos(0.001), 2, 4.0, "sa").value
    assert_allclose(np.exp(log_time), 14.632908970259936586, rtol=1e-9)


@pytest.mark.parametrize(("n", "ratio", "room"), [(2, 1.003, 5e-4), (32, 1.0, 0.3)])
def test_the_time_for_large_beta(n, ratio, room):
    log_time = equiangular_log_time(0.0, 0.999, n, 25.0, "sa").value
    assert_allclose(np.exp(log_time - 25.0) * 2 * (25.0 + n - 2), ratio, atol=room)


@pytest.mark.slow
@pytest.mark.parametrize(("step", "time"), [(0.1, 364.0), (0.05, 346.1)])
def test_the_last_merger_of_the_movie_in_the_authors_scheme(step, time):
    system = ParticleSystem(circle(*MOVIE_ANGLES), 4.0, Model.SA)
    layers = round((time + 1) / step)
    run = iterate_layers(system, layers, step)
    first = layers - 100
    counts = cluster_counts(run.states["points"][first:], 2 * np.sin(0.025))
    assert counts[0] == 2
    assert_allclose((first + np.argmax(counts == 1)) * step, time, atol=1.01 * step)


def test_how_high_a_dimension_the_frame_needs():
    assert_allclose(brentq(lambda eps: 4 * np.sqrt(eps) + 12 * eps - 1, 1e-6, 1), 1 / 36, rtol=1e-12)
    assert_allclose(brentq(lambda d: d - 144 * np.log(d), 500, 2000), 994, atol=0.5)

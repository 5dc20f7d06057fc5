import dataclasses

import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.attention import (
    ASCENT_CURVATURE,
    CLUSTER_STABILITY,
    DISTANCE_TO_COLLAPSE,
    DM_ENERGY,
    HESSIAN_INDEX,
    LOG_MP_ENERGY,
    MEAN_COSINE,
    PARTICIPATION_RATIO,
    STABLE_RANK,
    UNIT_ENERGY,
    Model,
    ParticleSystem,
    centred,
    centred_mean_cosine,
    cluster_members,
    distance_to_collapse,
    hessian_index,
    mergers,
    participation_ratio,
    record,
    resolution_range,
    simulate,
    stable_rank,
)
from fathometer.evidence import InputError
from tests.oracles.attention import circle

ANYWHERE = [STABLE_RANK, PARTICIPATION_RATIO, DISTANCE_TO_COLLAPSE, CLUSTER_STABILITY, DM_ENERGY, LOG_MP_ENERGY]
TIMES = np.append(0.0, np.geomspace(0.05, 2000, 80))


@pytest.fixture(scope="module")
def movie():
    """Five tokens on the circle that merge one after the other."""
    return simulate(ParticleSystem(circle(0.06, 0.21, 1.82, 2.91, 3.19), 4.0, Model.SA), TIMES)


@pytest.mark.parametrize("observable", [*ANYWHERE, HESSIAN_INDEX, ASCENT_CURVATURE], ids=lambda o: o.name)
def test_recorded_layers_are_measured_like_simulated_tokens(movie, observable):
    layers = record(np.arange(1, 6)[:, None] * movie.states["points"], 4.0)
    seen, simulated = layers.observe(observable).value, movie.observe(observable).value
    assert seen.shape == (81,)
    # next to collapse relative distances are rounding
    assert_allclose(seen[:45], simulated[:45], rtol=1e-5, atol=1e-9)


# ranks


def test_ranks_of_known_shapes():
    unit = np.full(4, 0.25)
    frame, point, pair = np.eye(4), np.tile(np.eye(4)[0], (4, 1)), np.eye(4)[[0, 0, 1, 1]]
    for rank in (stable_rank, participation_ratio):
        assert_allclose([rank(x, unit) for x in (frame, point, pair)], [4, 1, 2])
    assert_allclose([distance_to_collapse(x, unit) for x in (frame, point, pair)], [np.sqrt(0.75), 0, np.sqrt(0.5)])
    points = ParticleSystem.uniform(9, 5, 1.0, "sa", 1).points
    weights = np.full(9, 1 / 9)
    assert 1 <= stable_rank(points, weights) <= participation_ratio(points, weights) <= 5
    heavy = np.array([0.7, 0.1, 0.1, 0.1])
    assert_allclose(stable_rank(frame, heavy), 1 / 0.7)
    assert_allclose(participation_ratio(frame, heavy), 1 / (0.49 + 0.03))


# energies


@pytest.mark.slow
def test_three_normalisations(movie):
    unit = movie.observe(UNIT_ENERGY).value
    assert_allclose(movie.observe(DM_ENERGY).value, unit / 8, rtol=1e-13)
    assert_allclose(movie.observe(LOG_MP_ENERGY).value, np.log(np.exp(4.0) * unit / 8), rtol=1e-13)
    flat = simulate(ParticleSystem(np.eye(3), 0.0, Model.SA), [0.0])
    with pytest.raises(InputError, match="beta must be > 0"):
        flat.observe(DM_ENERGY)


# clusters


def test_members_and_the_range_of_resolutions():
    states = np.stack([circle(0, 0.01, 1.0, 2.5), circle(0, 0.01, 0.02, 0.03), circle(0, 1, 2, 3)])
    labels = cluster_members(states, 0.1)
    assert labels.tolist() == [[0, 0, 1, 2], [0, 0, 0, 0], [0, 1, 2, 3]]
    ends = resolution_range(states, 0.1)
    chord = 2 * np.sin(np.array([0.01, 0.99, 0.01, 1.0]) / 2)
    assert_allclose(ends, [[chord[0], chord[1]], [chord[2], np.inf], [0, chord[3]]], rtol=1e-9)
    with pytest.raises(InputError, match="resolution must be > 0"):
        cluster_members(states, 0.0)
    run = record(states, 1.0)
    assert_allclose(run.observe(CLUSTER_STABILITY).value, [np.log(chord[1] / chord[0]), np.inf, np.inf])


def test_the_merge_tree_of_the_movie(movie):
    tree = mergers(movie, 0.05)
    assert [merger.members for merger in tree] == [
        ((0,), (1,)),
        ((3,), (4,)),
        ((2,), (3, 4)),
        ((0, 1), (2, 3, 4)),
    ]
    assert tree[-1].after > 300 > tree[-2].after
    assert {i for part in tree[-1].members for i in part} == set(range(5))
    for k, merger in zip((4, 3, 2, 1), mergers(movie), strict=True):
        event = movie.event(f"{k} clusters")
        assert merger.before == event.lower
        assert merger.after == event.upper


def test_merging_is_for_good_in_recorded_layers():
    layers = record(np.stack([circle(0, 1, 2), circle(0, 0.01, 2), circle(0, 1, 2), circle(0, 0.01, 0.02)]), 1.0)
    tree = mergers(layers)
    assert [(m.before, m.after, m.members) for m in tree] == [(0, 1, ((0,), (1,))), (2, 3, ((0, 1), (2,)))]
    together = record(np.stack([circle(0, 1, 2), circle(0, 0.01, 0.02)]), 1.0)
    assert mergers(together)[0].members == ((0,), (1,), (2,))


# centring


def test_every_observable_reads_centred_tokens(movie):
    shared = record(movie.states["points"] + np.array([5.0, 0.0]), 4.0)
    inner = centred(shared)
    assert shared.observe(MEAN_COSINE).value[0] > 0.9
    points, masses = shared.states["points"][:20], np.full(5, 0.2)
    assert_allclose(inner.observe(MEAN_COSINE).value[:20], centred_mean_cosine(points, masses), rtol=1e-9)


# the circle


def test_the_index_of_saddles():
    unit = np.full(6, 1 / 6)
    polygon = circle(*(np.pi / 3 * np.arange(6)))
    apart = circle(0, 0, 2, 2, 4, 4)
    both = np.stack([polygon, apart, circle(*np.zeros(6))])
    assert hessian_index(both, unit, 4.0).tolist()[-1] == 0
    assert hessian_index(both, unit, 4.0)[0] >= 3
    assert hessian_index(both, unit, 6.0)[1] == 2


@pytest.mark.slow
def test_the_curvature_announces_a_jump(movie):
    curvature = movie.observe(ASCENT_CURVATURE).value
    late = curvature[(TIMES > 50) & (TIMES < 250)]
    assert np.all(late > 0)
    near = simulate(ParticleSystem(circle(0, 1e-3, 2e-3), 4.0, Model.USA), [0.0, 1.0])
    assert_allclose(near.observe(ASCENT_CURVATURE).value, -1, atol=1e-4)
    rest = simulate(ParticleSystem(circle(0.3, 0.3), 4.0, Model.USA), [0.0])
    assert np.isnan(rest.observe(ASCENT_CURVATURE).value[0])
    with pytest.raises(InputError, match="d = 2, got d = 3"):
        dataclasses.replace(rest, problem=ParticleSystem(np.eye(3), 1.0, Model.SA)).observe(HESSIAN_INDEX)

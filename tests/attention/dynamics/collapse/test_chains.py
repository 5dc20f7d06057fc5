"""Events of clouds whose groups fall apart again, or are chains before they are clusters."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.testing import assert_allclose
from scipy.cluster.hierarchy import dendrogram
from scipy.integrate import solve_ivp
from scipy.spatial.distance import cdist

from fathometer.attention import ParticleSystem
from fathometer.attention.dynamics.collapse import simulate_collapse
from fathometer.attention.dynamics.collapse.results._meetings import Meeting, joined, within
from fathometer.numerics import single_linkage
from tests.attention.dynamics.collapse.test_errors import draw, velocity
from tests.oracles.attention import circle
from tests.oracles.collapse import tokens


def quick(system, **options):
    return simulate_collapse(system, check=False, **options)


def path(system, end):
    """States of plain time, by DOP853."""
    start = system.points.ravel()
    solved = solve_ivp(velocity(system), (0, end), start, "DOP853", rtol=1e-11, atol=1e-13, dense_output=True)

    def at(time):
        points = solved.sol(time).reshape(system.points.shape)
        return points / np.linalg.norm(points, axis=1, keepdims=True)

    return at


@pytest.mark.slow
@pytest.mark.parametrize(("n", "beta", "chord"), [(200, 100, 0.1), (150, 1, 0.1), (100, 0, 0.5)])
def test_the_last_event_of_a_dense_cloud_is_its_collapse(n, beta, chord):
    """Single linkage at the event chord joins the ring, or long arcs of it, at time 0 already."""
    system = ParticleSystem.uniform(n, 2, beta, "sa", 0)
    found = quick(system, tolerance=1e-6, event_chord=chord)
    assert len(found.events) == n - 1
    last, merger = found.log_time_of_collapse.value, found.energy_levels[-1].log_time
    assert merger - 3 < last <= merger
    times = [-math.inf if event.log_time is None else event.log_time for event in found.events]
    assert times == sorted(times)
    for level in found.energy_levels:
        if 1 < level.clusters < 6 and level.log_time < last - 1:
            assert sum(time > level.log_time for time in times) >= level.clusters - 1


@pytest.mark.slow
def test_the_collapse_of_three_thousand_tokens():
    """Reported as 959.898 when groups could not part; the last merger is at 1989.461."""
    found = quick(ParticleSystem.uniform(3000, 2, 1000, "sa", 0))
    assert_allclose(found.log_time_of_collapse.value, 1989.461, atol=1e-3)


def test_clusters_that_part_again_meet_when_they_come_back():
    """Tokens 1 and 2 are within the chord at log t = 2.76, torn apart by token 0, and together from 4.05 on."""
    system = draw(218)
    found = quick(system)
    together = {event.members: event.log_time for event in found.events}[(1,), (2,)]
    states = path(system, 1.1 * math.exp(together))
    apart = [
        np.linalg.norm(np.diff(states(time)[1:3], axis=0)) for time in math.exp(together) * np.array([0.9, 1, 1.1])
    ]
    assert apart[0] > found.event_chord > apart[2]
    assert_allclose(apart[1], found.event_chord, rtol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(("n", "beta", "model"), [(40, 1, "sa"), (50, 20, "sa"), (80, 0.1, "usa")])
def test_events_are_what_single_linkage_sees_for_the_last_time(n, beta, model):
    """At no time after an event are its tokens in two clusters, and just before it they are, or make a chain."""
    system = ParticleSystem.uniform(n, 2, beta, model, 7)
    found = quick(system)
    events = [event for event in found.events if event.log_time is not None and event.log_time < 3]
    end = math.exp(max(event.log_time for event in events)) + 3
    states = path(system, end)
    grid = np.linspace(0, end, 400)
    labels = [single_linkage(states(time), found.event_chord * (1 + 1e-6)) for time in grid]
    assert len(events) > n / 4
    for event in events:
        members, time = [*event.members[0], *event.members[1]], math.exp(event.log_time)
        assert all(len(set(label[members])) == 1 for label, at in zip(labels, grid, strict=True) if at > time + 1e-6)
        before = states(time * (1 - 1e-4))
        chord = cdist(before[list(event.members[0])], before[list(event.members[1])]).min()
        tied = [sum(other.members, ()) for other in events if other.log_time == event.log_time]
        group = max((list(other) for other in tied if set(members) <= set(other)), key=len)
        reach = np.linalg.norm(before[group] - before[group].mean(axis=0), axis=1).max()
        assert chord > found.event_chord or reach > 4.9 * found.event_chord


def ultrametric(n, mergers):
    """Since when every two particles have been together."""
    since = np.full((n, n), np.inf)
    np.fill_diagonal(since, -np.inf)
    for merger in mergers:
        since[np.ix_(merger.first, merger.second)] = since[np.ix_(merger.second, merger.first)] = merger.log_time
    return since


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 14), st.integers(0, 10**6), st.booleans())
def test_parts_keep_the_times_of_their_particles(n, seed, ties):
    random = np.random.default_rng(seed)
    times = random.integers(0, 3, n) if ties else random.permutation(n)
    tree = [Meeting(float(times[i]), int(random.integers(i)), i) for i in range(1, n)]
    since, part = ultrametric(n, joined(tree)), random.integers(0, 3, n)
    kept = ultrametric(n, joined(within(tree, dict(enumerate(part.tolist())))))
    same = part[:, None] == part
    assert np.array_equal(kept[same], since[same])
    assert np.all(kept[~same] == np.inf)
    for merger in joined(tree):
        assert merger.first[0] < merger.second[0]
    assert all(a.log_time <= b.log_time for a, b in pairwise(joined(tree)))


def test_a_merge_tree_that_can_be_drawn():
    found = quick(tokens(circle(0, 0, 0, 0.6, 1.9), 50, "sa"))
    assert found.merge_tree()[0, 2] == -math.inf
    tree = found.merge_tree(drawable=True)
    assert tree[:3, 2].tolist() == [0, 0, 1]
    assert_allclose(np.diff(tree[2:, 2]), np.diff(found.merge_tree()[2:, 2]), rtol=1e-12)
    assert sorted(dendrogram(tree, no_plot=True)["leaves"]) == list(range(5))
    same = quick(tokens(circle(1, 1, 1), 5, "sa"))
    assert same.merge_tree(drawable=True)[:, 2].tolist() == [0, 0]


def test_an_unfinished_tree_has_the_clusters_that_are_left():
    found = quick(ParticleSystem.uniform(60, 2, 50, "sa", 1), max_steps=200)
    assert found.clusters + len(found.events) == 60
    assert found.merge_tree().shape == (len(found.events), 4)

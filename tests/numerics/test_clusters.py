import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from fathometer.numerics import single_linkage
from tests.oracles.attention import circle, rotation


def test_a_chain_is_one_cluster_and_a_gap_two():
    points = circle(*np.arange(6) * 0.1, 1.2, 1.25)
    assert single_linkage(points, 0.11).tolist() == [0, 0, 0, 0, 0, 0, 1, 1]
    assert single_linkage(points, 0.09).tolist() == [0, 1, 2, 3, 4, 5, 6, 6]


def test_the_circle_closes():
    assert single_linkage(circle(-0.01, np.pi, 0.01), 0.05).tolist() == [0, 1, 0]


@pytest.mark.parametrize("chord", [0.1, 0.3, 1.0])
def test_against_merging_pair_by_pair(chord):
    points = np.random.default_rng(1).standard_normal((40, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    labels = np.arange(40)
    for i in range(40):
        for j in range(i):
            if np.linalg.norm(points[i] - points[j]) <= chord:
                labels[labels == labels[i]] = labels[j]
    found = single_linkage(points, chord)
    assert np.array_equal(found[:, None] == found, labels[:, None] == labels)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.01, 1.5))
def test_clusters_do_not_see_rotation_or_order(seed, chord):
    generator = np.random.default_rng(seed)
    points = generator.standard_normal((12, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    order = generator.permutation(12)
    labels = single_linkage(points, chord)
    moved = single_linkage((points @ rotation(3, seed))[order], chord)
    assert np.array_equal(labels[order][:, None] == labels[order], moved[:, None] == moved)

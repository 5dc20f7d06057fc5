import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.attention import (
    MinimalEnergy,
    configuration_points,
    inner_products,
    sporadic_configurations,
    universal_configuration,
)
from fathometer.attention.model.minimal_energy._coordinates import neighbours
from fathometer.attention.predictions.minimal_energy._cosine_polynomials import gegenbauer_cosines
from fathometer.evidence import InputError

FAMILIES = [universal_configuration(*size) for size in [(2, 5), (4, 3), (9, 8), (5, 2), (8, 2), (6, 3), (16, 8)]]
ALL = [*FAMILIES, *sporadic_configurations()]
BY_NAME = pytest.mark.parametrize("one", ALL, ids=lambda one: f"{one.n}-{one.d}")


def moments(one, most):
    """Means of C_k over all pairs, which vanish up to the strength of a design."""
    angles = np.arccos(np.append(np.asarray(one.cosines, float), 1.0))
    values = np.cos(np.outer(angles, np.arange(most + 1))) @ np.asarray(gegenbauer_cosines(most, one.d), float)
    return np.append(one.counts, 1) @ values / one.n


@BY_NAME
def test_the_inner_products_are_those_of_a_design_of_the_stated_strength(one):
    assert sum(one.counts) == one.n - 1
    assert np.all(np.diff(np.asarray(one.cosines, float)) > 0)
    means = moments(one, one.strength + 1)[1:]
    assert_allclose(means[:-1], 0, atol=1e-13)
    assert means[-1] > 1e-7
    assert one.sharp == (one.strength >= 2 * len(one.cosines) - 1)


SIMPLE = [(3, 3), (4, 3), (9, 8), (5, 2), (6, 2), (6, 3), (16, 8)]
SINGLE = [(12, 3), (120, 4), (16, 5), (27, 6), (56, 7), (240, 8)]


@pytest.mark.parametrize("size", [*SIMPLE, *SINGLE])
def test_coordinates_have_the_inner_products(size):
    one = universal_configuration(*size)
    points = configuration_points(one)
    cosines, counts = inner_products(points)
    assert points.shape == size
    assert_allclose(np.linalg.norm(points, axis=1), 1, atol=1e-15)
    assert_allclose(cosines, np.asarray(one.cosines, float), atol=1e-14)
    assert_allclose(counts, one.counts, atol=0)


def test_other_sizes_have_none_and_large_ones_no_coordinates():
    assert universal_configuration(13, 3) is None
    assert universal_configuration(120, 5) is None
    with pytest.raises(InputError, match="small configurations only, not for minimal vectors of Leech's lattice"):
        configuration_points(universal_configuration(196560, 24))


@pytest.mark.parametrize(("size", "message"), [((1, 3, 1.0), "n must be >= 2"), ((3, 1, 1.0), "d must be >= 2")])
def test_the_problem_refuses_what_cannot_be(size, message):
    with pytest.raises(InputError, match=message):
        MinimalEnergy(*size)
    assert MinimalEnergy(2, 2, -1.0).beta == -1


def golay():
    """The 4096 words of the binary Golay code: the quadratic residues modulo 23 and a parity bit."""
    residues = {x * x % 23 for x in range(1, 23)}
    base = np.array([int(x in residues) for x in range(23)])
    rows = np.array([np.append(np.roll(base, k), 0) for k in range(23)])
    rows[:, 23] = rows.sum(axis=1) % 2
    reduced, pivot = rows % 2, 0
    for column in range(24):
        lines = np.flatnonzero(reduced[pivot:, column]) + pivot
        if len(lines):
            reduced[[pivot, lines[0]]] = reduced[[lines[0], pivot]]
            others = np.flatnonzero(reduced[:, column])
            reduced[others[others != pivot]] ^= reduced[pivot]
            pivot += 1
        if pivot == len(reduced):
            break
    basis = reduced[np.any(reduced, axis=1)]
    return np.array(list(itertools.product((0, 1), repeat=len(basis)))) @ basis % 2


def leech():
    """The 196560 vectors of norm 32 in units of 1/sqrt(8) (Conway and Sloane, chapter 4)."""
    words = golay()
    octads = words[words.sum(axis=1) == 8]
    even = np.array([s for s in itertools.product((-2, 2), repeat=8) if np.sum(np.array(s) < 0) % 2 == 0])
    of_octads = np.zeros((len(octads), len(even), 24), int)
    for i, octad in enumerate(octads):
        of_octads[i][:, np.flatnonzero(octad)] = even
    pairs = [
        a * 4 * np.eye(24, dtype=int)[i] + b * 4 * np.eye(24, dtype=int)[j]
        for i, j in itertools.combinations(range(24), 2)
        for a, b in itertools.product((-1, 1), repeat=2)
    ]
    ones = np.where(words[:, None] == 1, -1, 1) * np.where(np.eye(24, dtype=bool), -3, 1)[None]
    return np.vstack([of_octads.reshape(-1, 24), pairs, ones.reshape(-1, 24)])


@pytest.mark.slow
def test_leech_and_what_comes_from_it_exist_with_these_inner_products():
    """One row of products is enough where all points are alike; the smaller ones are looked at whole."""
    vectors = leech()
    assert vectors.shape == (196560, 24)
    products, counts = np.unique(vectors @ vectors[0], return_counts=True)
    top = universal_configuration(196560, 24)
    assert_allclose(products / 32, np.append(np.asarray(top.cosines, float), 1), atol=0)
    assert counts.tolist() == [*top.counts, 1]
    kissing = neighbours(vectors / np.sqrt(32), 0.5)
    third = neighbours(kissing, 1 / 3)
    for points in (kissing[:, :], third):
        one = universal_configuration(*points.shape)
        cosines, number = np.unique(np.round(points @ points[0], 9), return_counts=True)
        assert_allclose(cosines[:-1], np.asarray(one.cosines, float), atol=1e-8)
        assert number.tolist() == [*one.counts, 1]
    # 276 lines: pairs of vectors whose sum is a fixed vector of norm 48
    fixed = vectors[0] + vectors[np.flatnonzero(vectors @ vectors[0] == -8)[0]]
    on = vectors[vectors @ fixed == 24] - fixed / 2
    lines = on / np.linalg.norm(on, axis=1, keepdims=True)
    basis = np.linalg.svd(lines, full_matrices=False)[2][:23]
    lines = lines @ basis.T
    chain = [lines, (mc := neighbours(lines, 1 / 5)), neighbours(mc, 1 / 6), neighbours(mc, -1 / 4)]
    assert [points.shape for points in chain] == [(552, 23), (275, 22), (162, 21), (112, 21)]
    for points in chain:
        one, (cosines, number) = universal_configuration(*points.shape), inner_products(points)
        assert_allclose(cosines, np.asarray(one.cosines, float), atol=1e-9)
        assert_allclose(number, one.counts)

"""Certificates after the start: never above the truth, exact in the limit, and where they fail."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.deep_linear import (
    DeepLinear,
    MultiOutput,
    MultiOutputRegression,
    Regression,
    Way,
    descent_certificates,
    excess_over_certifiable,
    excess_risk,
    flow_certificates,
    gradient,
    multi_output_gradient,
    multi_output_sharpness,
    nearest_minimizer,
    reduced_spectrum,
    tangent_kernel,
)
from fathometer.deep_linear.model._curvature import whitened_kernel
from fathometer.deep_linear.predictions.certificate._ball import ball_around
from fathometer.evidence import InputError


def random_case(g, scale=None):
    """A network of any kind and weights on the way to a minimizer, each W_k with one batch axis."""
    d, depth, rank_lost = int(g.integers(1, 5)), int(g.integers(1, 6)), g.random() < 0.3
    rank = int(g.integers(1, d + 1)) if rank_lost else d
    X = g.normal(size=(12, rank)) @ g.normal(size=(rank, d))
    data = Regression.from_data(X, X @ g.normal(size=d) + 0.3 * g.normal(size=12))
    if g.random() < 0.4:
        problem = DeepLinear(data, depth, g.normal(size=d))
        start = [np.eye(d) + 0.4 * g.normal(size=(d, d)) for _ in range(depth)]
    else:
        problem, size = DeepLinear(data, depth), g.uniform(0.4, 1.3)
        widths = [d, *map(int, g.integers(1, 6, size=depth - 1)), 1]
        start = [size * g.normal(size=(b, a)) for a, b in pairwise(widths)]
    start = [matrix[None] for matrix in start]
    share = 10 ** g.uniform(-4, 0) if scale is None else scale
    there = nearest_minimizer(problem, start)
    return problem, tuple(m + share * (w - m) for w, m in zip(start, there, strict=True))


def worst_move(matrix, radius, smallest):
    """The move of Frobenius norm `radius` that changes the largest or the smallest singular value most."""
    u, s, vt = np.linalg.svd(matrix)
    k = len(s) - 1 if smallest else 0
    return (-1 if smallest else 1) * radius * np.outer(u[:, k], vt[k])


def assert_ball_holds(g, problem, weights, radius):
    """No move within the radius changes the kernel, the constant or the curvature by more than is said."""
    ball, at = ball_around(problem, weights), np.array([radius])
    own, kernel = [matrix[0] for matrix in weights], tangent_kernel(problem, [matrix[0] for matrix in weights])
    rank, change = problem.regression.read_factor.rank, ball.change(at)[0]
    floor = max(ball.by_products(at)[0], ball.by_kernel(at)[0])
    top = np.linalg.eigvalsh(ball.kernel[0])[-1] + ball.curvature[1] * change
    for turn in range(4):
        moves = [g.normal(size=matrix.shape) for matrix in own]
        moves = [radius * move / np.linalg.norm(move) for move in moves]
        if turn < 2:
            moves = [worst_move(matrix, radius, bool(turn)) for matrix in own]
        moved = [matrix + move for matrix, move in zip(own, moves, strict=True)]
        assert np.linalg.norm(tangent_kernel(problem, moved) - kernel, 2) <= change * (1 + 1e-12)
        spectrum = np.linalg.eigvalsh(whitened_kernel(problem, moved))
        slowest = spectrum[problem.regression.dimension - rank]
        assert ball.curvature[0] * floor <= slowest * (1 + 1e-9) + 1e-13 * spectrum[-1]
        if excess_risk(problem, moved) <= ball.root[0] ** 2:
            assert reduced_spectrum(problem, moved)[-1] <= 2 * top + ball.residual_curvature(at)[0] * (1 + 1e-12)


def descended(problem, weights, step, count):
    """States of descent, W_k of shape (count + 1, d_k, d_{k-1})."""
    states = [weights]
    for _ in range(count):
        slopes = gradient(problem, states[-1])
        states.append(tuple(w - step * g for w, g in zip(states[-1], slopes, strict=True)))
    return tuple(np.concatenate(layer) for layer in zip(*states, strict=True))


def assert_descent_obeys(problem, layers, step, chosen):
    """From certified states on: the risk under the exponential, the layers in the ball, the sharpness enclosed."""
    found, excess = descent_certificates(problem, layers, step), excess_risk(problem, layers)
    ends = [matrix[-1:] for matrix in layers]
    sharpness = 2 * np.linalg.eigvalsh(whitened_kernel(problem, nearest_minimizer(problem, ends)))[0, -1]
    for index in chosen if np.any(found.holds) else ():
        index = max(index, int(np.argmax(found.holds)))
        if not found.holds[index]:
            continue
        steps = np.arange(float(len(excess) - index))
        assert np.all(excess[index:] <= found.excess_after(steps, index))
        moved = max(np.linalg.norm(layer[index:] - layer[index], axis=(1, 2)).max() for layer in layers)
        assert moved <= found.radius[index] * (1 + 1e-9) + 1e-14
        if excess[-1] <= 1e-20 * max(problem.regression.explained, 1e-300):
            assert found.lowest[index] * (1 - 1e-8) <= sharpness <= found.highest[index] * (1 + 1e-8)
    return bool(np.any(found.holds))


def test_no_move_in_a_ball_breaks_its_bounds():
    g = np.random.default_rng(1)
    for _ in range(6):
        assert_ball_holds(g, *random_case(g), 10 ** g.uniform(-3, 0))


@pytest.mark.slow
def test_no_move_in_many_balls_breaks_its_bounds():
    g = np.random.default_rng(2)
    for _ in range(150):
        assert_ball_holds(g, *random_case(g), 10 ** g.uniform(-3, 0))


@pytest.mark.parametrize("count", [2, pytest.param(30, marks=pytest.mark.slow)])
def test_certified_descent_is_never_slower_nor_sharper_than_proved(count):
    g, certified = np.random.default_rng(3), 0
    for _ in range(count):
        problem, weights = random_case(g)
        top = 2 * np.linalg.eigvalsh(whitened_kernel(problem, weights))[0, -1]
        step = g.uniform(0.1, 1.9) / top if top > 0 else 0.1
        with np.errstate(over="ignore", invalid="ignore"):
            layers = descended(problem, weights, step, 300)
        if all(np.all(np.abs(layer) < 1e6) for layer in layers):
            certified += assert_descent_obeys(problem, layers, step, (0, 100, int(g.integers(300))))
    assert certified >= count / 4


def test_one_layer_is_certified_from_anywhere_at_the_exact_rate():
    data = Regression(np.diag([1.0, 0.25]), np.array([1.0, -2.0]))
    problem, weights = DeepLinear(data, 1), (np.full((1, 1, 2), 50.0),)
    found = flow_certificates(problem, weights)
    assert_allclose([found.rate[0], found.lowest[0], found.highest[0]], [1.0, 2.0, 2.0], rtol=1e-12)
    assert excess_over_certifiable(problem, [weights[0][0]]) <= 1
    steps = descent_certificates(problem, weights, 0.5)
    assert steps.holds[0]
    assert_allclose(steps.rate[0], -np.log1p(-0.5 * 0.5 * 1.0), rtol=1e-9)
    assert not descent_certificates(problem, weights, 1.01).holds[0]
    assert excess_over_certifiable(problem, [weights[0][0]], 1.01) == np.inf
    with pytest.raises(InputError, match="step"):
        descent_certificates(problem, weights, 0.0)


def test_the_enclosure_becomes_exact_next_to_a_minimizer():
    g = np.random.default_rng(5)
    data = Regression(np.array([[3.0, 1, 0], [1, 2, 0.5], [0, 0.5, 1]]), np.array([1.0, -2, 0.5]))
    problem = DeepLinear(data, 3)
    far = [g.normal(size=shape)[None] for shape in ((2, 3), (2, 2), (1, 2))]
    near = [m + 1e-10 * (w - m) for w, m in zip(far, nearest_minimizer(problem, far), strict=True)]
    spectrum = 2 * np.linalg.eigvalsh(whitened_kernel(problem, near))[0]
    found = flow_certificates(problem, near)
    assert_allclose([found.lowest[0], found.highest[0]], spectrum[-1], rtol=1e-6)
    assert_allclose(found.rate[0], 2 * spectrum[0], rtol=1e-6)
    narrow = [g.normal(size=shape)[None] for shape in ((1, 3), (2, 1), (1, 2))]
    narrow = [m + 1e-10 * (w - m) for w, m in zip(narrow, nearest_minimizer(problem, narrow), strict=True)]
    assert flow_certificates(problem, narrow, ways=[Way.KERNEL]).holds[0]
    assert not flow_certificates(problem, narrow, ways=[Way.PRODUCTS]).holds[0]
    blurred = flow_certificates(problem, near, moved=1e-6)
    assert blurred.highest[0] - blurred.lowest[0] > 10 * (found.highest[0] - found.lowest[0])
    assert not flow_certificates(problem, far).holds[0]
    assert excess_over_certifiable(problem, [w[0] for w in far]) > 1


def test_without_data_in_a_direction_the_other_directions_are_certified():
    problem = DeepLinear(Regression(np.diag([0.0, 1, 2]), np.array([0.0, 1, 1])), 2)
    weights = nearest_minimizer(problem, [np.array([[[0.5, 0.4, 0.2]]]), np.array([[[0.9]]])])
    near = tuple(matrix + 1e-6 for matrix in weights)
    found, spectrum = flow_certificates(problem, near), 2 * np.linalg.eigvalsh(whitened_kernel(problem, near))[0]
    assert_allclose(found.rate[0], 2 * spectrum[1], rtol=1e-2)
    nothing = DeepLinear(Regression(np.zeros((2, 2)), np.zeros(2)), 2)
    assert not flow_certificates(nothing, [np.ones((1, 2, 2)), np.ones((1, 1, 2))]).holds[0]


def test_several_outputs_are_certified_too():
    data = MultiOutputRegression(np.diag([1.0, 0.5]), np.array([[2.0, 1], [0, 1]]))
    problem = MultiOutput(data, 2)
    layers = (np.array([[1.5, 0.6], [-0.2, 0.8], [0.1, 0.3]]), np.array([[1.2, 0.1, 0.2], [0.2, 1.1, -0.1]]))
    states = [layers]
    for _ in range(300):
        layers = tuple(w - 0.1 * s for w, s in zip(layers, multi_output_gradient(problem, layers), strict=True))
        states.append(layers)
    many = tuple(np.stack(layer) for layer in zip(*states, strict=True))
    gap = many[1] @ many[0] - data.M_star
    excess = np.einsum("tij,jk,tik->t", gap, data.sigma, gap)
    found = descent_certificates(problem, many, 0.1)
    first = int(np.argmax(found.holds))
    assert 0 < first < 250
    assert np.all(excess[first:] <= found.excess_after(np.arange(float(len(excess) - first)), first))
    sharpness = float(multi_output_sharpness(problem, layers).value)
    assert found.lowest[first] <= sharpness <= found.highest[first]
    assert_allclose([found.lowest[-1], found.highest[-1]], sharpness, rtol=1e-6)

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from fathometer.deep_linear import BlockBounds, DeepLinear, Regression, ResidualStart, block_bounds
from fathometer.deep_linear.model.data._paper_data import paper_readout, paper_samples
from fathometer.evidence import InputError
from tests.oracles.deep_linear import READOUT, network


def all_products(layers):
    """Every block W_k ... W_j, and whether it is a prefix or a suffix."""
    for low in range(len(layers)):
        block = np.eye(layers[0].shape[1])
        for high in range(low, len(layers)):
            block = layers[high] @ block
            yield block, low == 0 or high == len(layers) - 1


@pytest.mark.parametrize("depth", [1, 2, 5, 9])
def test_block_bounds_are_those_of_all_blocks(depth):
    layers = np.eye(4) + 0.3 * np.random.default_rng(depth).standard_normal((depth, 4, 4))
    values = [(np.linalg.svd(block, compute_uv=False), outer) for block, outer in all_products(layers)]
    bounds = block_bounds(layers)
    assert bounds.largest == pytest.approx(max(1.0, *(value[0] for value, _ in values)), rel=1e-12)
    assert bounds.smallest == pytest.approx(min(1.0, *(value[-1] for value, outer in values if outer)), rel=1e-10)


@pytest.mark.parametrize("depth", [1, 2, 10, 1000])
def test_from_the_identity_the_constants_are_powers(depth):
    ones = np.ones(depth)
    for radius in (0.0, 1e-12, 1 / 6, 0.9):
        bounds = BlockBounds(1.0, 1.0, ones, ones)
        assert bounds.lower(radius) == pytest.approx((1 - radius / depth) ** depth, rel=1e-9)
        assert bounds.upper(radius) == pytest.approx((1 + radius / depth) ** depth, rel=1e-9)
    assert BlockBounds(1.0, 1.0, ones, ones).lower(1e-12) < 1


def test_the_best_radius_from_the_identity_tends_to_a_sixth():
    deep = block_bounds(np.tile(np.eye(2), (200, 1, 1)))
    assert deep.best_radius() == pytest.approx(1 / 6, abs=1e-3)
    assert deep.reach(deep.best_radius()) == pytest.approx(math.exp(-1) / 6, rel=2e-3)


def test_the_constants_of_a_gaussian_draw():
    """4.11 (b): C0 = 1.131 and c0 = 0.899 give the best rho 0.102, c = 0.761 and C = 1.269."""
    bounds = BlockBounds(0.899, 1.131, np.zeros(12), np.full(12, 3.0))
    radius = bounds.best_radius()
    assert radius == pytest.approx(0.102, abs=5e-4)
    assert bounds.lower(radius) == pytest.approx(0.761, abs=1e-3)
    assert bounds.upper(radius) == pytest.approx(1.269, abs=1e-3)


@given(st.integers(1, 6), st.floats(0, 0.5), st.floats(1e-3, 1.0), st.integers(0, 2**31))
@settings(max_examples=60, deadline=None)
def test_no_perturbation_in_the_tube_leaves_the_bounds(depth, scale, radius, seed):
    generator = np.random.default_rng(seed)
    layers = np.eye(3) + scale * generator.standard_normal((depth, 3, 3)) / math.sqrt(3 * depth)
    bounds = block_bounds(layers)
    shift = generator.standard_normal((depth, 3, 3))
    moved = layers + radius / depth * shift / np.linalg.norm(shift, axis=(1, 2), keepdims=True)
    for block, outer in all_products(moved):
        values = np.linalg.svd(block, compute_uv=False)
        if outer:
            assert bounds.lower(radius) <= values[-1] * (1 + 1e-12)
            assert values[0] <= bounds.upper(radius) * (1 + 1e-12)


def test_the_bounds_are_tight_from_the_identity():
    moved = np.tile((1 - 0.1 / 4) * np.eye(1), (4, 1, 1))
    bounds = block_bounds(np.ones((4, 1, 1)))
    assert bounds.lower(0.1) == pytest.approx(np.prod(moved), rel=1e-14)


@pytest.mark.parametrize("scale", [0.5, 2.0, 10.0])
def test_the_best_radius_is_the_best(scale):
    bounds = block_bounds(np.tile(scale * np.eye(3), (4, 1, 1)))
    reaches = [bounds.reach(radius) for radius in np.geomspace(1e-6, 100, 3000)]
    assert bounds.reach(bounds.best_radius()) >= max(reaches) * (1 - 1e-9)


def test_huge_products_overflow_nowhere():
    bounds = block_bounds(np.tile(1e3 * np.eye(2), (60, 1, 1)))
    assert 0 < bounds.largest < math.inf
    assert bounds.reach(1.0) == 0
    assert bounds.upper(1e8) == math.inf


def test_a_singular_product_leaves_no_radius():
    layers = np.stack([np.eye(2), np.diag([1.0, 0.0])])
    assert block_bounds(layers).best_radius() == 0


def test_the_paper_is_outside_by_three_orders_of_magnitude():
    """3.1: R(0) - R_min = 1.97634 at scale 0, where 0.0613^2 lambda^2 / Lambda = 8.4e-4 is allowed."""
    problem = DeepLinear(paper_samples("overdetermined").regression, 10, paper_readout())
    start = ResidualStart(problem, (np.eye(5),) * 10)
    assert start.excess == pytest.approx(1.97634, abs=1e-5)
    assert start.allowed_excess == pytest.approx(8.4e-4, rel=1e-2)
    assert start.excess / start.allowed_excess == pytest.approx(2361, abs=1)


def test_a_start_travels_with_its_radius():
    start = ResidualStart(network(2, READOUT), (np.eye(3), np.diag([1.0, 1.1, 0.9])))
    again = ResidualStart.from_json(json.loads(json.dumps(start.to_json())))
    assert again == start
    assert again.radius == start.radius > 0


def test_the_motion_bound_is_the_radius_at_the_edge():
    start = ResidualStart(network(3, READOUT), (np.eye(3),) * 3)
    edge = start.layer_motion * math.sqrt(start.allowed_excess / start.excess)
    assert edge == pytest.approx(start.radius / 3, rel=1e-12)


@pytest.mark.parametrize(
    ("problem", "weights", "radius", "message"),
    [
        (network(2), (np.eye(3),) * 2, None, "a residual network must have a readout"),
        (network(2, READOUT), (np.ones((4, 3)), np.ones((3, 4))), None, r"W_1 must have shape \(3, 3\), got \(4, 3\)"),
        (network(2, READOUT), (np.eye(3),) * 3, None, "weights must be 2 matrices, got 3"),
        (network(2, READOUT), (np.eye(3),) * 2, -0.1, "radius must be >= 0, got -0.1"),
        (network(1, READOUT), (np.full((3, 3), np.nan),), None, "W_1 must be finite"),
        (network(1, READOUT), (np.ones((2, 3, 3)),), None, "W_1 must have shape"),
    ],
)
def test_bad_starts_are_refused(problem, weights, radius, message):
    with pytest.raises(InputError, match=message):
        ResidualStart(problem, weights, radius)


def test_zero_data_allow_nothing():
    problem = DeepLinear(Regression(np.zeros((2, 2)), np.ones(2)), 2, np.ones(2))
    assert ResidualStart(problem, (np.eye(2),) * 2).allowed_excess == 0

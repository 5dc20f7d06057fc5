import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.deep_linear import DeepLinear, Regression, Training, descend_batch, gradient
from fathometer.deep_linear.model._padded_weights import pack, unpack


@pytest.mark.parametrize("width", [8, 9, 12, 32, 33])
def test_both_ways_to_sum_give_the_same_step(width):
    """Sums are written out for widths 9 to 32; the inputs and hidden layers are on either side of that."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(60, 10))
    problem = DeepLinear(Regression.from_data(X, X @ rng.normal(size=10)), 4)
    shapes = ((width, 10), (width, width), (5, width), (1, 5))
    weights = [rng.normal(size=shape) / np.sqrt(shape[1]) for shape in shapes]
    run = descend_batch(problem, weights, [0.01, 0.02], Training(1))
    slopes = gradient(problem, weights)
    for i, step in enumerate((0.01, 0.02)):
        for after, before, slope in zip(run.weights, weights, slopes, strict=True):
            assert_allclose(after[i], before - step * slope, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("shapes", [((3, 4),), ((2, 4), (1, 2)), ((2, 4), (5, 2), (3, 5), (1, 3))])
def test_packing_is_undone(shapes):
    rng = np.random.default_rng(0)
    weights = tuple(rng.normal(size=(6, *shape)) for shape in shapes)
    for found, expected in zip(unpack(pack(weights), weights), weights, strict=True):
        assert np.array_equal(found, expected)

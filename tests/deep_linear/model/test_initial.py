import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.deep_linear import DeepLinear, Initial, InitialKind, Regression, product
from fathometer.evidence import InputError
from tests.oracles.deep_linear import PLAIN, READOUT, W_STAR, cosines, network


def test_gaussian_weights_have_the_scale_as_standard_deviation():
    weights = Initial.parse("gaussian:0.3").draw(network(3), (7, 4), 3000, 1)
    assert [matrix.shape[1:] for matrix in weights] == [(7, 3), (4, 7), (1, 4)]
    for matrix in weights:
        assert_allclose(matrix.std(), 0.3, rtol=0.02)
        assert_allclose(np.mean(matrix**4), 3 * 0.3**4, rtol=0.1)


def test_residual_weights_are_close_to_the_identity():
    problem = network(5, READOUT)
    weights = Initial.parse("residual:0.5").draw(problem, 3, 4000, 1)
    for matrix in weights:
        noise = matrix - np.eye(3)
        assert_allclose(noise.std(), 0.5 / np.sqrt(15), rtol=0.02)
        assert abs(noise.mean()) < 0.01
    still = Initial.parse("residual:0").draw(problem, 3, 1, 0)
    assert_allclose(product([matrix[0] for matrix in still], READOUT), READOUT)


@pytest.mark.parametrize("kind", ["balanced", "spectral"])
@pytest.mark.parametrize("readout", [None, READOUT])
@pytest.mark.parametrize("depth", [1, 2, 4])
def test_balanced_weights_have_no_imbalance(kind, readout, depth):
    problem = network(depth, readout)
    weights = Initial(InitialKind(kind), 0.4).draw(problem, 3, 2, 5)
    for i in range(2):
        one = [matrix[i] for matrix in weights]
        for after, before in zip(one[1:], one[:-1], strict=True):
            assert_allclose(after.T @ after, before @ before.T, atol=1e-15)
        assert_allclose([np.linalg.norm(matrix) for matrix in one], 0.4, rtol=1e-12)
        w = product(one, readout)
        assert_allclose(np.linalg.norm(w), 0.4**depth * np.linalg.norm(problem.output), rtol=1e-12)
        along = w @ W_STAR / np.linalg.norm(w) / np.linalg.norm(W_STAR)
        assert (abs(along - 1) < 1e-12) == (kind == "spectral")
    assert not np.allclose(weights[0][0], weights[0][1]) or (kind == "spectral" and depth == 1)


def test_cosines_are_the_fixed_instance():
    for found, expected in zip(Initial.parse("cosine:1").draw(network(4), 3, 2, 0), cosines(PLAIN), strict=True):
        assert_allclose(found[1], expected, rtol=1e-15)


def test_a_start_is_decided_by_its_seed():
    draw = Initial.parse("gaussian:1").draw
    first, same, other = (draw(network(2), 3, 1, seed) for seed in (1, 1, (1, 2)))
    assert np.array_equal(first[0], same[0])
    assert not np.allclose(first[0], other[0])
    assert str(Initial.parse("gaussian:0.30")) == "gaussian:0.3"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gaussian", "init must be KIND:SCALE such as gaussian:0.3, got 'gaussian'"),
        ("uniform:1", "init must be one of gaussian, residual, balanced, spectral, cosine, got 'uniform'"),
        ("gaussian:x", "scale must be a number, got 'x'"),
        ("gaussian:-1", "scale must be >= 0, got -1"),
        ("gaussian:nan", "scale"),
        ("balanced:0", "scale must be > 0 for balanced weights, got 0"),
    ],
)
def test_bad_texts_are_refused(text, message):
    with pytest.raises(InputError, match=message):
        Initial.parse(text)


def test_weights_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="residual weights need a network with a readout"):
        Initial.parse("residual:1").draw(network(2), 3, 1, 0)
    with pytest.raises(InputError, match="residual weights need all widths equal to the 3 inputs"):
        Initial.parse("residual:1").draw(network(2, READOUT), 4, 1, 0)
    with pytest.raises(InputError, match="spectral weights need a w_star that is not zero"):
        Initial.parse("spectral:1").draw(DeepLinear(Regression(np.eye(2), np.zeros(2)), 2), 2, 1, 0)
    with pytest.raises(InputError, match="count must be >= 1"):
        Initial.parse("gaussian:1").draw(network(2), 3, 0, 0)

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree
from numpy.testing import assert_allclose

from fathometer.deep_linear import gelu_risk, hessian_ends, layer_hessian_ends, reduced_spectrum
from fathometer.evidence import InputError, Kind
from tests.oracles.deep_linear import UNEVEN, cosines, network, paper_data, risk


def gelu_case():
    X, y = paper_data()
    weights = [jnp.asarray(0.6 * matrix) for matrix in cosines(((5, 5), (6, 5), (5, 6), (1, 5)))]
    return lambda layers: gelu_risk(layers, (jnp.asarray(X), jnp.asarray(y))), weights


def dense(loss, parameters):
    flat, unravel = ravel_pytree(parameters)
    return np.linalg.eigvalsh(jax.hessian(lambda v: loss(unravel(v)))(flat))


def test_all_parameters_of_a_gelu_network():
    loss, weights = gelu_case()
    values, ends = dense(loss, weights), hessian_ends(loss, weights)
    assert values[0] < -1e-3
    assert_allclose([ends.smallest.value, ends.largest.value], values[[0, -1]], rtol=1e-8)
    assert ends.largest.kind is Kind.HEURISTIC
    assert ends.largest.upper - ends.largest.value < 1e-6


def test_a_deep_linear_network_agrees_with_the_reduced_matrix():
    problem, weights = network(4), [jnp.asarray(matrix) for matrix in cosines(UNEVEN)]
    ends = hessian_ends(lambda layers: risk(problem, layers), weights)
    values = reduced_spectrum(problem, weights)
    assert_allclose([ends.smallest.value, ends.largest.value], values[[0, -1]], rtol=1e-8)
    assert_allclose(ends.largest.value, 79.3314279475054, rtol=1e-8)
    assert_allclose(ends.smallest.value, -45.4873653065126, rtol=1e-8)


def test_one_layer_at_a_time():
    loss, weights = gelu_case()
    named = {"first": weights[0], "others": weights[1:]}
    flat = lambda p: loss([p["first"], *p["others"]])  # noqa: E731
    found = layer_hessian_ends(flat, named)
    assert list(found) == ["['first']", "['others'][0]", "['others'][1]", "['others'][2]"]
    for k, ends in enumerate(found.values()):
        alone = lambda layer, k=k: loss([*weights[:k], layer, *weights[k + 1 :]])  # noqa: E731
        assert_allclose([ends.smallest.value, ends.largest.value], dense(alone, weights[k])[[0, -1]], atol=1e-10)


def test_a_scalar_parameter_and_single_precision():
    assert hessian_ends(lambda x: 3 * x**2, jnp.asarray(2.0)).largest.value == 6
    loss, weights = gelu_case()
    single = [matrix.astype(jnp.float32) for matrix in weights]
    low = hessian_ends(lambda layers: loss([m.astype(jnp.float64) for m in layers]), single, tolerance=1e-5)
    assert_allclose(low.largest.value, hessian_ends(loss, weights).largest.value, rtol=1e-4)


def test_bad_parameters_are_refused():
    with pytest.raises(InputError, match=r"parameter \['k'\] must be floating-point, got int"):
        hessian_ends(lambda p: p["k"] ** 2, {"k": jnp.asarray(2)})
    with pytest.raises(InputError, match="at least one number"):
        hessian_ends(lambda p: jnp.zeros(()), {})
    with pytest.raises(InputError, match="Hessian must be finite"):
        hessian_ends(lambda p: jnp.sum(p**0.5), jnp.zeros(3))

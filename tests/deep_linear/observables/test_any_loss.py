import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree
from numpy.testing import assert_allclose

from fathometer.deep_linear import gelu_risk, hessian_ends, layer_hessian_ends, reduced_spectrum
from fathometer.evidence import InputError, Kind
from fathometer.numerics import SearchEnd
from tests.oracles.deep_linear import UNEVEN, cosines, network, paper_data, risk


def gelu_case():
    X, y = paper_data()
    weights = [jnp.asarray(0.6 * matrix) for matrix in cosines(((5, 5), (6, 5), (5, 6), (1, 5)))]
    return lambda layers: gelu_risk(layers, (jnp.asarray(X), jnp.asarray(y))), weights


def dense(loss, parameters):
    flat, unravel = ravel_pytree(parameters)
    return np.linalg.eigvalsh(jax.hessian(lambda v: loss(unravel(v)))(flat))


@pytest.mark.slow
def test_all_parameters_of_a_gelu_network():
    loss, weights = gelu_case()
    values, ends = dense(loss, weights), hessian_ends(loss, weights)
    assert values[0] < -1e-3
    assert_allclose([ends.smallest.value, ends.largest.value], values[[0, -1]], rtol=1e-8)
    assert ends.largest.kind is Kind.SAMPLED
    assert ends.largest.confidence == 1 - 1e-6
    assert ends.converged
    assert ends.largest.upper - ends.largest.value < 2e-6


def test_a_deep_linear_network_agrees_with_the_reduced_matrix():
    problem, weights = network(4), [jnp.asarray(matrix) for matrix in cosines(UNEVEN)]
    ends = hessian_ends(lambda layers: risk(problem, layers), weights)
    values = reduced_spectrum(problem, weights)
    assert_allclose([ends.smallest.value, ends.largest.value], values[[0, -1]], rtol=1e-8)
    assert_allclose(ends.largest.value, 79.3314279475054, rtol=1e-8)
    assert_allclose(ends.smallest.value, -45.4873653065126, rtol=1e-8)


@pytest.mark.slow
def test_one_layer_at_a_time():
    loss, weights = gelu_case()
    named = {"first": weights[0], "others": weights[1:]}
    flat = lambda p: loss([p["first"], *p["others"]])  # noqa: E731
    found = layer_hessian_ends(flat, named)
    assert list(found) == ["['first']", "['others'][0]", "['others'][1]", "['others'][2]"]
    for k, ends in enumerate(found.values()):
        alone = lambda layer, k=k: loss([*weights[:k], layer, *weights[k + 1 :]])  # noqa: E731
        assert_allclose([ends.smallest.value, ends.largest.value], dense(alone, weights[k])[[0, -1]], atol=1e-10)


@pytest.mark.slow
def test_a_scalar_parameter_and_single_precision():
    assert hessian_ends(lambda x: 3 * x**2, jnp.asarray(2.0)).largest.value == 6
    loss, weights = gelu_case()
    single = [matrix.astype(jnp.float32) for matrix in weights]
    low = hessian_ends(lambda layers: loss([m.astype(jnp.float64) for m in layers]), single, tolerance=1e-5)
    exact = hessian_ends(loss, weights)
    assert_allclose(low.largest.value, exact.largest.value, rtol=1e-4)
    assert low.largest.lower <= exact.largest.value <= low.largest.upper
    assert low.smallest.lower <= exact.smallest.value <= low.smallest.upper
    assert not hessian_ends(lambda layers: loss([m.astype(jnp.float64) for m in layers]), single).converged


@pytest.mark.parametrize("used", [10, 40, 300])
def test_parameters_that_the_loss_does_not_use_count_as_zeros(used):
    parameters = {"used": jnp.ones(used), "unused": jnp.ones(40), "dead": jnp.full(40, -1.0)}
    ends = hessian_ends(lambda p: jnp.sum(p["used"] ** 2) + jnp.sum(jax.nn.relu(p["dead"])), parameters)
    assert ends.converged
    for end, value in ((ends.smallest, 0.0), (ends.largest, 2.0)):
        assert_allclose(end.value, value, atol=1e-14)
        assert end.lower <= value <= end.upper


def test_weight_decay_on_one_layer_alone():
    """The other layer is where the Hessian is exactly zero; each layer's own block is a multiple of the identity."""
    parameters = {"decayed": jnp.ones((20, 5)), "free": jnp.ones((30, 5))}
    loss = lambda p: 0.05 * jnp.sum(p["decayed"] ** 2)  # noqa: E731
    ends, blocks = hessian_ends(loss, parameters), layer_hessian_ends(loss, parameters)
    assert_allclose([ends.smallest.value, ends.largest.value], [0, 0.1], atol=1e-15)
    for path, value in (("['decayed']", 0.1), ("['free']", 0.0)):
        assert_allclose([blocks[path].smallest.value, blocks[path].largest.value], value, atol=1e-15)


@pytest.mark.slow
def test_a_search_that_is_cut_short_says_so():
    loss, weights = gelu_case()
    values, ends = dense(loss, weights), hessian_ends(loss, weights, products=3)
    assert (ends.ended, ends.products, ends.converged) == (SearchEnd.PRODUCTS, 3, False)
    assert ends.smallest.lower <= values[0] <= ends.smallest.upper
    assert ends.largest.lower <= values[-1] <= ends.largest.upper


def test_bad_parameters_are_refused():
    with pytest.raises(InputError, match=r"parameter \['k'\] must be floating-point, got int"):
        hessian_ends(lambda p: p["k"] ** 2, {"k": jnp.asarray(2)})
    with pytest.raises(InputError, match="at least one number"):
        hessian_ends(lambda p: jnp.zeros(()), {})
    with pytest.raises(InputError, match="Hessian must be finite"):
        hessian_ends(lambda p: jnp.sum(p**0.5), jnp.zeros(3))
    with pytest.raises(InputError, match="the loss must be finite here, got nan"):
        hessian_ends(lambda p: jnp.sum(jnp.log(p)), jnp.full(3, -1.0))
    with pytest.raises(InputError, match="the loss must be finite here, got inf"):
        layer_hessian_ends(lambda p: jnp.sum(1 / p[0]), [jnp.zeros(3)])
    with pytest.raises(InputError, match=r"the loss must be a floating-point scalar, got float64 of shape \(3,\)"):
        hessian_ends(lambda p: p**2, jnp.ones(3))
    with pytest.raises(InputError, match="parameter array must be floating-point, got bfloat16; float32 or float64"):
        hessian_ends(lambda p: jnp.sum(p**2), jnp.ones(3, jnp.bfloat16))

"""Against dense matrices of the same loss by JAX itself."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from jax.flatten_util import ravel_pytree
from numpy.testing import assert_allclose

from fathometer.evidence import InputError
from fathometer.network import curvature, objective

RNG = np.random.default_rng(0)
X, y = RNG.standard_normal((24, 4)), RNG.integers(0, 3, 24)
PARAMETERS = {
    "first": {"bias": jnp.zeros(5), "kernel": jnp.asarray(RNG.standard_normal((4, 5)))},
    "last": jnp.asarray(RNG.standard_normal((5, 3))),
}


def network(parameters, rows):
    return jnp.tanh(rows @ parameters["first"]["kernel"] + parameters["first"]["bias"][None]) @ parameters["last"]


def cross_entropy(model, rows, labels):
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(model(rows)), labels[:, None], 1))


def squared(model, rows, labels):
    return jnp.mean((model(rows) - jax.nn.one_hot(labels, 3)) ** 2)


def flat_loss(loss):
    flat, unravel = ravel_pytree(PARAMETERS)
    return (lambda w: loss(lambda rows: network(unravel(w), rows), jnp.asarray(X), jnp.asarray(y))), flat


def jacobian():
    flat, unravel = ravel_pytree(PARAMETERS)
    return np.asarray(jax.jacobian(lambda w: network(unravel(w), jnp.asarray(X)))(flat)).reshape(24 * 3, -1)


def test_a_linear_network_has_the_hessian_of_its_rows():
    def linear(weights, rows):
        return rows @ weights

    def loss(model, rows, targets):
        return jnp.mean((model(rows) - targets) ** 2)

    of = objective((linear, jnp.ones(4)), loss, (X, 1.0 * y), chunk=12)
    residual = X.sum(axis=1) - y
    assert [block.name for block in of.blocks] == ["parameters"]
    assert_allclose(of.loss(), np.mean(residual**2))
    assert_allclose(of.loss(np.ones(4)), np.mean((2 * X.sum(axis=1) - y) ** 2))
    assert_allclose(of.gradient(), 2 * X.T @ residual / 24)
    for matrix in ("hessian", "ggn", "fisher"):
        assert_allclose(of.product(np.arange(4.0), matrix), 2 * X.T @ X @ np.arange(4.0) / 24)


@pytest.mark.slow
@pytest.mark.parametrize("loss", [cross_entropy, squared])
def test_loss_gradient_and_hessian_are_those_of_all_rows(loss):
    of, (function, flat) = objective((network, PARAMETERS), loss, (X, y), chunk=12), flat_loss(loss)
    assert [block.name for block in of.blocks] == ["first.bias", "first.kernel", "last"]
    assert_allclose(of.loss(), function(flat), rtol=1e-13)
    assert_allclose(of.gradient(), jax.grad(function)(flat), atol=1e-14)
    step = 0.1 * RNG.standard_normal(of.size)
    assert_allclose(of.loss(step), function(flat + step), rtol=1e-13)
    dense = np.stack([of.product(unit) for unit in np.eye(of.size)])
    assert_allclose(dense, jax.hessian(function)(flat), atol=1e-13)
    assert_allclose(of.parameters(), flat)


@pytest.mark.slow
def test_gauss_newton_and_fisher_by_their_formulas():
    J, logits = jacobian(), np.asarray(network(PARAMETERS, X))
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    S = np.zeros((24, 3, 24, 3))
    for row in range(24):
        S[row, :, row] = (np.diag(p[row]) - np.outer(p[row], p[row])) / 24
    exact = J.T @ S.reshape(72, 72) @ J
    for matrix in ("ggn", "fisher"):
        H = curvature((network, PARAMETERS), cross_entropy, (X, y), matrix=matrix, chunk=12)
        assert_allclose(np.stack([H(unit) for unit in np.eye(H.size)]), exact, atol=1e-13)
    H = curvature((network, PARAMETERS), squared, (X, y), matrix="fisher")
    assert_allclose(np.stack([H(unit) for unit in np.eye(H.size)]), J.T @ J * 2 / 72, atol=1e-13)


@pytest.mark.slow
def test_fisher_of_log_probabilities_and_of_a_loss_that_is_no_likelihood():
    def log_probabilities(parameters, rows):
        return jax.nn.log_softmax(network(parameters, rows))

    def picked(model, rows, labels):
        return -jnp.mean(jnp.take_along_axis(model(rows), labels[:, None], 1))

    same = curvature((network, PARAMETERS), cross_entropy, (X, y), matrix="fisher")
    other = curvature((log_probabilities, PARAMETERS), picked, (X, y), matrix="fisher")
    vector = RNG.standard_normal(same.size)
    assert_allclose(other(vector), same(vector), atol=1e-13)
    hinge = curvature((network, PARAMETERS), lambda m, r, t: jnp.mean(jnp.log1p(m(r) ** 2)), (X, y), matrix="fisher")
    with pytest.raises(InputError, match="finite"):
        hinge.extremes()


@pytest.mark.slow
def test_a_part_of_the_parameters_and_single_blocks():
    function, flat = flat_loss(cross_entropy)
    exact = np.asarray(jax.hessian(function)(flat))
    H = curvature((network, PARAMETERS), cross_entropy, (X, y), "first.*")
    assert_allclose(np.stack([H(unit) for unit in np.eye(25)]), exact[:25, :25], atol=1e-13)
    blocks = curvature((network, PARAMETERS), cross_entropy, (X, y)).blocks()
    for name, part in (("first.bias", slice(5)), ("first.kernel", slice(5, 25)), ("last", slice(25, 40))):
        assert_allclose(blocks[name].extremes().largest.value, np.linalg.eigvalsh(exact[part, part])[-1], rtol=1e-12)


@pytest.mark.slow
def test_an_array_that_is_there_twice_is_one_parameter():
    shared = jnp.asarray(RNG.standard_normal((4, 4)))

    def tied(parameters, rows):
        return jnp.tanh(rows @ parameters["in"]) @ parameters["out"]

    def loss(model, rows):
        return jnp.mean(model(rows) ** 2)

    H = curvature((tied, {"in": shared, "out": shared}), loss, X)
    exact = jax.hessian(lambda w: jnp.mean((jnp.tanh(X @ w) @ w) ** 2))(shared).reshape(16, 16)
    assert_allclose(np.stack([H(unit) for unit in np.eye(16)]), exact, atol=1e-13)


@pytest.mark.slow
def test_preconditioned_by_a_state_of_optax():
    zeros = jax.tree.map(jnp.zeros_like, PARAMETERS)
    untrained = optax.ScaleByAdamState(np.int32(0), zeros, zeros)
    with pytest.raises(InputError, match="no second moment for first"):
        curvature((network, PARAMETERS), cross_entropy, (X, y)).preconditioned((untrained, optax.EmptyState()))
    function = flat_loss(cross_entropy)[0]
    gradient = jax.grad(lambda p: cross_entropy(lambda rows: network(p, rows), jnp.asarray(X), jnp.asarray(y)))(
        PARAMETERS
    )
    state = optax.ScaleByAdamState(np.int32(1), zeros, jax.tree.map(lambda g: 0.01 * g**2, gradient))
    H = curvature((network, PARAMETERS), cross_entropy, (X, y)).preconditioned(state, eps=1e-4, beta2=0.99)
    flat = ravel_pytree(PARAMETERS)[0]
    root = np.sqrt(np.abs(np.asarray(ravel_pytree(gradient)[0])) + 1e-4)
    exact = np.linalg.eigvalsh(np.asarray(jax.hessian(function)(flat)) / np.outer(root, root))
    assert_allclose(H.extremes().largest.value, exact[-1], rtol=1e-10)


@pytest.mark.slow
def test_single_precision_is_summed_in_double():
    single = jax.tree.map(lambda a: a.astype(jnp.float32), PARAMETERS)
    of = objective((network, single), cross_entropy, (X, y), chunk=3)
    vector = RNG.standard_normal(of.size).astype(np.float32)
    image = of.product(vector)
    assert (of.dtype, image.dtype) == (np.float32, np.float64)
    exact = objective((network, PARAMETERS), cross_entropy, (X, y)).product(vector)
    assert_allclose(image, exact, atol=1e-5)


def half_way(model, rows, labels):
    """Only what is kept between the network and the loss is rounded; so that halves of the rows still add up."""
    return cross_entropy(lambda r: model(r).astype(jnp.bfloat16).astype(float), rows, labels)


@pytest.mark.parametrize(
    ("parameters", "loss", "data", "message"),
    [
        (PARAMETERS, lambda m, r, t: jnp.nan * jnp.mean(m(r)), (X, y), "loss must be finite here, got nan"),
        (PARAMETERS, lambda m, r, t: m(r), (X, y), "loss must be one number, got float64 of shape"),
        (PARAMETERS, lambda m, r, t: jnp.mean(jnp.round(m(r))), (X, y), "zero derivatives through round"),
        (PARAMETERS, half_way, (X, y), "float32 or float64, got bfloat16 on the way"),
        (PARAMETERS, lambda m, r, t: jnp.sum(m(r)), (X, y), "mean over the rows given"),
        (PARAMETERS, cross_entropy, (X[:, :3], y), "the loss fails on these rows: TypeError"),
        (PARAMETERS, cross_entropy, [], "at least one row"),
        (jax.tree.map(lambda a: a.astype(jnp.bfloat16), PARAMETERS), cross_entropy, (X, y), "float32 or all float64"),
        (PARAMETERS | {"last": jnp.zeros((5, 3), "f4")}, cross_entropy, (X, y), "float32 or all float64"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_one_line(parameters, loss, data, message):
    with pytest.raises(InputError, match=message):
        objective((network, parameters), loss, data)


@pytest.mark.slow
def test_mutants_of_a_hessian_are_seen():
    """Negative controls: the last batch alone, and a sum of outputs in the place of the loss."""
    function, flat = flat_loss(cross_entropy)
    exact = np.linalg.eigvalsh(np.asarray(jax.hessian(function)(flat)))[-1]
    found = curvature((network, PARAMETERS), cross_entropy, [(X[:20], y[:20]), (X[20:], y[20:])]).extremes()
    assert found.largest.lower <= exact <= found.largest.upper
    last = curvature((network, PARAMETERS), cross_entropy, (X[20:], y[20:])).extremes()
    outputs = curvature((network, PARAMETERS), lambda m, r, t: jnp.mean(jnp.sum(m(r), axis=1)), (X, y)).extremes()
    for mutant in (last, outputs):
        assert not mutant.largest.lower <= exact <= mutant.largest.upper

"""Watched trainings of JAX: by hand, around a transformation of optax, inside compiled code."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from fathometer.evidence import InputError
from fathometer.network.steps import EdgeRule, Watch, critical_step

X = np.random.default_rng(0).standard_normal((60, 5)).astype("f4")
Y = np.argmax(X[:, :3], axis=1)
START = {
    "first": 0.3 * np.random.default_rng(1).standard_normal((5, 6)).astype("f4"),
    "last": 0.3 * np.random.default_rng(2).standard_normal((6, 3)).astype("f4"),
}


def network(parameters, x):
    return jnp.tanh(x @ parameters["first"]) @ parameters["last"]


def loss(model, x, y):
    return optax.softmax_cross_entropy_with_integer_labels(model(x), y).mean()


def of_parameters(parameters, x, y):
    return loss(lambda rows: network(parameters, rows), x, y)


def trained(transformation, steps: int, compiled: bool):
    """Parameters after some steps of full-batch training."""

    def step(parameters, state):
        gradients = jax.grad(of_parameters)(parameters, X, Y)
        updates, state = transformation.update(gradients, state, parameters)
        return optax.apply_updates(parameters, updates), state

    step = jax.jit(step) if compiled else step
    parameters = jax.tree.map(jnp.asarray, START)
    state = transformation.init(parameters)
    for _ in range(steps):
        parameters, state = step(parameters, state)
    return parameters


def same(a, b) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True))


def exact_hessian(parameters) -> np.ndarray:
    flat, restored = jax.flatten_util.ravel_pytree(
        jax.tree.map(lambda leaf: jnp.asarray(leaf, jnp.float64), parameters)
    )
    return np.asarray(jax.hessian(lambda w: of_parameters(restored(w), X.astype(float), Y))(flat))


def exact_largest(parameters) -> float:
    return float(np.linalg.eigvalsh(exact_hessian(parameters))[-1])


def test_a_linear_model_at_its_edge():
    """Cheap to compile: the Hessian of least squares is known."""
    watch = Watch(lambda m, x, y: jnp.mean((m(x) - y) ** 2) / 2, (X, Y.astype("f4")), overhead=math.inf, products=5)
    hessian = X.T.astype(float) @ X / len(X)
    largest = np.linalg.eigvalsh(hessian)[-1]
    w = np.linalg.solve(hessian, X.T @ Y / len(X)) + 1e-2 * np.linalg.eigh(hessian)[1][:, -1]
    watch.step((lambda p, x: x @ p, w.astype("f4")), learning_rate=2 / largest, rule=EdgeRule.descent())
    moment = watch.history.moments[0]
    assert moment.edge.ratio.value == pytest.approx(1, rel=1e-4)
    assert moment.critical.lower <= 2 / largest <= moment.critical.upper
    assert moment.note == ""


@pytest.mark.slow
def test_a_loop_of_ones_own():
    watch = Watch(loss, (X, Y), every=2, overhead=math.inf, products=30)
    parameters = START
    for _ in range(3):
        watch.step((network, parameters), learning_rate=0.5, rule=EdgeRule.descent())
        parameters = jax.tree.map(lambda w, g: w - 0.5 * g, parameters, jax.grad(of_parameters)(parameters, X, Y))
        kept = watch.history.moments[-1]
    first, last = watch.history.moments
    assert (first.step, last.step) == (0, 2)
    largest = exact_largest(START)
    assert first.largest.lower <= largest * (1 + 1e-5)
    assert largest <= first.largest.upper * (1 + 1e-5)
    assert first.edge.ratio.value == pytest.approx(0.25 * largest, rel=1e-3)
    assert last.loss.value < first.loss.value
    assert kept.critical.lower > 0
    assert kept.note == ""


@pytest.mark.slow
@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("bound", [False, True])
def test_a_watched_transformation_trains_alike(compiled, bound):
    plain = optax.sgd(0.3, momentum=0.5)
    watch = Watch(loss if bound else of_parameters, (X, Y), every=4, overhead=math.inf, products=6)
    rule = EdgeRule.heavy_ball(0.5)
    watched = watch.wrap(plain, network if bound else None, learning_rate=0.3, rule=rule)
    assert same(trained(watched, 9, compiled), trained(plain, 9, compiled))
    watch.close()
    assert [moment.step for moment in watch.history.moments] == [0, 4, 8]
    assert watch.history.steps == 9
    for moment in watch.history.moments:
        assert moment.note == ""
        assert moment.edge.rule == rule
        assert moment.taken == 0.3


@pytest.mark.slow
@pytest.mark.parametrize("compiled", [False, True])
def test_adams_edge_in_optax_is_that_of_the_preconditioned_hessian(compiled):
    watch = Watch(loss, (X, Y), every=6, overhead=math.inf, products=30, critical=False)
    watched = watch.wrap(optax.adam(1e-2), network, learning_rate=1e-2, rule=EdgeRule.adam())
    with jax.numpy_dtype_promotion("standard"):  # optax's own Adam mixes formats
        trained(watched, 7, compiled)
    watch.close()
    start, later = watch.history.moments
    assert start.edge is None
    transformation = optax.adam(1e-2)
    parameters, state = jax.tree.map(jnp.asarray, START), transformation.init(START)
    with jax.numpy_dtype_promotion("standard"):
        for _ in range(6):
            updates, state = transformation.update(jax.grad(of_parameters)(parameters, X, Y), state, parameters)
            parameters = optax.apply_updates(parameters, updates)
    squares = np.concatenate([np.ravel(v) for v in jax.tree.leaves(state[0].nu)]).astype(float)
    scale = 1 / np.sqrt((1 - 0.9**6) * (np.sqrt(squares / (1 - 0.999**6)) + 1e-8))
    largest = np.linalg.eigvalsh(scale[:, None] * exact_hessian(parameters) * scale)[-1]
    assert later.edge.largest.value == pytest.approx(largest, rel=1e-3)
    assert later.edge.ratio.value == pytest.approx(1e-2 * largest / 38, rel=1e-3)


@pytest.mark.slow
def test_looks_beside_a_scan_are_of_the_parameters_of_their_step():
    plain = optax.sgd(0.3)
    watch = Watch(of_parameters, (X, Y), every=5, overhead=math.inf, products=30, critical=False)
    watched = watch.wrap(plain)

    def body(carry, _):
        parameters, state = carry
        updates, state = watched.update(jax.grad(of_parameters)(parameters, X, Y), state, parameters)
        return (optax.apply_updates(parameters, updates), state), None

    start = jax.tree.map(jnp.asarray, START)
    jax.jit(lambda carry: jax.lax.scan(body, carry, length=11))((start, watched.init(start)))
    watch.close()
    assert sorted(moment.step for moment in watch.history.moments) == [0, 5, 10]
    at_5 = next(moment for moment in watch.history.moments if moment.step == 5)
    assert at_5.largest.value == pytest.approx(exact_largest(trained(plain, 5, True)), rel=1e-3)


@pytest.mark.parametrize(
    ("transformation", "rule"),
    [
        (optax.sgd(0.1), EdgeRule.descent()),
        (optax.sgd(0.1, momentum=0.9), None),
        (optax.chain(optax.clip(1.0), optax.scale_by_adam()), None),
        (optax.rmsprop(0.1, momentum=0.5), None),
    ],
)
def test_no_edge_is_said_where_the_averages_of_an_optimiser_are_not_known(transformation, rule):
    """Gradient descent's would be wrong for it."""
    watch = Watch(lambda p, x, y: jnp.mean((x @ p - y) ** 2), (X, Y.astype("f4")), overhead=math.inf, products=5)
    watched = watch.wrap(transformation, learning_rate=0.1)
    at = jnp.zeros(X.shape[1], jnp.float32)
    with jax.numpy_dtype_promotion("standard"):
        watched.update(jnp.ones_like(at), watched.init(at), at)
    edge = watch.history.moments[0].edge
    assert (None if edge is None else edge.rule) == rule


def test_a_watched_transformation_needs_the_parameters():
    watched = Watch(of_parameters, (X, Y)).wrap(optax.sgd(0.1))
    state = watched.init(START)
    with pytest.raises(InputError, match="needs the parameters"):
        watched.update(START, state)


@pytest.mark.slow
def test_transformations_are_directions():
    pair = (network, START)
    by_gradient = critical_step(pair, loss, (X, Y)).step
    for direction in (optax.sgd(0.5), (optax.sgd(0.5), optax.sgd(0.5).init(START))):
        found = critical_step(pair, loss, (X, Y), direction)
        assert found.step.value == pytest.approx(by_gradient.value / 0.5, rel=1e-3)
        assert found.taken == 1.0
    flat = np.concatenate([np.ravel(g) for g in jax.tree.leaves(jax.grad(of_parameters)(START, X, Y))])
    assert critical_step(pair, loss, (X, Y), flat).step.value == pytest.approx(by_gradient.value, rel=1e-3)

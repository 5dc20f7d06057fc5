"""The published algorithms against plain references, and their certificates over many samples."""

import dataclasses
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from hypothesis import given, settings, strategies as st
from optax.contrib import scale_by_cocob
from scipy.stats import binom

from fathometer.data import PublicSet
from fathometer.evidence import InputError
from fathometer.generalization.learning.wasserstein import (
    VARIANTS,
    Halves,
    Network,
    Options,
    _batch,
    _online,
    _progress,
    batch_ledgers,
    blocks,
    honest_halves,
    learn_batch,
    learn_online,
    linear_lipschitz,
    log_barrier,
    loss_constant,
    multi_margin,
    online_ledger,
    published_halves,
)
from fathometer.generalization.learning.wasserstein._batch import SMALLEST_SCALE, strengths
from fathometer.generalization.learning.wasserstein._network import Params, distance, distances, member

RNG = np.random.default_rng(0)
DRAWS = 100


def cocob_reference(start: np.ndarray, gradients: list[np.ndarray], alpha: float) -> list[np.ndarray]:
    """COCOB-Backprop line by line, g being minus the gradient."""
    largest, total, theta, reward = np.full_like(start, 1e-9), 0 * start, 0 * start, 0 * start
    w, path = start, []
    for gradient in gradients:
        g = -gradient
        largest = np.maximum(largest, np.abs(g))
        total = total + np.abs(g)
        reward = np.maximum(0, reward + (w - start) * g)
        theta = theta + g
        w = start + theta / (largest * np.maximum(total + largest, alpha * largest)) * (reward + largest)
        path.append(w)
    return path


@pytest.mark.slow
@pytest.mark.parametrize("model", ["linear", "nn"])
def test_distances_have_the_derivative_of_their_formula(model):
    """In both arguments, also at a distance of zero, where it is zero, and with a scale, which has no part in it."""
    network = Network(4, () if model == "linear" else (5, 3), 2)
    keys = jax.random.split(jax.random.key(1), 4)
    drawn = [network.initial(jax.random.key(7), learned_scale=True)] + [
        jax.tree.map(
            lambda leaf, key=key: leaf + jax.random.normal(key, leaf.shape, leaf.dtype), network.initial(key, True)
        )
        for key in keys[:2]
    ]
    one, others = drawn[0], jax.tree.map(lambda *leaves: jnp.stack(leaves), *drawn)
    weights = jnp.asarray([3.0, -1.0, 0.5], jnp.float32)

    def plain(one: Params, others: Params) -> jax.Array:
        gaps = jax.tree.map(lambda w, v: w[None] - v, one.measured, others.measured)
        squares = sum(jnp.sum(gap**2, axis=tuple(range(1, gap.ndim))) for gap in gaps)
        away = squares > 0
        return weights @ jnp.where(away, jnp.sqrt(jnp.where(away, squares, 1)), 0)

    found = jax.grad(lambda *both: weights @ distances(*both), argnums=(0, 1))(one, others)
    expected = jax.grad(plain, argnums=(0, 1))(one, others)
    for left, right in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(left, right, atol=1e-6)
    assert max(float(jnp.max(jnp.abs(leaf))) for leaf in jax.tree.leaves(expected)) > 0.1


@pytest.mark.parametrize("alpha", [100.0, 100_000.0])
def test_the_optimiser_is_the_published_one(alpha):
    gradients = [RNG.normal(size=5) * scale for scale in (0, 1, 0, 3, 0.1, 20, 1, 1)]
    coins, w = scale_by_cocob(alpha, SMALLEST_SCALE), jnp.asarray(RNG.normal(size=5))
    memory = coins.init(w)
    for gradient, expected in zip(gradients, cocob_reference(np.asarray(w), gradients, alpha), strict=True):
        moves, memory = coins.update(jnp.asarray(gradient), memory, w)
        w = optax.apply_updates(w, moves)
        np.testing.assert_allclose(w, expected, rtol=1e-13, atol=1e-15)


def loss_reference(scores: np.ndarray, label: int) -> float:
    wrong = [max(0.0, 1 - scores[label] + scores[other]) for other in range(len(scores)) if other != label]
    return sum(wrong) / len(scores)


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_the_multi_margin_loss(classes):
    scores, labels = RNG.normal(size=(50, classes)), RNG.integers(0, classes, 50)
    expected = [loss_reference(row, label) for row, label in zip(scores, labels, strict=True)]
    np.testing.assert_allclose(multi_margin(jnp.asarray(scores), jnp.asarray(labels), False), expected, rtol=1e-14)
    clipped = multi_margin(jnp.asarray(3 * scores), jnp.asarray(labels), True)
    assert float(jnp.max(clipped)) == 1.0


@settings(max_examples=25, deadline=None)
@given(classes=st.sampled_from([2, 3, 10, 26]), clip=st.booleans(), seed=st.integers(0, 1000))
def test_its_lipschitz_constant_in_the_weights(classes, clip, seed):
    """No pair of linear models of 40 random ones, at inputs of norm 1, changes the loss by more than L times d."""
    rng = np.random.default_rng(seed)
    one, other = (rng.normal(size=(40, classes, 4)) * rng.choice([0.1, 3]) for _ in range(2))
    x = rng.normal(size=(40, 3))
    x = np.concatenate([x / np.linalg.norm(x, axis=1, keepdims=True), np.ones((40, 1))], axis=1)
    labels = jnp.asarray(rng.integers(0, classes, 40))
    losses = [multi_margin(jnp.asarray(np.einsum("nkp,np->nk", w, x)), labels, clip) for w in (one, other)]
    away = np.linalg.norm(one - other, axis=(1, 2))
    assert np.all(np.abs(losses[0] - losses[1]) <= linear_lipschitz(classes) * away * (1 + 1e-12))


@pytest.mark.parametrize(("classes", "constant"), [(2, 1), (3, 1.154700538379252), (10, 1.341640786499874)])
def test_the_constant_of_the_linear_model_is_attained(classes, constant):
    """All hinges active, input of norm 1: the gradient in weights and bias has exactly this length."""
    assert linear_lipschitz(classes) == pytest.approx(constant, rel=1e-15)

    def loss(w: jax.Array) -> jax.Array:
        return multi_margin((w @ jnp.array([0.6, 0.8, 1.0]))[None], jnp.array([0]), True)[0]

    assert jnp.linalg.norm(jax.grad(loss)(jnp.zeros((classes, 3)))) == pytest.approx(constant, rel=1e-14)


@pytest.mark.slow
def test_the_constant_of_a_network_bounds_every_difference_quotient():
    network, rng = Network(3, (6, 6), 4), np.random.default_rng(1)
    for scale in (0.3, 1.0, 2.0):
        nets = [random_params(network, rng, scale) for _ in range(2)]
        constant = loss_constant(network, nets)
        x = rng.normal(size=(200, 3))
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        labels = jnp.asarray(rng.integers(0, 4, 200))
        for share in (1e-3, 0.3, 1.0):
            near = jax.tree.map(lambda a, b, t=share: a + t * (b - a), *nets)
            losses = [multi_margin(network.scores(net, jnp.asarray(x)), labels, True) for net in (nets[0], near)]
            assert float(jnp.max(jnp.abs(losses[0] - losses[1]))) <= constant * float(distance(nets[0], near))


def random_params(network: Network, rng: np.random.Generator, scale: float) -> Params:
    sizes = (network.inputs, *network.hidden, network.classes)
    weights = tuple(jnp.asarray(scale * rng.normal(size=(b, a))) for a, b in pairwise(sizes))
    return Params(weights, tuple(jnp.asarray(scale * rng.normal(size=b)) for b in sizes[1:]))


@pytest.mark.slow
def test_the_barrier_and_its_tangent():
    t = 100.0
    assert float(log_barrier(jnp.asarray(-1.0), t)) == 0
    assert float(log_barrier(jnp.asarray(-0.5), t)) == pytest.approx(np.log(2) / t, rel=1e-14)
    assert float(log_barrier(jnp.asarray(2.0), t)) == pytest.approx(t * 2 - np.log(1 / t**2) / t + 1 / t, rel=1e-14)
    left, right = jnp.asarray(-1 / t**2), jnp.asarray(np.nextafter(-1 / t**2, 1))
    assert float(log_barrier(left, t)) == pytest.approx(float(log_barrier(right, t)), abs=1e-13)
    slope = jax.grad(log_barrier)
    assert float(slope(left, t)) == pytest.approx(t, rel=1e-12)
    assert float(slope(right, t)) == t
    assert np.isfinite(float(slope(jnp.asarray(0.0), t)))


@pytest.mark.slow
def test_distances_have_derivative_zero_at_zero():
    net = random_params(Network(2, (), 2), RNG, 1.0)
    slopes = jax.grad(lambda params: distance(params, net))(net)
    assert all(float(jnp.max(jnp.abs(leaf))) == 0 for leaf in jax.tree.leaves(slopes))
    others = jax.tree.map(lambda leaf: jnp.stack([leaf, leaf + 1]), net)
    np.testing.assert_allclose(distances(net, others), [0, np.sqrt(6)], rtol=1e-15)


def test_published_blocks_leave_a_rest_and_ours_do_not():
    published = blocks(479, 4, cover=False)
    assert np.bincount(published + 1).tolist() == [3, 119, 119, 119, 119]
    assert published[-3:].tolist() == [-1, -1, -1]
    covered = blocks(479, 4, cover=True)
    assert sorted(np.bincount(covered).tolist()) == [119, 120, 120, 120]
    assert np.all(np.diff(covered) >= 0)
    with pytest.raises(InputError, match="K must be at most the number of rows, 3, got 4"):
        blocks(3, 4, cover=True)


def test_the_pulls_of_all_posteriors():
    found = strengths(blocks(10, 2, cover=True), 2, 3)
    root = 1 / np.sqrt(10)
    expected = {"eps=1/m": [0.05, 0.05, 0], "eps=1/sqrt(m)": [root / 2, root / 2, 0], "erm": [0, 0, 0]}
    expected |= {"l2 eps=1/m": [0, 0, 0.1], "l2 eps=1/sqrt(m)": [0, 0, root]}
    expected |= {"eps=2L": [linear_lipschitz(3), linear_lipschitz(3), 0]}
    np.testing.assert_allclose(found, [expected[name] for name in VARIANTS], rtol=1e-15)


def points(seed: int, m: int, classes: int = 3) -> Halves:
    """Gaussian clouds, scaled into the unit ball by a constant and projected."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, 2 * m)
    x = 0.25 * rng.normal(size=(2 * m, 2)) + 0.5 * np.stack([np.cos(2 * labels), np.sin(2 * labels)], axis=1)
    x = (x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1) * (1 - 1e-6)).astype(np.float32)
    return Halves("clouds", classes, x[:m], labels[:m], x[m:], labels[m:])


def batch_reference(x: np.ndarray, y: np.ndarray, epochs: int, size: int, classes: int, seen: np.ndarray) -> np.ndarray:
    """Weights (k, p + 1) of a linear prior: a plain loop over batches in the order of the rows."""
    rows = np.concatenate([x, np.ones((len(x), 1))], axis=1).astype(np.float64)
    gradients: list[np.ndarray] = []
    w = np.zeros((classes, rows.shape[1]))
    for _ in range(epochs):
        for first in range(0, len(x), size):
            chosen = [i for i in range(first, min(first + size, len(x))) if seen[i]]
            gradient = np.zeros_like(w)
            for i in chosen:
                scores = w @ rows[i]
                for other in range(classes):
                    if other != y[i] and 1 - scores[y[i]] + scores[other] > 0:
                        gradient[other] += rows[i] / classes / len(chosen)
                        gradient[y[i]] -= rows[i] / classes / len(chosen)
            gradients.append(gradient)
            w = cocob_reference(np.zeros_like(w), gradients, 50.0)[-1]
    return w


@pytest.mark.slow
def test_priors_against_a_plain_loop():
    """K = 3 blocks of 7 of 23 rows, batches of 5: the last block of rows is in no S_i, and one batch lies in one."""
    data, options = points(1, 23), Options(False, False, False, False, batch=5, steps=40, alpha=50.0)
    run = learn_batch(Network(2, (), 3), data.x, data.y, 3, options)
    epochs = int(np.ceil(40 * 5 / 23))
    for index in range(3):
        expected = batch_reference(data.x, data.y, epochs, 5, 3, run.block != index)
        found = member(run.priors, index)
        weights = np.concatenate([found.weights[0], np.asarray(found.biases[0])[:, None]], axis=1)
        np.testing.assert_allclose(weights, expected, rtol=2e-4, atol=2e-6)


@pytest.mark.slow
def test_a_prior_never_moves_with_its_own_block():
    """Changing the labels of a block leaves its prior as it is, bit for bit, and moves the others."""
    data, options = points(2, 40), Options(batch=10, steps=60, alpha=50.0)
    network = Network(2, (), 3)
    first = learn_batch(network, data.x, data.y, 4, options)
    changed = np.where(first.block == 2, (data.y + 1) % 3, data.y)
    second = learn_batch(network, data.x, changed, 4, options)
    moved = [float(distance(member(first.priors, i), member(second.priors, i))) for i in range(4)]
    assert moved[2] == 0
    assert min(moved[:2] + moved[3:]) > 1e-3


@pytest.mark.slow
def test_training_in_parts_is_training_and_says_how_far_it_is(monkeypatch):
    """Four epochs of three batches, in one call or in four: the same models, bit for bit."""
    data, network, options, said = points(2, 25), Network(2, (4,), 3), Options(batch=10, steps=10, alpha=50.0), []
    whole = learn_batch(network, data.x, data.y, 2, options)
    monkeypatch.setattr(_batch, "STEPS_TOGETHER", 1)
    monkeypatch.setattr(_progress, "SAY_EVERY", -1.0)
    parts = learn_batch(network, data.x, data.y, 2, options, say=said.append)
    assert said == [f"{name}, {k} of 12 steps" for name in ("priors", "posteriors") for k in (3, 6, 9, 12)]
    for one, other in ((whole.priors, parts.priors), (whole.posteriors, parts.posteriors)):
        jax.tree.map(np.testing.assert_array_equal, one, other)


@pytest.mark.slow
def test_one_prior_is_the_start():
    data = points(3, 20)
    run = learn_batch(Network(2, (4,), 3), data.x, data.y, 1, Options(steps=5, alpha=50.0, batch=10))
    start = Network(2, (4,), 3).initial(jax.random.split(jax.random.key(0), 3)[0], False)
    assert float(distance(member(run.priors, 0), start)) == 0


@pytest.mark.slow
def test_the_published_options_learn_the_scale_and_stay_outside_of_the_certificates():
    data, network = points(4, 30), Network(2, (), 3)
    options = dataclasses.replace(Options.published(steps=30), alpha=50.0, batch=10)
    assert (options.clip, options.learned_scale, options.shuffle, options.cover) == (False, True, False, False)
    run = learn_batch(network, data.x, data.y, 2, options)
    assert np.all(np.asarray(run.priors.scale) != 0)
    with pytest.raises(InputError, match="a learned scale cannot be certified"):
        batch_ledgers(network, run, data)
    rest = learn_batch(network, data.x, data.y, 4, dataclasses.replace(options, learned_scale=False))
    with pytest.raises(InputError, match="every row must be in a block, got 2 rows that are in none"):
        batch_ledgers(network, rest, data)


def test_an_online_run_against_a_plain_loop():
    """Two classes and one feature; the barrier and the distance are differentiated by hand."""
    x, y = np.array([[0.5], [-0.8], [0.9]], np.float32), np.array([0, 1, 1])
    options = Options(clip=False, alpha=20.0, inner_steps=4, barrier=10.0)
    run = learn_online(Network(1, (), 2), x, y, x, y, options)
    w, gradients, moves = np.zeros((2, 2)), [], []
    for row, label in zip(x.astype(np.float64), y, strict=True):
        before, point = w, np.append(row, 1.0)
        for _ in range(4):
            scores, gradient = w @ point, np.zeros((2, 2))
            if 1 - scores[label] + scores[1 - label] > 0:
                gradient[1 - label], gradient[label] = point / 2, -point / 2
            away = np.linalg.norm(w - before)
            if away > 0:
                slope = 1 / 10 / (1 - away) if away - 1 <= -1 / 100 else 10
                gradient = gradient + (1 + slope) * (w - before) / away
            gradients.append(gradient)
            w = cocob_reference(np.zeros((2, 2)), gradients, 20.0)[-1]
        moves.append(np.linalg.norm(w - before))
    np.testing.assert_allclose(run.moves, moves, rtol=1e-4)
    found = np.concatenate([run.last.weights[0], np.asarray(run.last.biases[0])[:, None]], axis=1)
    np.testing.assert_allclose(found, w, rtol=1e-4, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(("regularised", "name"), [(True, "online"), (False, "online descent")])
def test_rounds_in_parts_are_rounds_and_say_how_far_they_are(regularised, name, monkeypatch):
    data, network, said = points(6, 25), Network(2, (4,), 3), []
    case = (network, data.x, data.y, data.x_test, data.y_test, Options(alpha=20.0, inner_steps=3))
    whole = learn_online(*case, regularised=regularised)
    monkeypatch.setattr(_online, "ROUNDS_TOGETHER", 10)
    monkeypatch.setattr(_progress, "SAY_EVERY", -1.0)
    parts = learn_online(*case, regularised=regularised, say=said.append)
    assert said == [f"{name}, {k} of 25 rounds" for k in (10, 20, 25)]
    assert np.mean(np.asarray(whole.moves) > 0) > 0.5
    jax.tree.map(np.testing.assert_array_equal, whole, parts)


def test_descent_takes_one_step_in_each_round():
    data = points(5, 6)
    options = Options(alpha=20.0, inner_steps=7, clip=False)
    run = learn_online(Network(2, (), 3), data.x, data.y, data.x_test, data.y_test, options, regularised=False)
    rows = np.concatenate([data.x, np.ones((6, 1))], axis=1).astype(np.float64)
    first = np.full((3, 3), 1 / 3)[:, :1] * rows[0]
    first[data.y[0]] = -2 / 3 * rows[0]
    step = cocob_reference(np.zeros((3, 3)), [first], 20.0)[0]
    assert float(run.moves[0]) == pytest.approx(np.linalg.norm(step), rel=1e-5)


@pytest.mark.slow
def test_a_network_is_certified_on_the_segments_to_its_priors():
    """Two hidden layers: every certificate is finite, above the measured risk, and the transport is the smallest."""
    data, network = points(8, 80), Network(2, (5, 5), 3)
    run = learn_batch(network, data.x, data.y, 2, Options(batch=20, steps=10, alpha=50.0))
    for ledger in batch_ledgers(network, run, data).values():
        values = {line.bound: line.value for line in ledger.rows}
        assert all(value >= ledger.rows[0].measured.value for value in values.values())
        assert values["risk_transport"] <= values["w1_route_a_improved"] <= values["w1_route_a"] < np.inf


@pytest.mark.slow
def test_no_batch_certificate_is_below_the_true_risk():
    """100 samples of 60 points, K = 3, delta = 0.1: every bound of every posterior against 20 000 fresh points."""
    fresh, network = points(999, 10_000), Network(2, (), 3)
    options = Options(batch=20, steps=6, alpha=20.0)
    values: dict[str, list[float]] = {}
    for seed in range(DRAWS):
        data = points(seed, 60)
        data = Halves("clouds", 3, data.x, data.y, data.x_test[:60], data.y_test[:60])
        run = learn_batch(network, data.x, data.y, 3, options, seed)
        ledgers = batch_ledgers(network, run, data, delta=0.1, seed=seed)
        for index, name in enumerate(VARIANTS):
            scores = network.scores(member(run.posteriors, index), jnp.asarray(fresh.x))
            truth = float(jnp.mean(multi_margin(scores, jnp.asarray(fresh.y), True)))
            for line in ledgers[name].rows:
                values.setdefault(line.bound, []).append(line.value - truth)
    assert set(values) == {"w1_route_a", "w1_route_a_improved", "risk_transport", "test_kl"}
    for bound, room in values.items():
        failed = np.any(np.array(room).reshape(DRAWS, len(VARIANTS)) < 0, axis=1)
        assert failed.sum() <= binom.ppf(1 - 1e-6, DRAWS, 0.1), bound
    assert min(values["risk_transport"]) < 0.5
    assert np.all(np.array(values["risk_transport"]) <= np.array(values["w1_route_a_improved"]) + 1e-12)


def test_online_certificates_are_above_the_risk_and_in_order():
    data, network = points(7, 300), Network(2, (), 3)
    run = learn_online(network, data.x, data.y, data.x_test, data.y_test, Options(alpha=1000.0))
    ledger = online_ledger(network, run, data, loss_constant(network, ()), delta=0.05)
    values = {line.bound: line.value for line in ledger.rows}
    assert ledger.delta_spent <= 0.05
    assert values["progressive_validation"] <= values["w1_nips_t5_bounded"] <= values["w1_nips_t5"]
    assert values["progressive_validation"] >= ledger.rows[0].measured.value
    assert ledger.winner == "progressive_validation"


def test_published_halves_follow_the_published_order():
    """First half tests, the largest norm of both halves scales, and the odd row is the first of the training half."""
    x, labels = np.arange(1.0, 8.0)[:, None] * [[3.0, 4.0]], np.arange(7) % 2
    found = published_halves(PublicSet("satimage", x, labels, 2, 100.0))
    np.testing.assert_allclose(found.x_test[:, 0], np.arange(1, 4) * 3 / 35, rtol=1e-6)
    np.testing.assert_allclose(found.x[:, 0], np.arange(5, 8) * 3 / 35, rtol=1e-6)
    order = np.arange(6)
    np.random.RandomState(42).shuffle(order)
    shuffled = published_halves(PublicSet("letter", x[:6], np.arange(6), 6, 100.0))
    assert np.concatenate([shuffled.y_test, shuffled.y]).tolist() == order.tolist()


def test_honest_halves_are_shuffled_and_scaled_by_a_constant():
    x, labels = np.arange(1.0, 41.0)[:, None] * [[3.0, 4.0]], np.arange(40)
    data = PublicSet("any", x, labels, 40, 100.0)
    found = honest_halves(data, seed=1)
    assert sorted(np.concatenate([found.y, found.y_test]).tolist()) == labels.tolist()
    assert found.y_test.tolist() != labels[:20].tolist()
    norms = np.linalg.norm(found.x.astype(np.float64), axis=1)
    np.testing.assert_allclose(norms, np.minimum((found.y + 1) * 5 / 100, 1), rtol=1e-6)
    assert norms.max() <= 1
    with pytest.raises(InputError, match="the columns of any have no documented range"):
        honest_halves(PublicSet("any", x, labels, 40, np.inf), seed=1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch": 0}, "batch must be >= 1"),
        ({"alpha": 0.5}, "alpha must be >= 1"),
        ({"barrier": 0}, "barrier must be > 0"),
    ],
)
def test_impossible_options_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        Options(**options)


def test_an_unknown_model_is_refused():
    with pytest.raises(InputError, match="model must be linear or nn, got 'cnn'"):
        Network.named("cnn", 3, 2)
    with pytest.raises(InputError, match="K must be at most the number of rows, 20, got 21"):
        learn_batch(Network(2, (), 3), points(3, 20).x, points(3, 20).y, 21, Options())

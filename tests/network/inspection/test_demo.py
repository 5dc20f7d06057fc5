"""The small network on digits: what it computes, and that it is trained."""

import jax
import numpy as np
import pytest
from scipy.special import log_softmax, softmax

from fathometer.network.inspection import _demo as parts, demo, demo_network, digits_transformer
from fathometer.network.inspection._demo import cross_entropy
from fathometer.network.inspection._digits_transformer import looped


def by_hand(parameters, image):
    """The same in NumPy, for one image, head by head."""
    p = jax.tree.map(np.float64, parameters)

    def norm(x, scale):
        return (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-5) * scale

    square = image.reshape(8, 8)
    x = np.array([square[i : i + 2, j : j + 2].ravel() for i in range(0, 8, 2) for j in range(0, 8, 2)])
    x = x @ p["embedding"] + p["position"]
    for block in p["blocks"]:
        a, y = block["attn"], norm(x, block["norm1"])
        mixed = []
        for head in range(4):
            q, k, v = (y @ a[name][:, 8 * head : 8 * head + 8] for name in ("query", "key", "value"))
            mixed.append(softmax(q @ k.T / np.sqrt(8), axis=1) @ v)
        x = x + np.hstack(mixed) @ a["output"]
        m, y = block["mlp"], norm(x, block["norm2"])
        x = x + np.asarray(jax.nn.gelu(y @ m["into"] + m["bias_into"])) @ m["out"] + m["bias_out"]
    return norm(x, p["norm"]).mean(0) @ p["head"] + p["bias"]


@pytest.mark.slow
def test_it_is_a_transformer_on_patches():
    draw = np.random.default_rng(1)
    parameters = jax.tree.map(
        lambda x: x + np.float32(0.1) * draw.standard_normal(x.shape).astype(np.float32), parts._start(draw)
    )
    images = draw.random((2, 64)).astype(np.float32)
    expected = [by_hand(parts._unstacked(parameters), image) for image in images]
    np.testing.assert_allclose(digits_transformer(parts._unstacked(parameters), images), expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(looped(parameters, images), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.slow
def test_it_is_trained_on_the_rows_that_it_names():
    shown = demo()
    function, parameters = shown.model
    (again, same), _ = demo_network()
    assert again is function
    np.testing.assert_array_equal(jax.tree.leaves(same)[0], jax.tree.leaves(parameters)[0])
    scores = np.asarray(function(parameters, shown.X))
    wrong = scores.argmax(1) != shown.y
    held_out = np.setdiff1d(np.arange(1797), shown.saw)
    assert len(shown.saw) == 1200
    assert wrong[shown.saw].mean() < 0.03 < 0.08 > wrong[held_out].mean() > wrong[shown.saw].mean()
    loss = cross_entropy(lambda x: digits_transformer(parameters, x), shown.X, shown.y)
    assert loss == pytest.approx(-log_softmax(scores, axis=1)[np.arange(1797), shown.y].mean(), rel=1e-4)

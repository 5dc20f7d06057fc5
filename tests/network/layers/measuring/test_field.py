"""The pull of the model is the velocity of attention's SA, by tiles, with a mask, and of other tokens."""

import jax.numpy as jnp
import numpy as np
import pytest

from fathometer.attention import velocity
from fathometer.attention.model._system import Model
from fathometer.network.layers.measuring._field import TILE, pulls, tiles

from ..tokens import cloud


@pytest.mark.parametrize("beta", [0.0, 0.5, 8.0, 64.0, 1e4])
def test_it_is_the_velocity_of_sa(beta):
    x = cloud(20, 5, 1)
    ours = pulls(x, [beta], np.arange(20))[0]
    theirs = velocity(jnp.asarray(x), jnp.full(20, 0.05), beta, Model.SA)
    np.testing.assert_allclose(ours, np.asarray(theirs), atol=1e-13)


def test_a_causal_token_is_pulled_by_those_before_it_alone():
    x = cloud(9, 4, 2)
    masked = pulls(x, [3.0], np.arange(9), causal=True)[0]
    for i in range(9):
        np.testing.assert_allclose(masked[i], pulls(x[: i + 1], [3.0], np.array([i]))[0, 0], atol=1e-14)


def test_tokens_of_elsewhere_pull():
    x, other = cloud(4, 3, 3), cloud(6, 3, 4)
    weights = np.exp(2.0 * (x @ other.T))
    mean = weights @ other / weights.sum(axis=1, keepdims=True)
    expected = mean - np.sum(mean * x, axis=1, keepdims=True) * x
    np.testing.assert_allclose(pulls(x, [2.0], np.arange(4), sources=other)[0], expected, atol=1e-14)


def test_tiles_cover_every_token_once():
    n = 2 * TILE + 3
    assert np.array_equal(np.concatenate(list(tiles(n))), np.arange(n))
    x = cloud(n, 3, 5)
    parts = np.concatenate([pulls(x, [2.0], rows)[0] for rows in tiles(n)])
    np.testing.assert_allclose(parts, pulls(x, [2.0], np.arange(n))[0], atol=1e-13)

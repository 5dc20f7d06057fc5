"""The upper inverse of kl at a million random pairs, to the last place; its compiled form and its derivatives."""

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from fathometer.numerics import differentiable_kl_inverse, kl_inverse_upper, kl_inverse_upper_derivatives
from tests.oracles import generalization as oracle

WIDE_EPS = np.finfo(np.longdouble).eps
WIDE = WIDE_EPS < 1e-18


def random_pairs(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Ordinary and extreme pairs: q down to 1e-14 and up to 1 - 1e-14, c from 1e-14 to 100, half of each."""
    rng = np.random.default_rng(7)
    q = np.where(rng.random(count) < 0.5, rng.random(count), 10 ** rng.uniform(-14, 0, count))
    q = np.where(rng.random(count) < 0.15, 1 - q, q)
    return q, np.where(rng.random(count) < 0.5, rng.random(count) * 0.2, 10 ** rng.uniform(-14, 2, count))


def above(q: np.ndarray, c: np.ndarray, p: np.ndarray) -> np.ndarray:
    """How far p is above the root of kl(q||p) = c, in long doubles: good to a few of their units times p."""
    q, c, p = (np.asarray(v, np.longdouble) for v in (q, c, p))
    away, rest = p - q, 1 - q
    with np.errstate(divide="ignore", invalid="ignore"):
        log_ratio = np.where(2 * away > rest, np.log(rest / (1 - p)), -np.log1p(-away / rest))
        return (rest * log_ratio - q * np.log1p(away / q) - c) * p * (1 - p) / away


@pytest.mark.slow
@pytest.mark.skipif(not WIDE, reason="long doubles of this platform have no more digits than float64")
def test_a_million_pairs_to_the_last_place():
    """Never below the exact value; the least such float64 for 97 in 100, and the next one for the others."""
    q, c = random_pairs(10**6)
    p = kl_inverse_upper(q, c)
    assert np.all((p > q) & (p <= 1) | (q == 1) & (p == 1))
    below = np.nextafter(p, 0)
    lowest = np.nextafter(below, 0)
    inside = p < 1
    margin = above(q, c, p)[inside] / p[inside]
    assert margin.min() > 8 * WIDE_EPS
    assert np.all((above(q, c, lowest) < 0) | (lowest <= q))
    assert np.mean(above(q, c, below) < 0) > 0.97
    for i in np.flatnonzero(inside)[np.argsort(margin)[:30]]:
        exact = oracle.kl_inverse_upper(q[i], c[i])
        assert mp.mpf(float(lowest[i])) < exact <= mp.mpf(float(p[i]))


def test_the_compiled_form_agrees_everywhere():
    q, c = random_pairs(20_000)
    found = jax.jit(differentiable_kl_inverse)(jnp.asarray(q), jnp.asarray(c))
    np.testing.assert_allclose(found, kl_inverse_upper(q, c), rtol=2e-14)


def test_the_ends_of_the_ranges():
    q, c = jnp.array([0.0, 0.0, 1.0, 0.3, 0.3, 0.3]), jnp.array([0.1, 0.0, 0.5, 0.0, 1e3, 1e-14])
    np.testing.assert_allclose(differentiable_kl_inverse(q, c), kl_inverse_upper(q, c), rtol=1e-14)


@pytest.mark.slow
@settings(deadline=None)
@given(st.floats(1e-6, 0.95), st.floats(1e-6, 1))
def test_gradients_are_those_of_the_implicit_function_theorem(q, c):
    found = jax.grad(differentiable_kl_inverse, argnums=(0, 1))(jnp.asarray(q), jnp.asarray(c))
    assert [float(part) for part in found] == pytest.approx(kl_inverse_upper_derivatives(q, c), rel=1e-6)


@pytest.mark.slow
def test_gradients_of_a_batch_and_at_zero_risk():
    """At q = 0, p = 1 - exp(-c): the derivative in c is exp(-c)."""
    q, c = jnp.zeros(3), jnp.array([1e-3, 0.1, 2.0])
    by_c = jax.grad(lambda v: differentiable_kl_inverse(q, v).sum())(c)
    np.testing.assert_allclose(by_c, np.exp(-c), rtol=1e-14)
    rows = jax.vmap(jax.grad(differentiable_kl_inverse, argnums=1))(jnp.full(3, 0.1), c)
    np.testing.assert_allclose(rows, kl_inverse_upper_derivatives(0.1, np.asarray(c))[1], rtol=1e-9)

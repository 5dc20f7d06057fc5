import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.testing import assert_allclose

from fathometer.numerics import hemisphere_axis, project_to_sphere, squared_chords, tangent_projection
from tests.oracles.attention import circle, rotation


def test_projections_are_unit_and_tangent():
    points = project_to_sphere(jnp.array([[3.0, 4.0], [0.0, -1e-100]]))
    assert_allclose(points, [[0.6, 0.8], [0.0, -1.0]], rtol=1e-15)
    tangent = tangent_projection(points, jnp.array([[1.0, 2.0], [5.0, 7.0]]))
    assert_allclose(tangent, [[1 - 0.6 * 2.2, 2 - 0.8 * 2.2], [5.0, 0.0]], atol=1e-15)


def test_chords_keep_all_digits_of_small_gaps():
    points = jnp.array([[1.0, 0.0], [1.0, 1e-9], [0.0, 1.0]])
    chords = squared_chords(points)
    assert_allclose(chords[0, 1], 1e-18, rtol=1e-15)
    assert_allclose(chords, chords.T, rtol=0)
    assert_allclose(chords[0, 2], 2.0)


def test_chords_need_no_memory_for_all_differences():
    points = jax.ShapeDtypeStruct((500, 100), jnp.float64)
    assert (
        squared_chords.lower(points).compile().memory_analysis().temp_size_in_bytes < 500 * 500 * 8 + 4 * 500 * 100 * 8
    )


@pytest.mark.parametrize("angle", [0.1, 1.0, 1.5])
def test_hemisphere_margin_of_an_arc(angle):
    axis, margin = hemisphere_axis(circle(0.7 - angle, 0.7 + angle, 0.7 + angle / 3))
    assert_allclose(axis, circle(0.7)[0], atol=1e-12)
    assert margin.lower <= np.cos(angle) <= margin.upper
    assert margin.upper - margin.lower < 1e-13


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 6), st.integers(1, 12), st.integers(0, 10**6))
def test_hemisphere_margin_is_enclosed_and_invariant(d, n, seed):
    points = np.random.default_rng(seed).standard_normal((n, d)) + np.eye(d)[0]
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    axis, margin = hemisphere_axis(points)
    assert_allclose(np.linalg.norm(axis), 1.0)
    assert margin.lower <= np.min(points @ axis)
    _, turned = hemisphere_axis(points @ rotation(d, seed))
    assert turned.lower <= margin.upper
    assert margin.lower <= turned.upper
    if margin.lower > 0:
        assert margin.upper - margin.lower < 1e-10
        others = np.random.default_rng(seed + 1).standard_normal((500, d))
        others /= np.linalg.norm(others, axis=1, keepdims=True)
        assert np.max(np.min(others @ points.T, axis=1)) <= margin.upper


def test_no_hemisphere_holds_a_triangle():
    _, margin = hemisphere_axis(circle(0.0, 2 * np.pi / 3, 4 * np.pi / 3))
    assert margin.lower <= margin.upper < 1e-14


def test_wendel_probability_of_a_hemisphere():
    """Wendel (1962): n = 5 uniform points of the circle lie in a half circle with probability 5/16."""
    draws = np.random.default_rng(0).standard_normal((2000, 5, 2))
    draws /= np.linalg.norm(draws, axis=-1, keepdims=True)
    held = sum(hemisphere_axis(points)[1].lower > 0 for points in draws)
    assert abs(held / 2000 - 0.3125) < 4.5 * np.sqrt(0.3125 * 0.6875 / 2000)

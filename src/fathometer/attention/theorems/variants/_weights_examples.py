"""Small runs and problems with weights: symmetric ones, heads, and causal tokens with values of their own."""

import functools

import numpy as np
from numpy.typing import NDArray

from fathometer.attention.dynamics.variants._simulate import simulate_variant
from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.attention.model._variant import Variant
from fathometer.attention.theorems._examples import TIMES, octahedron, six_in_a_hemisphere
from fathometer.evidence import Trajectory
from fathometer.numerics import in_float64


def symmetric_weights(values: float = 1.5) -> Variant:
    """Six tokens with symmetric, indefinite scores B and V = 1.5 B."""
    half = np.random.default_rng(3).standard_normal((3, 3)) / 2
    scores = half + half.T
    return Variant(six_in_a_hemisphere(), scores, np.eye(3), values * scores)


def with_other_values() -> Variant:
    """The same tokens with V = I."""
    return Variant(six_in_a_hemisphere(), symmetric_weights().query)


@functools.cache
@in_float64
def run_of_symmetric_weights() -> Trajectory:
    """Six tokens that climb the energy of their weights."""
    return simulate_variant(symmetric_weights(), TIMES)


def two_heads(system: ParticleSystem) -> Variant:
    """Tokens of S^2 with two heads of queries and keys of their own, and multiples of the identity as values."""
    query, key = np.random.default_rng(4).standard_normal((2, 2, 2, 3)) / 2
    return Variant(system, query, key, np.array([0.7, 0.4])[:, None, None] * np.eye(3))


def two_heads_in_no_hemisphere() -> Variant:
    """Two heads on the corners of an octahedron."""
    return two_heads(octahedron())


@functools.cache
@in_float64
def run_of_two_heads() -> Trajectory:
    """Six tokens of a hemisphere that two heads bring together."""
    return simulate_variant(two_heads(six_in_a_hemisphere()), TIMES)


def _with_values(value: NDArray[np.float64], causal: bool) -> Variant:
    generator = np.random.default_rng(2)
    system = ParticleSystem.project(generator.standard_normal((4, 4)), 1.0, Model.SA)
    return Variant(system, query=generator.standard_normal((4, 4)) / 2, value=value, causal=causal)


def _leading() -> NDArray[np.float64]:
    """A matrix that is not symmetric and has a simple leading eigenvalue."""
    return np.diag([1.0, 0.4, 0.2, -0.3]) + np.triu(np.full((4, 4), 0.2), 1)


def values_without_mask() -> Variant:
    """Four tokens with the same values, that all see each other."""
    return _with_values(_leading(), causal=False)


def causal_plain_values() -> Variant:
    """Four causal tokens with V = I, whose eigenvalues are all the same."""
    return _with_values(np.eye(4), causal=True)


@functools.cache
@in_float64
def run_of_causal_values() -> Trajectory:
    """Four causal tokens whose values have a simple leading eigenvalue, until they are on its line."""
    return simulate_variant(_with_values(_leading(), causal=True), np.append(0.0, np.geomspace(1, 60, 6)))

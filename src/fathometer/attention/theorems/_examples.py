"""Small runs and problems that show what the theorems say."""

import functools

import numpy as np
from numpy.typing import NDArray

from fathometer.attention.dynamics._simulate import simulate
from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.evidence import Trajectory
from fathometer.numerics import in_float64

TIMES = np.append(0.0, np.geomspace(0.1, 30.0, 11))
"""The same for all runs, so that systems of one shape and model compile once."""


def six_in_a_hemisphere() -> ParticleSystem:
    """Six tokens of an open hemisphere of S^2, with unequal masses, SA, beta = 1."""
    generator = np.random.default_rng(0)
    points = generator.standard_normal((6, 3)) + 1.5 * np.eye(3)[2]
    return ParticleSystem.project(points, 1.0, Model.SA, generator.uniform(0.5, 1, 6))


def octahedron(beta: float = 5.0, model: Model = Model.SA) -> ParticleSystem:
    """Six tokens at rest, in no hemisphere."""
    return ParticleSystem(np.vstack([np.eye(3), -np.eye(3)]), beta, model)


def orthogonal_tokens(n: int, beta: float = 1.0, model: Model = Model.SA) -> ParticleSystem:
    """The unit vectors of R^n.

    Args:
        n: number of tokens, at least 2.
        beta: inverse temperature.
        model: SA or USA.
    """
    return ParticleSystem(np.eye(n), beta, model)


def ring(beta: float, moves: NDArray[np.float64] | float = 0.0) -> ParticleSystem:
    """The corners of the regular 12-gon, at rest, turned by angles (USA)."""
    angles = 2 * np.pi * np.arange(12) / 12 + np.asarray(moves)
    return ParticleSystem(np.stack([np.cos(angles), np.sin(angles)], axis=1), beta, Model.USA)


def rippled_ring() -> ParticleSystem:
    """The 12-gon at beta = 2, moved a little along the circle by the mode that grows fastest there, the second."""
    return ring(2.0, 1e-3 * np.cos(np.pi * np.arange(12) / 3))


@functools.cache
@in_float64
def run_in_a_hemisphere() -> Trajectory:
    """Six tokens of a hemisphere until they are one cluster, and long after."""
    return simulate(six_in_a_hemisphere(), TIMES)


@functools.cache
@in_float64
def run_of_octahedron() -> Trajectory:
    """Six tokens at rest on S^2."""
    return simulate(octahedron(), TIMES)


@functools.cache
@in_float64
def run_of_orthogonal_tokens() -> Trajectory:
    """Three orthogonal tokens."""
    return simulate(orthogonal_tokens(3), TIMES)


@functools.cache
@in_float64
def run_of_two_orthogonal_tokens() -> Trajectory:
    """Two orthogonal tokens at beta = 0, which close their angle like a hyperbolic tangent."""
    return simulate(orthogonal_tokens(2, beta=0.0), TIMES)


@functools.cache
@in_float64
def run_of_rippled_ring() -> Trajectory:
    """Tokens that are nearly uniform on the circle."""
    return simulate(rippled_ring(), TIMES)


@functools.cache
@in_float64
def run_of_ring(beta: float) -> Trajectory:
    """Tokens at rest on the circle."""
    return simulate(ring(beta), TIMES)

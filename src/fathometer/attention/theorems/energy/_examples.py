"""Small clouds for the theorems on the least energy."""

import functools

import numpy as np

from fathometer.attention.dynamics._simulate import simulate
from fathometer.attention.dynamics.minimal_energy._repulsion import as_clouds, simulate_repulsion
from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.attention.model.minimal_energy._problem import MinimalEnergy
from fathometer.evidence import Trajectory

TIMES = np.append(0.0, np.geomspace(0.3, 30.0, 9))


def twelve(seed: int = 0) -> ParticleSystem:
    """Twelve uniform tokens on S^2 at beta = 4."""
    return ParticleSystem.uniform(12, 3, 4.0, Model.USA, seed)


@functools.cache
def run_of_repelling() -> Trajectory:
    """Clouds on the way of twelve repelling tokens to an icosahedron."""
    return as_clouds(simulate_repulsion(twelve(), TIMES))


@functools.cache
def run_of_attracting() -> Trajectory:
    """Clouds on the way of the same twelve tokens, which now attract each other."""
    return as_clouds(simulate(twelve(), TIMES))


def negative_temperature() -> MinimalEnergy:
    """Twelve tokens at beta = -1."""
    return MinimalEnergy(12, 3, -1.0)


def thirteen() -> MinimalEnergy:
    """Thirteen tokens on S^2, for which no universally optimal cloud is known."""
    return MinimalEnergy(13, 3, 4.0)

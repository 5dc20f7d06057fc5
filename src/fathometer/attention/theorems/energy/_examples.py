"""Small clouds for the theorems on the least energy."""

import functools

import numpy as np

from fathometer.attention.dynamics.minimal_energy._repulsion import as_clouds, simulate_repulsion
from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.attention.model.minimal_energy._problem import MinimalEnergy
from fathometer.attention.theorems._examples import run_of_rippled_ring
from fathometer.evidence import Trajectory

TIMES = np.append(0.0, np.geomspace(0.3, 30.0, 9))


def twelve(seed: int = 0) -> ParticleSystem:
    """Twelve uniform tokens on S^2 at beta = 4."""
    return ParticleSystem.uniform(12, 3, 4.0, Model.USA, seed)


@functools.cache
def run_of_repelling() -> Trajectory:
    """Clouds on the way of twelve repelling tokens to an icosahedron."""
    return as_clouds(simulate_repulsion(twelve(), TIMES))


def run_of_attracting() -> Trajectory:
    """Clouds on the way of twelve attracting tokens on the circle away from the regular 12-gon."""
    return as_clouds(run_of_rippled_ring())


def negative_temperature() -> MinimalEnergy:
    """Twelve tokens at beta = -1."""
    return MinimalEnergy(12, 3, -1.0)


def thirteen() -> MinimalEnergy:
    """Thirteen tokens on S^2, for which no universally optimal cloud is known."""
    return MinimalEnergy(13, 3, 4.0)

"""Runs of clusters on which the bounds of their lifetimes hold, and clusters to which they do not apply."""

from functools import cache

import numpy as np

from fathometer.attention.dynamics.certified import certified_staircase, simulate_lifetime, staircase_run
from fathometer.attention.dynamics.collapse._collapse import simulate_collapse
from fathometer.attention.dynamics.collapse.results._trajectory import collapse_trajectory
from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.attention.model.caps._clustered import ClusteredTokens, Plateaus
from fathometer.evidence import Trajectory


def _system(angles: list[float], beta: float) -> ParticleSystem:
    points = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return ParticleSystem(points, beta, Model.SA, np.arange(1.0, len(angles) + 1))


@cache
def meeting_clusters() -> Trajectory:
    """Three clusters of unequal masses, one of two tokens, until the first two meet."""
    system = _system([0.0, 1.2, 2.9, 2.9001], 20.0)
    return simulate_lifetime(ClusteredTokens(system, np.array([0, 1, 2, 2]), 0.0, 0.02), check=False)


@cache
def staircase_of_four() -> Trajectory:
    """The plateaus of four tokens of unequal masses."""
    system = _system([0.0, 1.1, 2.5, 4.4], 20.0)
    collapse = simulate_collapse(system, check=False)
    states = collapse_trajectory(system, collapse)
    run = staircase_run(collapse, certified_staircase(system, collapse, states))
    assert run is not None
    return run


def touching_clusters() -> ClusteredTokens:
    """Two tokens within the event chord of each other that are called two clusters."""
    return ClusteredTokens(_system([0.0, 0.01], 20.0), np.array([0, 1]), 0.0, 0.02)


def plateau_of_touching_clusters() -> Plateaus:
    """The same as a plateau."""
    return Plateaus((touching_clusters(),), (0,))

"""Runs on which the theorems of metastability hold, and tokens in caps to which they do not apply.

All are nine tokens in three caps on the circle under USA, saved at as many times, so that they compile once.
"""

from functools import cache

import numpy as np
from jaxtyping import Float

from fathometer.attention.dynamics._caps import simulate_cloud
from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.evidence import Axis, AxisKind, Origin, Trajectory

ALONG = (AxisKind.TIME, AxisKind.LOG_TIME)
"""Axes of statements on a time up to which, or a rate at which, something happens."""


def cloud(
    beta: float, epsilon: float, rate: float, *, n: int = 9, k: int = 3, masses: Float[np.ndarray, " n"] | None = None
) -> SeparatedCloud:
    """Build n tokens, in turn in k equally spaced caps of the circle, anywhere in them.

    Args:
        beta: inverse temperature, > 0.
        epsilon: depth of the caps, in (0, 1).
        rate: the decay rate lambda.
        n: number of tokens.
        k: number of caps.
        masses: shape (n,), positive; equal when not given.
    """
    inside = np.random.default_rng(0).uniform(-1, 1, n) * np.arccos(1 - epsilon)
    tokens = _on_circle(2 * np.pi / k * (np.arange(n) % k) + inside)
    system = ParticleSystem.project(tokens, beta, Model.USA, masses)
    return SeparatedCloud(system, _on_circle(2 * np.pi / k * np.arange(k)), epsilon, rate)


EARLY, EVENLY = np.append(0.0, np.geomspace(1e-4, 1, 59)), np.linspace(0, 1, 60)
"""Times of a run as shares of its end."""


@cache
def in_caps() -> Trajectory:
    """Tokens in separated caps, from before they meet to after the time by which they must have."""
    return simulate_cloud(cloud(60.0, 1e-3, 0.5), 800 * EARLY)


@cache
def at_the_start() -> Trajectory:
    """Tokens in deeper caps for a short time: those of a cap attract each other by far more than the leak."""
    return simulate_cloud(cloud(60.0, 0.02, 0.5), EARLY)


@cache
def law_in_caps() -> Trajectory:
    """Tokens of unequal masses, each cap with a third of them."""
    masses = np.random.default_rng(3).uniform(0.2, 1, 9)
    shares = np.bincount(np.arange(9) % 3, masses)
    return simulate_cloud(cloud(60.0, 1e-3, 0.5, masses=masses / shares[np.arange(9) % 3]), 60 * EVENLY)


def not_separated() -> SeparatedCloud:
    """Caps whose separation gamma is negative, because beta is small."""
    return cloud(2.0, 1e-3, 0.5)


def start_of(problem: SeparatedCloud) -> Trajectory:
    """The tokens at time 0, for what depends on the problem alone."""
    states = {"points": problem.system.points[None]}
    return Trajectory(problem, Axis(AxisKind.TIME, np.zeros(1)), states, Origin.SIMULATED)


def _on_circle(angles: Float[np.ndarray, " n"]) -> Float[np.ndarray, "n 2"]:
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)

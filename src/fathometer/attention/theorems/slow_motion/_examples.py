"""Runs on which the theorems on slow motion hold, and problems to which they do not apply."""

from functools import cache

import numpy as np

from fathometer.attention.dynamics._ascent_path import follow_ascent
from fathometer.attention.dynamics._caps import simulate_cloud
from fathometer.attention.dynamics._simulate import simulate
from fathometer.attention.model._ascent_path import AscentPath
from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.attention.theorems.metastability._examples import EVENLY, cloud
from fathometer.evidence import Trajectory

_CLUSTER = np.array([0.0, 0.05, 0.12, 0.15])
_MEMBERS = np.array([0, 0, 0, 1, 1])


@cache
def into_a_cluster() -> Trajectory:
    """The ascent of four tokens that are far closer than the interaction range."""
    return follow_ascent(0.1 * _CLUSTER, 9.0, 80 * EVENLY)


@cache
def before_a_jump() -> Trajectory:
    """The ascent of two tokens far beyond the interaction range: slow at first, then ever faster."""
    return follow_ascent([0.0, 1.0], 9.0, 8 * EVENLY)


@cache
def towards_two_clusters() -> Trajectory:
    """The ascent of five tokens that form two clusters, which then hardly move."""
    return follow_ascent([0.0, 0.02, 0.05, 1.4, 1.43], 30.0, 400 * EVENLY, _MEMBERS)


@cache
def along_the_slow_set() -> Trajectory:
    """The ascent of two clusters that are tight from the start and near each other."""
    return follow_ascent([0.0, 0.001, 0.002, 0.8, 0.801], 30.0, 400 * EVENLY, _MEMBERS)


@cache
def one_cluster() -> Trajectory:
    """Nine tokens on the circle within the interaction range, under USA, until they are a point to 1e-4."""
    angles = np.random.default_rng(0).uniform(0, 0.2, 9)
    return simulate(ParticleSystem(_on_circle(angles), 9.0, Model.USA), 12 * EVENLY)


@cache
def close_in_caps() -> Trajectory:
    """Nine tokens in three small caps under USA, on their way to the slow manifold."""
    return simulate_cloud(cloud(100.0, 1e-5, 1.0), 30 * EVENLY)


def rising_to_a_jump() -> AscentPath:
    """A path on which the energy is convex."""
    return AscentPath(np.array([[0.0, 1.0], [0.01, 0.99]]), np.array([0.0, 1.0]), 9.0)


def falling_into_a_cluster() -> AscentPath:
    """A path on which the energy is concave."""
    return AscentPath(np.array([[0.0, 0.05], [0.01, 0.04]]), np.array([0.0, 1.0]), 9.0)


def wrong_clusters() -> AscentPath:
    """A path whose slow set is not where its tokens are drawn."""
    angles = np.array([[0.0, 0.01, 1.4, 1.41], [0.001, 0.009, 1.401, 1.409]])
    return AscentPath(angles, np.array([0.0, 1.0]), 30.0, np.array([0.0, 1.0, 1.0, 2.0]))


def from_rest() -> AscentPath:
    """A path that starts where tokens are too far apart to feel each other, and yet rises."""
    return AscentPath(np.array([[0.0, 1.5], [0.75, 0.75]]), np.array([0.0, 1.0]), 1e4)


def wide_caps() -> SeparatedCloud:
    """Separated caps on the circle whose tokens are not close enough."""
    return cloud(100.0, 2e-3, 1.0)


def wide_cluster() -> ParticleSystem:
    """Tokens farther apart than the interaction range."""
    return ParticleSystem(_on_circle(np.array([0.0, 1.0])), 9.0, Model.USA)


def _on_circle(angles: np.ndarray) -> np.ndarray:
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)

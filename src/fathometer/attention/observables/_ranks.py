"""How many directions the tokens still use, beyond the effective rank."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from fathometer.attention.model._system import ParticleSystem
from fathometer.evidence import Estimate, Observable, Problem

States = Mapping[str, NDArray]


def stable_rank(points: Float[np.ndarray, "*t n d"], masses: Float[np.ndarray, " n"]) -> Float[np.ndarray, "*t"]:
    """|X|_F^2 / |X|_2^2 of the matrix with rows sqrt(m_i) x_i, between 1 and min(n, d).

    Args:
        points: unit vectors.
        masses: positive, sum 1.
    """
    squares = _squares(points, masses)
    return np.asarray(np.sum(squares, axis=-1) / np.max(squares, axis=-1))


def participation_ratio(
    points: Float[np.ndarray, "*t n d"], masses: Float[np.ndarray, " n"]
) -> Float[np.ndarray, "*t"]:
    """(sum s^2)^2 / sum s^4 over the singular values s of the matrix with rows sqrt(m_i) x_i.

    It is not below the stable rank. Arguments as for `stable_rank`.
    """
    squares = _squares(points, masses)
    return np.asarray(np.sum(squares, axis=-1) ** 2 / np.sum(squares**2, axis=-1))


def distance_to_collapse(
    points: Float[np.ndarray, "*t n d"], masses: Float[np.ndarray, " n"]
) -> Float[np.ndarray, "*t"]:
    """|X - 1 x_bar^T|_F / |X|_F with rows weighted by mass: 0 for one cluster, 1 if the mean token is 0.

    Arguments as for `stable_rank`.
    """
    centre = np.sum(masses[:, None] * points, axis=-2, keepdims=True)
    return np.asarray(np.sqrt(np.sum(masses * np.sum((points - centre) ** 2, axis=-1), axis=-1)))


def _squares(points: NDArray[np.float64], masses: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.square(np.linalg.svd(np.sqrt(masses)[:, None] * points, compute_uv=False), dtype=np.float64)


def _measure_stable_rank(problem: Problem, states: States) -> Estimate:
    return Estimate.exact(stable_rank(states["points"], ParticleSystem.expect(problem).masses))


def _measure_participation(problem: Problem, states: States) -> Estimate:
    return Estimate.exact(participation_ratio(states["points"], ParticleSystem.expect(problem).masses))


def _measure_distance(problem: Problem, states: States) -> Estimate:
    return Estimate.exact(distance_to_collapse(states["points"], ParticleSystem.expect(problem).masses))


STABLE_RANK = Observable(
    "stable_rank", "1", "|X|_F^2 / |X|_2^2 of the matrix with rows sqrt(m_i) x_i", _measure_stable_rank
)
PARTICIPATION_RATIO = Observable(
    "participation_ratio",
    "1",
    "(sum s^2)^2 / sum s^4 over the singular values of the matrix with rows sqrt(m_i) x_i",
    _measure_participation,
)
DISTANCE_TO_COLLAPSE = Observable(
    "distance_to_collapse", "1", "|X - 1 x_bar^T|_F / |X|_F, rows weighted by mass", _measure_distance
)

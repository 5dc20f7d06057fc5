"""Pairs of tokens on one line: opposite ones, and how near pairs are to their line."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._standard import pair_mass
from fathometer.evidence import Estimate, Observable, Problem

OPPOSITE = -0.99
"""Cosine below which two tokens count as opposite."""


def antipodal_pairs(points: Float[np.ndarray, "*t n d"], masses: Float[np.ndarray, " n"]) -> Float[np.ndarray, "*t"]:
    """Share of the pairs i != j, weighted by m_i m_j, whose cosine is below -0.99; NaN for a single token.

    Args:
        points: unit vectors.
        masses: positive, sum 1.
    """
    if len(masses) == 1:
        return np.full(points.shape[:-2], np.nan)
    opposite = points @ np.swapaxes(points, -1, -2) < OPPOSITE
    return np.asarray(np.einsum("...ij,i,j->...", opposite, masses, masses) / pair_mass(masses))


def mean_squared_cosine(
    points: Float[np.ndarray, "*t n d"], masses: Float[np.ndarray, " n"]
) -> Float[np.ndarray, "*t"]:
    """Mean of <x_i, x_j>^2 over pairs i != j: 1 if all tokens are on one line, 1/d for uniform ones; NaN for one token.

    Args:
        points: unit vectors.
        masses: positive, sum 1.
    """
    if len(masses) == 1:
        return np.full(points.shape[:-2], np.nan)
    scatter = np.einsum("...id,i,...ie->...de", points, masses, points)
    return np.asarray((np.sum(scatter**2, axis=(-2, -1)) - np.sum(masses**2)) / pair_mass(masses))


def _antipodal(problem: Problem, states: Mapping[str, NDArray]) -> Estimate:
    return Estimate.exact(antipodal_pairs(states["points"], ParticleSystem.expect(problem).masses))


def _squared(problem: Problem, states: Mapping[str, NDArray]) -> Estimate:
    return Estimate.exact(mean_squared_cosine(states["points"], ParticleSystem.expect(problem).masses))


ANTIPODAL_PAIRS = Observable("antipodal_pairs", "1", "share of the pairs whose cosine is below -0.99", _antipodal)
MEAN_SQUARED_COSINE = Observable("mean_squared_cosine", "1", "mean of <x_i, x_j>^2 over pairs i != j", _squared)

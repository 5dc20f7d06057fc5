"""Gaps between clusters, and the diameter of the cloud."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import pdist

from fathometer.attention.model._system import ParticleSystem
from fathometer.evidence import Estimate, Observable, Problem

States = Mapping[str, NDArray]


def linkage_gaps(points: Float[np.ndarray, "t n d"]) -> Float[np.ndarray, "t gaps"]:
    """Chords at which single linkage joins clusters, largest first: n - 1 for each of t states.

    There are k clusters at every resolution between gap k and gap k - 1, counted from 1 (gap 0 is infinite), so two
    gaps far apart mean a cluster count that does not hang on the resolution.
    """
    if points.shape[1] == 1:
        return np.zeros((len(points), 0))
    return np.stack([linkage(pdist(state), "single")[::-1, 2] for state in points])


def diameter(points: Float[np.ndarray, "t n d"]) -> Float[np.ndarray, " t"]:
    """Largest chord between two tokens of each of t states; 0 for a single token."""
    return np.array([np.max(pdist(state), initial=0.0) for state in points])


def _measure_largest_gap(problem: Problem, states: States) -> Estimate:
    ParticleSystem.expect(problem)
    return Estimate.exact(np.max(linkage_gaps(states["points"]), axis=1, initial=0.0))


def _measure_diameter(problem: Problem, states: States) -> Estimate:
    ParticleSystem.expect(problem)
    return Estimate.exact(diameter(states["points"]))


LARGEST_GAP = Observable(
    "largest_gap", "1", "chord at which single linkage makes all tokens one cluster", _measure_largest_gap
)
DIAMETER = Observable("diameter", "1", "largest chord between two tokens", _measure_diameter)

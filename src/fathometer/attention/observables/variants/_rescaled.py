"""What can be measured on attention without projection to the sphere."""

import numpy as np
from jaxtyping import Float

from fathometer.attention.model.variants._rescaled_tokens import RescaledTokens
from fathometer.evidence import Estimate, Trajectory

FLAT = 0.02
"""Distance, as a share of the spread at time 0, below which tokens count as on one hyperplane."""
_SEED, _DIRECTIONS = 20231, 64


def distance_to_boolean(run: Trajectory) -> Estimate:
    """Largest distance of an entry of the last attention matrix from 0 or 1, without the least certain row.

    The limit could be anything below it.
    """
    attention = run.states["attention"][-1]
    rows = np.sort(np.max(np.minimum(attention, 1 - attention), axis=1))
    distance = float(rows[-2]) if len(rows) > 1 else 0.0
    return Estimate.heuristic(distance, 0.0, distance)


def support_function(run: Trajectory) -> Estimate:
    """max_i <z_i, u> for 64 directions u, always the same, shape (t, 64)."""
    points = run.states["points"]
    directions = np.random.default_rng(_SEED).standard_normal((_DIRECTIONS, points.shape[2]))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return Estimate.exact(np.max(points @ directions.T, axis=1), along=run.axis)


def leading_functional(tokens: RescaledTokens) -> Float[np.ndarray, " d"]:
    """The left eigenvector of V of its leading eigenvalue, which V multiplies in time."""
    values, vectors = np.linalg.eig(tokens.value.T)
    return np.real(vectors[:, np.argmax(np.real(values))])


def hyperplane_count(run: Trajectory) -> Estimate:
    """Number of parallel hyperplanes at the last state; unknown below while the tokens still approach them."""
    tokens = RescaledTokens.expect(run.problem)
    heights = np.sort(run.states["points"] @ leading_functional(tokens), axis=1)
    spread = float(np.ptp(heights[0]))
    counts = 1 + np.sum(np.diff(heights, axis=1) > FLAT * spread, axis=1)
    settled = float(np.max(np.abs(heights[-1] - heights[-2]))) < FLAT * spread / 10 if len(heights) > 1 else False
    return Estimate.heuristic(counts[-1], counts[-1] if settled else 1, counts[-1])

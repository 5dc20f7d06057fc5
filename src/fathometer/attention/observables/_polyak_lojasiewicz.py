"""The Polyak-Lojasiewicz inequality of the energy on the circle, around clusters that have collapsed."""

import numpy as np
from jaxtyping import Float, Int

from fathometer.evidence import finite_number


def pl_ratio(
    points: Float[np.ndarray, "*t n 2"], masses: Float[np.ndarray, " n"], members: Int[np.ndarray, " n"], beta: float
) -> Float[np.ndarray, "*t"]:
    """|grad E|^2 / (2 (E_plateau - E)) with E = EE/(2 beta), the gradient in the angles, for each state.

    E_plateau - E is the sum of m_i m_j (1 - k(x_i, x_j)) / (2 beta) over pairs of one cluster, with all its digits;
    what collapse changes between clusters, exponentially small, is left out. Around k far clusters of n_q equal tokens
    the ratio is at least about min_q n_q / n^2 (derived). NaN where every cluster has collapsed.

    Args:
        points: unit vectors of the plane.
        masses: positive, sum 1.
        members: number of the cluster of each token.
        beta: inverse temperature, > 0.
    """
    finite_number("beta", beta, above=0)
    first, second = points[..., :, None, :], points[..., None, :, :]
    gaps = np.sum((first - second) ** 2, axis=-1) / 2
    weights = masses[:, None] * masses
    turning = first[..., 0] * (second - first)[..., 1] - first[..., 1] * (second - first)[..., 0]
    gradient = np.sum(weights * np.exp(-beta * gaps) * turning, axis=-1)
    deficit = np.sum(weights * (members[:, None] == members) * -np.expm1(-beta * gaps), axis=(-2, -1)) / (2 * beta)
    slopes = np.sum(gradient**2, axis=-1)
    return np.asarray(np.where(deficit > 0, slopes / (2 * np.where(deficit > 0, deficit, 1.0)), np.nan))

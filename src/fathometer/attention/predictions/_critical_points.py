"""Critical points of the energy: second derivatives, growth rates, and certificates that a point is a strict saddle."""

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from scipy.cluster.hierarchy import linkage
from scipy.linalg import null_space
from scipy.spatial.distance import pdist, squareform

from fathometer.attention.model._field import interaction
from fathometer.attention.model._hessian import _tangent_hessian, pull_slope
from fathometer.attention.model._system import Model, ParticleSystem, read_model
from fathometer.evidence import Estimate, finite_number, whole_number

_ALL_SUBSETS = 14
_ROUNDING = 1e-13


def polygon_rates(n: int, beta: float, model: Model | str) -> Estimate:
    """Growth rates of the Fourier modes k = 1, ..., n // 2 about the regular n-gon of equal masses on the circle.

    lambda_k = -(1/n) sum_j g(2 pi j / n) (1 - cos(2 pi j k / n)) for USA, and that divided by
    Z = (1/n) sum_j k(2 pi j / n) for SA (derived).

    Args:
        n: >= 2.
        beta: inverse temperature, of any sign.
        model: SA or USA.

    Returns:
        Shape (n // 2,).
    """
    corners = 2 * np.pi / whole_number("n", n, at_least=2) * np.arange(n)
    beta = finite_number("beta", beta)
    modes = 2 * np.sin(corners * np.arange(1, n // 2 + 1)[:, None] / 2) ** 2
    rates = -(modes @ pull_slope(corners, beta)) / n
    partition = np.mean(np.exp(-2 * beta * np.sin(corners / 2) ** 2))
    return Estimate.exact(rates / (partition if read_model(model) is Model.SA else 1.0))


def linear_rates(system: ParticleSystem) -> Estimate:
    """Eigenvalues of the motion linearised about the tokens, which must be a critical point; largest first.

    They are the second derivatives of EE/(2 beta) in the metric of the model, m_i |v|^2 (USA) or m_i Z_i |v|^2 (SA).
    At least one that is positive means a strict saddle. Dense: memory (n d)^2.

    Returns:
        Shape (n (d - 1),), with heuristic bars for rounding.
    """
    frames = np.stack([null_space(point[None]) for point in system.points])
    arrays = tuple(map(jnp.asarray, (system.points, system.masses, system.beta)))
    second = np.asarray(_tangent_hessian(jnp.asarray(frames), *arrays))
    partition = np.asarray(interaction(*arrays)[1]) if system.model is Model.SA else 1.0
    scale = np.repeat(1 / np.sqrt(system.masses * partition), system.points.shape[1] - 1)
    rates = np.linalg.eigvalsh(scale[:, None] * second * scale)[::-1]
    return Estimate.heuristic(rates, rates - _ROUNDING, rates + _ROUNDING)


@dataclass(frozen=True)
class RigidRotation:
    """A block of tokens, and what rotating it rigidly does to the energy.

    Attributes:
        block: indices of the tokens.
        stiffness: sum over i in the block and j outside of m_i m_j g(theta_ij), >= 0 at every local maximum. If it is
            negative, the average rotation of the block raises the energy: a critical point is then a strict saddle.
    """

    block: tuple[int, ...]
    stiffness: Estimate


def least_stiff_block(system: ParticleSystem) -> RigidRotation:
    """Find the block of tokens whose rigid rotation resists least (subset inequality, Geshkovski et al. 2023).

    Every block is tried for up to 14 tokens; beyond that single tokens, pairs, and the clusters of single linkage.
    """
    n, d = system.points.shape
    chords = squareform(pdist(system.points))
    slopes = (
        system.masses[:, None] * system.masses * pull_slope(2 * np.arcsin(np.minimum(chords / 2, 1)), system.beta, d)
    )
    blocks = _blocks(system.points)
    stiffness = np.einsum("bi,ij,bj->b", blocks, slopes, 1.0 - blocks, optimize=True)
    best = int(np.argmin(stiffness))
    error = 4e-16 * n * float(np.abs(slopes).sum())
    least = Estimate.heuristic(stiffness[best], stiffness[best] - error, stiffness[best] + error)
    return RigidRotation(tuple(int(i) for i in np.flatnonzero(blocks[best])), least)


def _blocks(points: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "b n"]:
    """Blocks as rows of 0 and 1, neither empty nor everything; a block and its complement count once."""
    n = len(points)
    if n <= _ALL_SUBSETS:
        numbers = np.arange(1, max(2, 2 ** (n - 1)))
        return (numbers[:, None] >> np.arange(n) & 1).astype(float)
    pairs = np.eye(n)[:, None] + np.eye(n)
    clusters = list(np.eye(n))
    for first, second in linkage(points, "single")[:-1, :2].astype(int):
        clusters.append(clusters[first] + clusters[second])
    return np.concatenate([np.minimum(pairs[np.triu_indices(n)], 1.0), clusters[n:]])

"""The caps that promise the longest life to the clusters of given tokens."""

import functools
from collections.abc import Iterator

import numpy as np
from jaxtyping import Float, Int
from scipy.cluster.hierarchy import fcluster, linkage

from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.model.caps._geometry import cap_clearance, smallest_angle, smallest_cap
from fathometer.attention.model.caps._hypotheses import ADMISSIBLE_RATE, SEPARATED
from fathometer.attention.model.caps._separated_cloud import (
    LEAST_BETA,
    SeparatedCloud,
    log_exit_time,
    rate_limits,
    separation,
)
from fathometer.evidence import Answer, InputError, finite_number, whole_number

_LARGEST = np.nextafter(1 / 16, 0)
_GRID = 400
_FEW = 200


def metastability_certificate(
    system: ParticleSystem, epsilon: float | None = None, clusters: int | None = None
) -> SeparatedCloud:
    """Choose caps for the tokens that maximise the exit time T_2 among those to which the theorem applies.

    The clusters are those of single linkage, each in the smallest cap that holds it; for every number of clusters the
    depth eps maximises log T_2 subject to gamma > 0 and an admissible decay rate. Where the theorem applies to no
    choice, the one that misses least is returned, and its hypotheses say what fails.

    Args:
        system: the tokens at time 0, with beta > 0.
        epsilon: depth of the caps in (0, 1); chosen if not given.
        clusters: number of caps, between 1 and n; chosen if not given.

    Raises:
        InputError: if a value is not as above, or single linkage never makes that number of clusters.
    """
    candidates = [
        SeparatedCloud(system, centres, _best_epsilon(system, centres, depth) if epsilon is None else epsilon)
        for centres, depth in cap_choices(system, clusters)
    ]
    return max(candidates, key=_score)


def _score(cloud: SeparatedCloud) -> tuple[int, float]:
    """Clouds to which the theorem applies, by their exit time; before all others, by how little is missing."""
    missing = missing_hypotheses(cloud)
    return -missing, float(cloud.gamma.value if missing else cloud.log_exit_time.value)


def missing_hypotheses(cloud: SeparatedCloud) -> int:
    """Number of hypotheses that fail."""
    return sum(hypothesis.check(cloud).answer is not Answer.HOLDS for hypothesis in (*SEPARATED, *ADMISSIBLE_RATE))


def cap_choices(system: ParticleSystem, clusters: int | None) -> Iterator[tuple[Float[np.ndarray, "k d"], float]]:
    """Choose caps for each number of clusters.

    Args:
        system: the tokens.
        clusters: how many; every number that may be separated if None.

    Yields:
        Centres of the smallest caps around the clusters of single linkage, and the depth that holds them all.
    """

    @functools.cache
    def cap_of(inside: bytes) -> tuple[Float[np.ndarray, " d"], float]:
        return smallest_cap(system.points[np.frombuffer(inside, bool)])

    for labels in _partitions(system, clusters):
        caps = [cap_of((labels == label).tobytes()) for label in np.unique(labels)]
        yield np.stack([centre for centre, _ in caps]), max(depth for _, depth in caps)


def _partitions(system: ParticleSystem, clusters: int | None) -> Iterator[Int[np.ndarray, " n"]]:
    """Cut the tree of single linkage.

    Yields:
        Labels of the given number of clusters, or of every number that may be separated.

    Raises:
        InputError: if there are never that many.
    """
    finite_number("beta", system.beta, at_least=LEAST_BETA)
    n = len(system.points)
    wanted = None if clusters is None else whole_number("clusters", clusters, at_least=1, at_most=n)
    tree = linkage(system.points, "single") if n > 1 else np.zeros((0, 4))
    joins = np.concatenate([[0.0], tree[:, 2], [np.inf]])
    possible = [k for k in range(1, n + 1) if joins[n - k] < joins[n - k + 1]]
    if wanted is not None and wanted not in possible:
        raise InputError(f"clusters must be a number that single linkage makes, got {wanted}; it makes {possible[:20]}")
    # 1 - alpha is at most half the square of the distance between clusters, and gamma > 0 needs this much of it
    needed = np.log(32 * n**2) / system.beta
    far = [k for k in possible if n <= _FEW or k <= 2 or joins[n - k + 1] ** 2 / 2 > needed]
    for k in far if wanted is None else [wanted]:
        yield fcluster(tree, joins[n - k], "distance") if n > 1 else np.ones(1, np.int64)


def _best_epsilon(system: ParticleSystem, centres: Float[np.ndarray, "k d"], depth: float) -> float:
    """Depth between the smallest one that holds the tokens and 1/16, by a grid search that is refined once."""
    low = max(depth * (1 + 1e-12) + 1e-15, 1e-12)
    if low >= _LARGEST:
        return min(low, 1 - 1e-9)
    angle, size = smallest_angle(centres), (len(system.points), system.beta)
    grid = np.geomspace(low, _LARGEST, _GRID)
    best = _best_index(grid, angle, size)
    fine = np.geomspace(grid[max(0, best - 1)], grid[min(_GRID - 1, best + 1)], _GRID)
    return float(fine[_best_index(fine, angle, size)])


def _best_index(grid: Float[np.ndarray, " e"], angle: float, size: tuple[int, float]) -> int:
    """Where log T_2 is largest among the depths that the theorem allows; where gamma is, if it allows none."""
    clearance = cap_clearance(angle, grid)
    gamma = np.asarray(separation(clearance, grid, *size))
    feasible = (gamma > 0) & (np.minimum(*rate_limits(clearance, grid, *size)) > 0)
    gain = np.where(feasible, log_exit_time(clearance, grid, *size), -np.inf)
    return int(np.argmax(gain if np.any(feasible) else gamma))

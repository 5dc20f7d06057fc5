"""How strongly clusters attract each other, and which of them need not be looked at."""

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.spatial import KDTree

from fathometer.attention.dynamics.collapse._cloud import Cloud
from fathometer.attention.model._system import Model

_LOW = 8
"""Dimension up to which trees find neighbours faster than all products do."""


Masses = Float[np.ndarray, "..."] | float


def log_strength(first: Masses, second: Masses, model: Model) -> Masses:
    """Log of the rate at which two clusters that are close together would approach, from their log masses; or more.

    At most the sum of the masses for USA, and the sum of their two ratios for SA (Z_i >= m_i); at most twice too large.

    Args:
        first: log of the mass of one cluster, or an array of them.
        second: log of the mass of the other, of a shape that broadcasts.
        model: SA or USA.
    """
    larger = np.abs(first - second) if model is Model.SA else np.maximum(first, second)
    return larger + math.log(2)


class Relevance(NamedTuple):
    """The pairs of clusters that matter for a while.

    Attributes:
        pairs: positions in the list of clusters, shape (pairs, 2); None for all of them.
        log_rate: no pair that was left out moves its clusters faster than this.
        reach: no pair that was left out is closer.
    """

    pairs: Int[np.ndarray, "pairs 2"] | None
    log_rate: float
    reach: float


def relevant_pairs(cloud: Cloud, free: Bool[np.ndarray, " k"], beta: float, model: Model, depth: float) -> Relevance:
    """Find the pairs whose attraction is at least exp(-depth) of the strongest one that a free cluster feels.

    Args:
        cloud: the clusters.
        free: which of the present clusters may move; not none of them.
        beta: inverse temperature, above 0.
        model: SA or USA.
        depth: in e-folds.
    """
    points, masses = cloud.points[cloud.alive], cloud.log_masses[cloud.alive]
    search = _near if points.shape[1] <= _LOW else _by_products
    relevance = search(points, masses, free, beta, model, depth)
    if relevance.pairs is None:
        return relevance
    return relevance._replace(pairs=relevance.pairs[np.any(free[relevance.pairs], axis=1)])


def _near(points, masses, free, beta: float, model: Model, depth: float) -> Relevance:
    tree = KDTree(points)
    chords, nearest = tree.query(points[free], k=2)
    strongest = np.max(
        log_strength(masses[free], masses[np.asarray(nearest)[:, 1]], model) - beta * chords[:, 1] ** 2 / 2
    )
    most = float(log_strength(np.min(masses), np.max(masses), model))
    reach = math.sqrt(2 * max(most - strongest + depth, 0.0) / max(beta, 1e-100))  # all, and no overflow
    log_rate = float(strongest - depth)
    sample = points[:: max(1, len(points) // 64)]
    if 4 * np.mean(tree.query_ball_point(sample, reach, return_length=True)) > len(points):
        return Relevance(None, log_rate, reach)
    pairs = tree.query_pairs(reach, output_type="ndarray")
    gaps = np.sum((points[pairs[:, 0]] - points[pairs[:, 1]]) ** 2, axis=1) / 2
    rates = log_strength(masses[pairs[:, 0]], masses[pairs[:, 1]], model) - beta * gaps
    return Relevance(pairs[rates >= log_rate], log_rate, reach)


def _by_products(points, masses, free, beta: float, model: Model, depth: float) -> Relevance:
    rows = np.flatnonzero(free)
    blocks = np.array_split(rows, len(rows) * len(points) // 2_000_000 + 1)
    rates = [_rates(points, masses, block, beta, model) for block in blocks]
    log_rate = float(max(np.max(rate) for rate in rates) - depth)
    ends = [np.nonzero(rate >= log_rate) for rate in rates]
    pairs = np.concatenate([np.stack([block[i], j], axis=1) for block, (i, j) in zip(blocks, ends, strict=True)])
    once = (pairs[:, 0] < pairs[:, 1]) | ~free[pairs[:, 1]]
    return Relevance(pairs[once], log_rate, math.sqrt(2.0))


def _rates(points, masses, rows, beta: float, model: Model):
    strengths = log_strength(masses[rows][:, None], masses[None], model)
    rates = strengths - beta * (1 - points[rows] @ points.T)
    rates[np.arange(len(rows)), rows] = -np.inf
    return rates

"""Sliced and entropic Wasserstein distances by way of POT, an optional package."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial.distance import cdist

from fathometer.evidence import Estimate, InputError, finite_number, whole_number
from fathometer.generalization.distances._empirical_transport import enclosed_cost, read_clouds


def sliced_w1(
    first: ArrayLike,
    second: ArrayLike,
    first_weights: ArrayLike | None = None,
    second_weights: ArrayLike | None = None,
    *,
    directions: int = 200,
    seed: int = 0,
) -> Estimate:
    """Mean over random directions of W1 between the projected clouds, with its normal 95 % interval; at most W1.

    Args:
        first: shape (n,) or (n, d), finite.
        second: shape (k,) or (k, d).
        first_weights: shape (n,), non-negative with sum 1; equal if left out.
        second_weights: shape (k,), likewise.
        directions: number of directions, at least 2.
        seed: of the directions.

    Raises:
        InputError: if shapes, weights or the number are not such, or POT is not installed.
    """
    x, y, a, b = read_clouds(first, second, first_weights, second_weights)
    count = whole_number("directions", directions, at_least=2)
    _, log = _pot().sliced_wasserstein_distance(x, y, a, b, n_projections=count, p=1, seed=seed, log=True)
    return Estimate.mean_of(np.asarray(log["projected_emds"]))


def entropic_w1(
    first: ArrayLike,
    second: ArrayLike,
    first_weights: ArrayLike | None = None,
    second_weights: ArrayLike | None = None,
    *,
    regularization: float = 0.02,
    iterations: int = 2000,
) -> Estimate:
    """W1 from Sinkhorn's iteration, enclosed: by its plan from above and by its potential from below.

    Both are made feasible, so that the interval is proved whether or not the iteration has converged; a smaller
    regularization and more iterations make it narrower.

    Args:
        first: shape (n,) or (n, d), finite.
        second: shape (k,) or (k, d).
        first_weights: shape (n,), non-negative with sum 1; equal if left out.
        second_weights: shape (k,), likewise.
        regularization: of the plan by its entropy, in units of the mean cost, above 0.
        iterations: largest number of iterations.

    Raises:
        InputError: if shapes, weights or numbers are not such, or POT is not installed.
    """
    x, y, a, b = read_clouds(first, second, first_weights, second_weights)
    costs = cdist(x, y)
    scale = finite_number("regularization", regularization, above=0) * float(costs.mean() or 1.0)
    most = whole_number("iterations", iterations, at_least=1)
    options = {"numItermax": most, "stopThr": 1e-9, "log": True, "warn": False}
    plan, log = _pot().sinkhorn(a, b, costs, scale, method="sinkhorn_log", **options)
    return enclosed_cost(costs, a, b, np.asarray(plan), scale * np.nan_to_num(log["log_u"], neginf=0.0))


def _pot() -> Any:
    """The package.

    Raises:
        InputError: if it is not installed.
    """
    try:
        import ot
    except ImportError as error:
        raise InputError("sliced and entropic distances need POT: pip install 'fathometer[transport]'") from error
    return ot

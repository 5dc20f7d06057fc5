"""Wasserstein distances between point clouds with the Euclidean cost, each with an interval that is proved."""

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike
from scipy import optimize, sparse
from scipy.spatial.distance import cdist

from fathometer.evidence import Estimate, InputError, finite_array

LARGEST_PROGRAM = 250_000
"""Pairs of points up to which a linear program is solved."""
Cloud = Float[np.ndarray, "n d"]
OtherCloud = Float[np.ndarray, "k d"]
Masses = Float[np.ndarray, " n"]
OtherMasses = Float[np.ndarray, " k"]
Pairs = Float[np.ndarray, "n k"]


def empirical_w1(
    first: ArrayLike,
    second: ArrayLike,
    first_weights: ArrayLike | None = None,
    second_weights: ArrayLike | None = None,
) -> Estimate:
    """W1 between two point clouds.

    Exact for d = 1 (the area between the distribution functions) and for equal sizes and weights (an assignment); else
    by a linear program and enclosed by its two sides, both made feasible.

    Args:
        first: shape (n,) or (n, d), finite.
        second: shape (k,) or (k, d).
        first_weights: shape (n,), non-negative with sum 1; equal if left out.
        second_weights: shape (k,), likewise.

    Raises:
        InputError: if shapes or weights are not such, or a linear program would have more than 250 000 pairs.
    """
    x, y, a, b = read_clouds(first, second, first_weights, second_weights)
    if x.shape[1] == 1:
        return Estimate.exact(_along_the_line(x[:, 0], y[:, 0], a, b, 1))
    return _by_plan(cdist(x, y), a, b, first_weights is None and second_weights is None)


def empirical_w2(
    first: ArrayLike,
    second: ArrayLike,
    first_weights: ArrayLike | None = None,
    second_weights: ArrayLike | None = None,
) -> Estimate:
    """W2 between two point clouds; see `empirical_w1`, with quantiles matched for d = 1.

    Args:
        first: shape (n, d), or (n,) for d = 1.
        second: shape (k, d), or (k,).
        first_weights: shape (n,), non-negative with sum 1; equal if left out.
        second_weights: shape (k,), likewise.
    """
    x, y, a, b = read_clouds(first, second, first_weights, second_weights)
    if x.shape[1] == 1:
        return Estimate.exact(np.sqrt(_along_the_line(x[:, 0], y[:, 0], a, b, 2)))
    square = _by_plan(cdist(x, y, "sqeuclidean"), a, b, first_weights is None and second_weights is None)
    value, lower, upper = (float(np.sqrt(max(0.0, float(part)))) for part in (square.value, square.lower, square.upper))
    return Estimate(value, lower, upper, square.kind)


def read_clouds(
    first: ArrayLike, second: ArrayLike, first_weights: ArrayLike | None, second_weights: ArrayLike | None
) -> tuple[Cloud, OtherCloud, Masses, OtherMasses]:
    """Two clouds in one space, with their weights.

    Args:
        first: shape (n, d), or (n,) for d = 1.
        second: shape (k, d), or (k,).
        first_weights: shape (n,), non-negative with sum 1; None for equal ones.
        second_weights: shape (k,), likewise.

    Raises:
        InputError: if shapes or weights are not such.
    """
    x, y = (_cloud(name, points) for name, points in (("first", first), ("second", second)))
    if x.shape[1] != y.shape[1]:
        raise InputError(f"the two clouds must have one dimension, got {x.shape[1]} and {y.shape[1]}")
    return x, y, _masses("first", len(x), first_weights), _masses("second", len(y), second_weights)


def enclosed_cost(costs: Pairs, a: Masses, b: OtherMasses, plan: Pairs, potential: Masses) -> Estimate:
    """Smallest transport cost between the dual value of a potential and the cost of a plan, both made feasible.

    The plan is scaled down to the masses and completed by a product (Altschuler, Weed and Rigollet 2017); the
    second potential is min_i (costs_ij - potential_i).

    Args:
        costs: shape (n, k), of moving each point of the first cloud to each of the second.
        a: shape (n,), masses of the first cloud, of sum 1.
        b: shape (k,), masses of the second.
        plan: shape (n, k), nearly optimal, from whatever solver.
        potential: shape (n,), nearly optimal, of the first cloud.
    """
    plan = np.maximum(plan, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        plan = plan * np.nan_to_num(np.minimum(a / plan.sum(axis=1), 1), nan=1.0)[:, None]
        plan = plan * np.nan_to_num(np.minimum(b / plan.sum(axis=0), 1), nan=1.0)
    left, right = a - plan.sum(axis=1), b - plan.sum(axis=0)
    missing = np.abs(left).sum()
    rest = left @ costs @ right / missing if missing > 0 else 0.0
    upper = float(np.sum(plan * costs) + rest)
    lower = float(a @ potential + b @ np.min(costs - potential[:, None], axis=0))
    slack = 1e-13 * max(upper, float(costs.max()))
    return Estimate.enclosed(upper, max(0.0, min(lower - slack, upper)), upper + slack)


def _by_plan(costs: Pairs, a: Masses, b: OtherMasses, equal: bool) -> Estimate:
    """Smallest mean cost of a plan.

    Raises:
        InputError: if the program is too large.
    """
    if equal and costs.shape[0] == costs.shape[1]:
        return Estimate.exact(float(costs[optimize.linear_sum_assignment(costs)].mean()))
    if costs.size > LARGEST_PROGRAM:
        raise InputError(f"unequal weights or sizes allow at most {LARGEST_PROGRAM} pairs of points, got {costs.size}")
    rows, columns = costs.shape
    marginals = sparse.vstack(
        [sparse.kron(sparse.eye(rows), np.ones(columns)), sparse.kron(np.ones(rows), sparse.eye(columns))]
    )
    solved = optimize.linprog(costs.ravel(), A_eq=marginals.tocsr(), b_eq=np.concatenate([a, b]), method="highs")
    return enclosed_cost(costs, a, b, solved.x.reshape(costs.shape), solved.eqlin.marginals[:rows])


def _along_the_line(x: Masses, y: OtherMasses, a: Masses, b: OtherMasses, power: int) -> float:
    """Integral over the levels of |difference of quantiles|^power."""
    if power == 1:
        order = np.argsort(np.concatenate([x, y]), kind="stable")
        points, steps = np.concatenate([x, y])[order], np.concatenate([a, -b])[order]
        return float(np.abs(np.cumsum(steps)[:-1]) @ np.diff(points))
    ends, quantiles = [], []
    for points, masses in ((x, a), (y, b)):
        order = np.argsort(points, kind="stable")
        ends.append(np.minimum(np.cumsum(masses[order]), 1.0))
        quantiles.append(points[order])
    levels = np.unique(np.concatenate([[0.0], *ends]))
    middles = (levels[1:] + levels[:-1]) / 2
    at = [
        part[np.minimum(np.searchsorted(end, middles), part.size - 1)]
        for part, end in zip(quantiles, ends, strict=True)
    ]
    return float(np.diff(levels) @ np.abs(at[0] - at[1]) ** power)


def _cloud(name: str, points: ArrayLike) -> Float[np.ndarray, "n d"]:
    array = finite_array(name, points)
    if array.ndim not in (1, 2) or array.size == 0:
        raise InputError(f"{name} must have shape (n,) or (n, d) with n >= 1, got {array.shape}")
    return array.reshape(len(array), -1)


def _masses(name: str, size: int, weights: ArrayLike | None) -> Float[np.ndarray, " n"]:
    if weights is None:
        return np.full(size, 1 / size)
    masses = finite_array(f"{name}_weights", weights, ndim=1)
    if masses.size != size or np.any(masses < 0) or abs(masses.sum() - 1) > 1e-9:
        raise InputError(f"{name}_weights must be {size} non-negative numbers with sum 1, got {masses.tolist()[:4]}")
    return masses

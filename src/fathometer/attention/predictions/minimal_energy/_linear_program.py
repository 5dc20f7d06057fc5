"""The polynomial below the kernel that gives the best bound: a linear program, then Newton's method on what it touches.

Maximise h_0 - (1/n) sum_k h_k over h_k >= 0 (k >= 1) with h(a) = sum_k h_k C_k(cos a) <= exp(beta (cos a - 1)). At the
maximum h touches the kernel at some angles, and weights w_i > 0 at these with 1/n at a = 0 integrate every C_k with
h_k > 0 as the sphere does: sum_i w_i C_k(cos a_i) + 1/n = 0 (k >= 1), 1 (k = 0). The program on a grid knows the angles
to a grid step; these equations, and h = kernel, h' = kernel' there, give them and h to all digits.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import linprog

from fathometer.attention.predictions.minimal_energy._cosine_polynomials import (
    Reals,
    excess,
    gegenbauer_cosines,
    values_and_slopes,
)

_GRID = 240
_ROUNDS = 4
_NEWTON = 8
_LARGEST_ZOOM = 1e7
_SIMPLE = 1e-7
"""Cost of a degree that makes the polynomial unique where many are best, as for sharp configurations."""
_WEIGHT = 1e-9
_END = 1e-3
"""Angles this near 0 or pi are 0 or pi."""


class Touching(NamedTuple):
    """Where a polynomial touches the kernel.

    Attributes:
        angles: ascending, shape (m,).
        weights: of the quadrature, positive, shape (m,).
    """

    angles: Reals
    weights: Reals


def candidates(n: int, d: int, beta: float, degree: int) -> list[Reals]:
    """Return polynomials, shape (degree + 1,) each, that are nearly below the kernel: of the program, and polished.

    Args:
        n: number of points, >= 2.
        d: dimension, >= 2.
        beta: inverse temperature, >= 0.
        degree: largest degree, >= 1.
    """
    basis = gegenbauer_cosines(degree, d)
    solved = [_solve(n, beta, basis, simple) for simple in (0.0, _SIMPLE)]
    polished = [_polished(h, touching, n, beta, basis) for h, touching in solved if touching is not None]
    return [solved[0][0], *polished]


def _solve(n: int, beta: float, basis: Reals, simple: float) -> tuple[Reals, Touching | None]:
    """Rounds of the program for a correction of h, in ever smaller units, on a grid that grows where h touches."""
    angles, h, zoom, touching = np.linspace(0, np.pi, _GRID + 1), np.zeros(len(basis), np.longdouble), 1.0, None
    for _ in range(_ROUNDS):
        room = -excess(basis @ h, beta, angles)[0]
        solved = _program(
            _gain(n, len(h), simple), np.asarray(room * zoom, float), np.asarray(h * zoom, float), angles, basis
        )
        if solved is None:
            break
        h = h + np.asarray(solved[0], np.longdouble) / zoom
        h[1:] = np.maximum(h[1:], 0)
        touching = _touching(angles, -solved[1])
        angles, zoom = _refined(angles, touching, basis @ h, beta), min(zoom * 100, _LARGEST_ZOOM)
    return h, touching


def _gain(n: int, terms: int, simple: float) -> Reals:
    """What a unit of each coefficient adds to the bound, less a little for high degrees."""
    return np.where(np.arange(terms) == 0, 1.0, 0.0) - 1 / n - simple * np.arange(terms)


def _program(gain: Reals, room: Reals, least: Reals, angles: Reals, basis: Reals) -> tuple[Reals, Reals] | None:
    """The best correction and the multipliers of the angles; None if the solver gives up."""
    values = np.cos(np.outer(angles, np.arange(len(basis)))) @ np.asarray(basis, float)
    limits = [(None, None), *((-x, None) for x in least[1:])]
    tight = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
    solved = linprog(-gain, A_ub=values, b_ub=room, bounds=limits, method="highs-ds", options=tight)
    return (solved.x, solved.ineqlin.marginals) if solved.status == 0 else None


def _touching(angles: Reals, weights: Reals) -> Touching:
    """Neighbours on the grid that carry weight are one place."""
    order = np.argsort(angles)
    at, weight = angles[order], weights[order]
    at, weight = at[weight > _WEIGHT], weight[weight > _WEIGHT]
    groups = np.cumsum(np.append(0, np.diff(at) > 2 * np.pi / _GRID))
    total = np.bincount(groups, weight)
    return Touching(np.bincount(groups, weight * at) / total, np.asarray(total, float))


def _refined(angles: Reals, touching: Touching, cosines: Reals, beta: float) -> Reals:
    """The grid with the places of largest excess near where h touches."""
    at = touching.angles
    for _ in range(4):
        _, slope, curvature = excess(cosines, beta, at)
        at = np.clip(at - np.where(curvature < 0, slope / np.minimum(curvature, -1e-300), 0), 0, np.pi)
    near = np.abs(at - touching.angles) < 2 * np.pi / _GRID
    return np.unique(np.concatenate([angles, np.asarray(at[near], float)]))


def _polished(h: Reals, touching: Touching, n: int, beta: float, basis: Reals) -> Reals:
    """Newton's method for the angles and weights, and for h, by least squares in case the numbers do not match."""
    used = np.flatnonzero(np.append(True, h[1:] > 1e-9 * np.max(h)))
    h, angles, weights = h.copy(), *(np.asarray(part, np.longdouble) for part in touching)
    angles = np.where(angles < _END, 0, np.where(angles > np.pi - _END, np.pi, angles))
    inner = (angles > 0) & (angles < np.pi)
    for _ in range(_NEWTON):
        values, slopes = values_and_slopes(basis[:, used], angles)
        wanted = np.where(used == 0, 1, 0) - 1 / np.longdouble(n)
        steps = _least_squares(np.vstack([values, (weights[:, None] * slopes)[inner]]).T, wanted - weights @ values)
        weights = weights + steps[: len(angles)]
        angles[inner] += np.clip(steps[len(angles) :], -0.01, 0.01)
    for _ in range(_NEWTON):
        values, slopes = values_and_slopes(basis[:, used], angles)
        above, steeper, _ = excess(basis @ h, beta, angles)
        h[used] += _least_squares(np.vstack([values, slopes[inner]]), -np.append(above, steeper[inner]))
    return np.append(h[0], np.maximum(h[1:], 0))


def _least_squares(matrix: Reals, right: Reals) -> Reals:
    """The shortest best solution in float64; the caller repeats it on the rest."""
    return np.linalg.lstsq(np.asarray(matrix, float), np.asarray(right, float), rcond=1e-13)[0]

"""What a path of steepest ascent promises: constants along it, and the bounds that follow from them.

A constant is measured along the path, because it is what the theorems on slow motion assume.
"""

import numpy as np
from jaxtyping import Float

from fathometer.attention.model._ascent_path import AscentPath, energy_gradient
from fathometer.attention.model._hessian import circle_hessian
from fathometer.attention.observables.paths._ascent_path import collapsed, path_deficits, rise_to_slow_set
from fathometer.evidence import Axis, InputError

FLOOR = 26.0
"""Derived constant in front of the slope of the slow set; no loss in the rate is needed with it."""

SPEED = 340.0
"""Derived constant 2 (sqrt 2 + sqrt 3) 53 + 3, rounded up: f stays below 53 delta / sqrt(kappa)."""

ROUNDING = 1e-15
_ROUNDING_OF_ROOT = 1e-9

_RESOLVED = 1e-14
"""Squared distance from the slow set above which the rise to it is more than rounding."""


def curvatures(path: AscentPath) -> Float[np.ndarray, " t"]:
    """<grad E, Hess E grad E> / |grad E|^2 for each state: above 0 the ascent accelerates. NaN at rest."""
    gradients = energy_gradient(path.angles, path.beta)
    n = path.angles.shape[1]
    hessians = np.stack([circle_hessian(x, np.full(n, 1 / n), path.beta) for x in path.angles])
    bent = np.einsum("ti,tij,tj->t", gradients, hessians, gradients)
    squares = np.sum(gradients**2, axis=1)
    return bent / np.where(squares > 0, squares, np.nan)


def concavity(path: AscentPath) -> float:
    """Largest c with <grad E, Hess E grad E> <= -c |grad E|^2 along the path."""
    return -float(np.max(curvatures(path)))


def convexity(path: AscentPath) -> float:
    """Largest c with <grad E, Hess E grad E> >= c |grad E|^2 along the path: the reverse PL constant."""
    return float(np.min(curvatures(path)))


def path_pl_constant(path: AscentPath) -> float:
    """Largest c with E(v) - E <= |grad E|^2 / (2 c) along the path, v its end; NaN if it does not rise.

    Taken until the rise that is left is 1e-6 of the whole.
    """
    rises = _rises(path)
    slopes = np.sum(energy_gradient(path.angles, path.beta) ** 2, axis=1)
    before = rises > 1e-6 * np.max(rises)
    return float(np.min(slopes[before] / (2 * rises[before]))) if np.any(before) else np.nan


def gap_bound(path: AscentPath) -> Float[np.ndarray, " t"]:
    """|grad E|^2 / (2 c) with the `concavity` c, with room for the solver and for rounding."""
    slopes = np.sum(energy_gradient(path.angles, path.beta) ** 2, axis=1)
    return slopes / (2 * concavity(path)) * (1 + 1e-6) + ROUNDING


def distance_bound(path: AscentPath, factor: float) -> Float[np.ndarray, " t"]:
    """Factor (E(v) - E(u)) / c with the `path_pl_constant` c, with room for the last states and the solver."""
    rises = _rises(path)
    room = 1e-5 * rises[0]
    return factor * (rises + room) / path_pl_constant(path) * (1 + 1e-6)


def attraction_bound(path: AscentPath, axis: Axis | None) -> Float[np.ndarray, " t"]:
    """exp(-kappa t) f(0) + 26 delta / sqrt(kappa), f the root of the rise to the slow set, kappa the `slow_constant`.

    Raises:
        InputError: if there is no axis.
    """
    ages, rate = _ages(path, axis), slow_constant(path)
    return np.exp(-rate * ages) * _start(path) * (1 + 1e-6) + FLOOR * slow_slope(path) / _root(rate) + _ROUNDING_OF_ROOT


def motion_bound(path: AscentPath, axis: Axis | None) -> Float[np.ndarray, " t"]:
    """340 (1 + kappa t) delta / kappa, from the `slow_constant` and the `slow_slope`.

    Raises:
        InputError: if there is no axis.
    """
    ages, rate = _ages(path, axis), slow_constant(path)
    return SPEED * (1 + rate * ages) * slow_slope(path) / rate + 2e-9


def room_after_transient(path: AscentPath) -> float:
    """27 delta / sqrt(kappa) less the root of the rise to the slow set at the start; NaN unless kappa > 0."""
    return 27 * slow_slope(path) / _root(slow_constant(path)) - _start(path)


def slow_constant(path: AscentPath) -> float:
    """Largest kappa with (kappa/2) |u - v|^2 <= E(v) - E(u) <= |grad E(u)|^2 / (2 kappa) all along the path."""
    rises = rise_to_slow_set(path, path.angles)
    squares = np.sum((path.angles - collapsed(path, path.angles)) ** 2, axis=1)
    slopes = np.sum(energy_gradient(path.angles, path.beta) ** 2, axis=1)
    away = squares > _RESOLVED
    if not np.any(away):
        return np.nan
    rises = np.where(rises == 0, -np.inf, rises)[away]  # nothing to rise, though away from it: no constant
    return float(min(np.min(slopes[away] / (2 * rises)), np.min(2 * rises / squares[away])))


def slow_slope(path: AscentPath) -> float:
    """Bound on the slope of E within the slow set, for all its points with gaps no smaller than along the path.

    For clusters of n_q tokens at phi_q it is the length of the vector (1/sqrt(n_q)) dE/dphi_q, each entry of which is
    at most sqrt(n_q) (1 - n_q/n) h/n, h the largest pull k(z) sin z over the gaps z from the smallest one on.
    """
    _, first, counts = np.unique(path.members, return_index=True, return_counts=True)
    if len(counts) == 1:
        return 0.0
    places = collapsed(path, path.angles)[:, first]
    gaps = 2 * np.arcsin(np.abs(np.sin((places[:, :, None] - places[:, None, :]) / 2)))
    smallest = float(np.min(gaps[:, *np.triu_indices(len(counts), 1)]))
    angles = np.linspace(smallest, np.pi, 4001)
    pull = float(np.max(np.exp(-2 * path.beta * np.sin(angles / 2) ** 2) * np.sin(angles)))
    n = path.angles.shape[1]
    return pull / n * float(np.sqrt(np.sum(counts * (1 - counts / n) ** 2)))


def _rises(path: AscentPath) -> Float[np.ndarray, " t"]:
    deficits = path_deficits(path, path.angles)
    return deficits - deficits[-1]


def _start(path: AscentPath) -> float:
    return float(np.sqrt(max(0.0, rise_to_slow_set(path, path.angles[:1])[0])))


def _root(rate: float) -> float:
    return float(np.sqrt(rate)) if rate > 0 else np.nan


def _ages(path: AscentPath, axis: Axis | None) -> Float[np.ndarray, " t"]:
    if axis is None:
        raise InputError("this is a statement along time; the measurement has no axis")
    return axis.points - path.times[0]

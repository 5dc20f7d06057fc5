"""What tokens on the circle tell about the energy: its index, its slope, and whether a jump is coming."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from fathometer.attention.model._hessian import circle_hessian
from fathometer.attention.model._system import ParticleSystem
from fathometer.evidence import Estimate, InputError, Observable, Problem

States = Mapping[str, NDArray]
_ROUNDING = 1e-13


def hessian_index(points: Float[np.ndarray, "t n 2"], masses: Float[np.ndarray, " n"], beta: float) -> NDArray:
    """Number of directions in which EE/(2 beta) curves upwards, for each of t states of tokens on the circle.

    Eigenvalues below 1e-13 count as none: a stable state has the index 0, and a saddle of k far clusters at rest k - 1.

    Args:
        points: unit vectors of the plane.
        masses: positive, sum 1.
        beta: inverse temperature, >= 0.
    """
    return np.array([np.sum(np.linalg.eigvalsh(h) > _ROUNDING) for h in _hessians(points, masses, beta)])


def ascent_curvature(
    points: Float[np.ndarray, "t n 2"], masses: Float[np.ndarray, " n"], beta: float
) -> Float[np.ndarray, " t"]:
    """<v, Hess E v> / |v|^2 with v the velocity of USA and |v|^2 = sum_i m_i v_i^2: the reverse PL ratio.

    Above 0 the dissipation grows and a jump of the energy is on its way; -1 next to one cluster. NaN at rest.

    Args:
        points: unit vectors of the plane.
        masses: positive, sum 1.
        beta: inverse temperature, >= 0.
    """
    angles = np.arctan2(points[..., 1], points[..., 0])
    ahead = angles[..., None, :] - angles[..., :, None]
    speeds = np.sum(masses * np.exp(-2 * beta * np.sin(ahead / 2) ** 2) * np.sin(ahead), axis=-1)
    bent = np.einsum("ti,tij,tj->t", speeds, _hessians(points, masses, beta), speeds)
    squares = np.sum(masses * speeds**2, axis=-1)
    moving = squares > 0
    return np.where(moving, bent / np.where(moving, squares, 1.0), np.nan)


def _hessians(points: NDArray[np.float64], masses: NDArray[np.float64], beta: float) -> NDArray[np.float64]:
    angles = np.arctan2(points[..., 1], points[..., 0])
    return np.stack([circle_hessian(state, masses, beta) for state in angles])


def _on_circle(problem: Problem) -> ParticleSystem:
    system = ParticleSystem.expect(problem)
    if (d := system.points.shape[1]) != 2:
        raise InputError(f"this observable is for tokens on the circle, d = 2, got d = {d}")
    return system


def _measure_index(problem: Problem, states: States) -> Estimate:
    system = _on_circle(problem)
    return Estimate.exact(hessian_index(states["points"], system.masses, system.beta))


def _measure_curvature(problem: Problem, states: States) -> Estimate:
    system = _on_circle(problem)
    return Estimate.exact(ascent_curvature(states["points"], system.masses, system.beta))


HESSIAN_INDEX = Observable(
    "hessian_index", "1", "number of directions in which EE/(2 beta) curves upwards, on the circle", _measure_index
)
ASCENT_CURVATURE = Observable(
    "ascent_curvature",
    "1/time",
    "<v, Hess E v>/|v|^2 along the velocity v of USA, on the circle: above 0 a jump is on its way",
    _measure_curvature,
)

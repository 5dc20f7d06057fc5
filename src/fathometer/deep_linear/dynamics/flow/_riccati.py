"""Two layers and whitened data: gradient flow from a balanced start, in closed form."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from fathometer.deep_linear.dynamics.flow._flow_record import time_axis
from fathometer.deep_linear.model._flow_problem import GradientFlow
from fathometer.deep_linear.model._network import as_weights
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.observables._imbalance import imbalance_norms
from fathometer.deep_linear.predictions._small_start import require_plain
from fathometer.evidence import Estimate, InputError, Origin, Provenance, Trajectory

_EQUAL = 1e-12


def riccati_flow(problem: DeepLinear, weights: Sequence[ArrayLike], times: ArrayLike) -> Trajectory:
    """Gradient flow of W_2 W_1 for sigma = c I and W_2^T W_2 = W_1 W_1^T at time 0.

    Source: Fukumizu (1998) and Braun et al. (2022) in these units: Q = [W_1^T; W_2], P = Q Q^T and
    F = [[0, w_star], [w_star^T, 0]] obey dP/dt = 2 c (F P + P F - P^2), which is solved by
    P = e^{2Fs} Q_0 (I + 2 int_0^s Q_0^T e^{4Fr} Q_0 dr)^{-1} Q_0^T e^{2Fs}, s = c t. Here Q_0 has rank one.

    Args:
        problem: plain, of depth 2, with sigma = c I and w_star not zero.
        weights: W_1 of shape (h, d) and W_2 of shape (1, h).
        times: at least 0, strictly increasing.

    Returns:
        Along time: state w, the product; observed `excess_risk`; exact but for rounding.

    Raises:
        InputError: if the problem is of another kind, the start is not balanced to 1e-12, or the times do not fit.
    """
    start, axis = GradientFlow(problem, as_weights(problem, weights)), time_axis(times)
    require_riccati(start)
    w = _product(_chain(start), problem.regression.w_star, problem.regression.lambda_max * axis.points)
    error = (w - problem.regression.w_star) @ problem.regression.half.T
    observed = {"excess_risk": Estimate.exact(np.sum(error**2, axis=-1), along=axis)}
    return Trajectory(start, axis, {"w": w}, Origin.SIMULATED, observed, provenance=Provenance.here())


def require_riccati(start: GradientFlow) -> None:
    """Refuse problems that the closed form does not cover.

    Raises:
        InputError: if the depth is not 2, sigma no multiple of the identity, w_star zero or the start not balanced.
    """
    require_plain(start.network)
    data = start.network.regression
    if start.network.depth != 2 or data.norm == 0:
        raise InputError("the closed form is for depth 2 and a w_star that is not zero")
    if whiteness_defect(start.network) > _EQUAL:
        raise InputError("sigma must be a multiple of the identity")
    if relative_imbalance(start) > _EQUAL:
        raise InputError(f"weights must be balanced, got a relative imbalance of {relative_imbalance(start):.3g}")


def whiteness_defect(problem: DeepLinear) -> float:
    """1 - lambda_min / lambda_max: 0 if sigma is a positive multiple of the identity; 1 if it is singular."""
    data = problem.regression
    return 1 - data.lambda_min / data.lambda_max if data.lambda_max > 0 else 1.0


def relative_imbalance(start: GradientFlow) -> float:
    """Largest |D_k|_op relative to the largest |W_k|_F^2; 0 for one layer or zero weights."""
    scale = max(float(np.sum(matrix**2)) for matrix in start.weights)
    return float(np.max(imbalance_norms(start.weights), initial=0.0)) / scale if scale else 0.0


def _chain(start: GradientFlow) -> Float[np.ndarray, " e"]:
    """The one column that Q has in the direction of W_2, where balanced layers of one output have their rank."""
    first, last = start.weights
    size = float(np.linalg.norm(last))
    return np.append(first.T @ last[0] / size, size) if size else np.zeros(first.shape[1] + 1)


def _product(
    z: Float[np.ndarray, " e"], w_star: Float[np.ndarray, " d"], times: Float[np.ndarray, " T"]
) -> Float[np.ndarray, "T d"]:
    """Off-diagonal part of P for Q_0 = z, with e^{2Fs} and the bracket divided by e^{2ms} and e^{4ms}, which overflow.

    F has the eigenvalues m and -m, with eigenvectors (w_star / m, 1) and (w_star / m, -1) over sqrt(2), and 0.
    """
    m, small = np.linalg.norm(w_star), np.exp(-2 * np.linalg.norm(w_star) * times)[:, None]
    up, down = (np.append(w_star / m, sign) * (z @ np.append(w_star / m, sign)) / 2 for sign in (1.0, -1.0))
    rest = z - up - down
    moved = up + small**2 * down + small * rest
    integral = (1 - small**2) / (4 * m) * (up @ up + small**2 * (down @ down)) + small**2 * times[:, None] * (
        rest @ rest
    )
    block, bracket = moved[:, :-1] * moved[:, -1:], small**2 + 2 * integral
    return np.divide(block, bracket, out=np.zeros_like(block), where=bracket > 0)

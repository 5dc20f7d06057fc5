"""Whitened data and a spectral start: the singular values of the product learn one by one, in closed form."""

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray
from scipy.special import hyp2f1

from fathometer.deep_linear.model._multi_output import MultiOutput
from fathometer.deep_linear.predictions.sharpness._multi_output_sharpness import is_white
from fathometer.evidence import (
    InputError,
    finite_number,
    real_array,
)

_LARGEST_LOGIT = 34.0  # 1 - s / s_star is 1.7e-15 there
_BISECTIONS = 64


def mode_time(share: ArrayLike, start: ArrayLike, target: ArrayLike, depth: int) -> NDArray[np.float64]:
    """Time that a mode takes from `start` to `share * target` under ds/dt = 2 L s^{2-2/L} (target - s).

    Derived: the integral of ds / (s^{2-2/L} (target - s)) is elementary for L = 1, 2 and hypergeometric beyond; for
    L = 2 it is log(x / (1 - x)) / (4 target) with x = s / target.

    Args:
        share: in (0, 1), any shape that broadcasts with the others.
        start: in (0, target).
        target: positive.
        depth: L >= 1.
    """
    goal = real_array("target", target)
    elapsed = _antiderivative(share, depth) - _antiderivative(real_array("start", start) / goal, depth)
    return np.asarray(elapsed / (2 * depth * goal ** (2 - 2 / depth)))


def _antiderivative(share: ArrayLike, depth: int) -> NDArray[np.float64]:
    """Integral of 1 / (x^{2-2/L} (1 - x)), of the shape of x = share."""
    x = real_array("share", share)
    if depth == 1:
        return np.asarray(-np.log1p(-x))
    if depth == 2:
        return np.asarray(np.log(x) - np.log1p(-x))
    exponent = 2 / depth - 1
    return np.asarray(x**exponent / exponent * hyp2f1(1, exponent, 1 + exponent, x))


def spectral_transition_times(problem: MultiOutput, start: float, share: float = 0.5) -> NDArray[np.float64]:
    """Times at which the singular values of the product reach `share` of those of M_star, largest first.

    Source: Saxe, McClelland and Ganguli (2014) for L = 2. A ratio of two times tends to the inverse ratio of the
    singular values as `start` tends to 0.

    Args:
        problem: with sigma = c I.
        start: all singular values of the product at time 0, positive, below every positive one of M_star.
        share: in (0, 1), above start over the smallest positive singular value of M_star.

    Returns:
        One time for each positive singular value of M_star, shape (r,).

    Raises:
        InputError: if sigma is no multiple of the identity, or a number is out of range.
    """
    _, S, _, curvature = _modes(problem, start)
    part = finite_number("share", share, above=start / S[-1], below=1)
    return mode_time(part, start, S, problem.depth) / curvature


def spectral_path(
    problem: MultiOutput, start: float, times: Float[np.ndarray, " t"]
) -> tuple[NDArray, NDArray, NDArray]:
    """Product of a balanced network with the singular vectors of M_star along its gradient flow: U, values, V^T.

    Args:
        problem: with sigma = c I.
        start: all singular values of the product at time 0, positive, below every positive one of M_star.
        times: shape (t,), at least 0.

    Returns:
        U of shape (K, r), singular values of shape (t, r), V^T of shape (r, d).

    Raises:
        InputError: if sigma is no multiple of the identity, or the start is out of range.
    """
    U, S, Vt, curvature = _modes(problem, start)
    return U, S * _share_at(curvature * times[:, None], start, S, problem.depth), Vt


def mode_velocity(problem: MultiOutput, values: ArrayLike) -> NDArray[np.float64]:
    """Velocity 2 c L s^{2-2/L} (s_star - s) of each mode, for singular values s of shape (..., r), largest first.

    Raises:
        InputError: if sigma is no multiple of the identity.
    """
    if not is_white(problem):
        raise InputError("sigma must be a multiple of the identity")
    s, data, depth = real_array("singular values", values), problem.regression, problem.depth
    goals = np.linalg.svd(data.M_star, compute_uv=False)[: s.shape[-1]]
    return np.asarray(2 * data.inputs.lambda_max * depth * s ** (2 - 2 / depth) * (goals - s))


def mode_values(problem: MultiOutput, M: ArrayLike) -> NDArray[np.float64]:
    """u_i^T M v_i for the singular vectors of M_star with a positive value, for M of shape (..., o, d)."""
    target = problem.regression.M_star
    U, _, Vt = np.linalg.svd(target, full_matrices=False)
    rank = int(np.linalg.matrix_rank(target))
    return np.einsum("ir,...ij,rj->...r", U[:, :rank], real_array("M", M), Vt[:rank])


def _share_at(
    times: Float[np.ndarray, "T 1"], start: float, targets: Float[np.ndarray, " r"], depth: int
) -> Float[np.ndarray, "T r"]:
    """Inverse of `mode_time`, by bisection on log(x / (1 - x))."""
    x = start / targets
    low = np.broadcast_to(np.log(x) - np.log1p(-x), (len(times), len(targets)))
    high = np.full_like(low, _LARGEST_LOGIT)
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        early = mode_time(1 / (1 + np.exp(-middle)), start, targets, depth) < times
        low, high = np.where(early, middle, low), np.where(early, high, middle)
    return 1 / (1 + np.exp(-(low + high) / 2))


def _modes(problem: MultiOutput, start: float) -> tuple[NDArray, NDArray, NDArray, float]:
    """Positive singular values of M_star with their vectors, and c of sigma = c I.

    Raises:
        InputError: if sigma is no multiple of the identity, M_star is zero, or a mode starts above its target.
    """
    if not is_white(problem):
        raise InputError("sigma must be a multiple of the identity")
    U, S, Vt = np.linalg.svd(problem.regression.M_star, full_matrices=False)
    rank = int(np.linalg.matrix_rank(problem.regression.M_star))
    if not rank:
        raise InputError("M_star must not be zero")
    finite_number("start", start, above=0, below=float(S[rank - 1]))
    return U[:, :rank], S[:rank], Vt[:rank], problem.regression.inputs.lambda_max

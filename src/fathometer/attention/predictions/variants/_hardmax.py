"""Hardmax attention with leaders, in closed form."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.attention.model.variants._hardmax_tokens import hardmax_targets
from fathometer.evidence import InputError, finite_array


def hardmax_motion(points: ArrayLike, matrix: ArrayLike, times: ArrayLike) -> NDArray[np.float64]:
    """Exact motion of tokens under dx_i/dt = x_j - x_i with the target j of `hardmax_targets` at every moment.

    If every target is its own target (a leader), targets never change, leaders stay, and
    x_i(t) = exp(-t) x_i(0) + (1 - exp(-t)) v with the leader v: Frank-Wolfe in continuous time (Alcalde et al. 2025;
    that targets never change is derived: <B x_i(t), v - x_j(t)> stays a mixture of numbers that are not negative).

    Args:
        points: shape (n, d).
        matrix: B, shape (d, d).
        times: shape (length,), >= 0.

    Returns:
        Tokens at the times, shape (length, n, d).

    Raises:
        InputError: if shapes do not fit, a time is negative, or a target is not its own target.
    """
    start, form = finite_array("points", points, ndim=2), finite_array("matrix", matrix, ndim=2)
    ages = finite_array("times", times, ndim=1)
    if not start.size or form.shape != (start.shape[1],) * 2:
        raise InputError(f"matrix must have shape {(start.shape[1],) * 2}, got {form.shape}")
    if np.any(ages < 0):
        raise InputError(f"times must be >= 0, got {ages.min():g}")
    targets = hardmax_targets(start, form)
    if np.any(restless := targets[targets] != targets):
        token = int(np.argmax(restless))
        raise InputError(f"targets must be their own targets, that of token {token} runs to {targets[targets][token]}")
    left = np.exp(-ages)[:, None, None]
    return left * start + (1 - left) * start[targets]

"""What the steps of plain descent do to the imbalance, and whether a step is one."""

from itertools import pairwise

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from fathometer.deep_linear.model._curvature import gradient
from fathometer.deep_linear.model._network import Weights
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.observables._imbalance import imbalances

_ROUNDING = 1e-12
_SAME = 1e-6


def increment_defect(problem: DeepLinear, weights: Weights) -> NDArray[np.float64]:
    """Largest |D_k(t+1) - D_k(t) - eta^2 (grad_{k+1}^T grad_{k+1} - grad_k grad_k^T)|_F of each step, shape (T,).

    It is relative to the largest |W_k|_F^2; eta is read off the step itself. NaN where that is not along the
    gradient.

    Args:
        problem: the network, of depth 2 or more.
        weights: W_1 to W_L at consecutive steps, W_k of shape (T + 1, d_k, d_{k-1}).
    """
    steps, slopes = _steps(problem, weights)
    sizes = _sizes(steps, slopes)
    squared = sizes[:, None, None] ** 2
    pairs = zip(pairwise(slopes), imbalances(weights), strict=True)
    defects = [np.diff(D, axis=0) - squared * (_gram(after) - _gram(_swapped(last))) for (last, after), D in pairs]
    scale = np.max([np.sum(matrix**2, axis=(-2, -1)) for matrix in weights])
    largest = np.max([np.linalg.norm(defect, axis=(-2, -1)) for defect in defects], axis=0)
    return np.where(_along(weights, steps, slopes, sizes), largest / scale if scale else largest, np.nan)


def scalar_factor_defect(problem: DeepLinear, step: float, weights: Weights) -> NDArray[np.float64]:
    """How far each step is from multiplying w_i^2 - w_j^2 by 1 - step^2 g_i g_j / (w_i w_j), shape (T,).

    The largest over all pairs, relative to the largest w_i^2 of the run.

    Args:
        problem: the network, whose layers are numbers.
        step: step size.
        weights: w_1 to w_L at consecutive steps, each of shape (T + 1, 1, 1).
    """
    w = np.stack([matrix[:, 0, 0] for matrix in weights], axis=-1)
    g = np.stack([slope[:, 0, 0] for slope in gradient(problem, tuple(m[:-1] for m in weights))], axis=-1)
    ratio = np.divide(g, w[:-1], out=np.zeros_like(g), where=w[:-1] != 0)
    pairs = w[..., :, None] ** 2 - w[..., None, :] ** 2
    factor = 1 - step**2 * ratio[..., :, None] * ratio[..., None, :]
    scale = np.max(w**2)
    return np.max(np.abs(pairs[1:] - factor * pairs[:-1]), axis=(-2, -1)) / (scale if scale else 1.0)


def _steps(problem: DeepLinear, weights: Weights) -> tuple[Weights, Weights]:
    """What each step adds to the layers, and the gradients that it starts from."""
    before = tuple(matrix[:-1] for matrix in weights)
    return tuple(np.diff(matrix, axis=0) for matrix in weights), gradient(problem, before)


def _sizes(steps: Weights, slopes: Weights) -> Float[np.ndarray, " T"]:
    """Eta of each step, from W_k(t+1) - W_k(t) = -eta grad_k."""
    along, squares = (
        np.asarray(sum(np.sum(x * slope, axis=(-2, -1)) for x, slope in zip(left, slopes, strict=True)))
        for left in (steps, slopes)
    )
    return -np.divide(along, squares, out=np.zeros_like(along), where=squares > 0)


def _along(weights: Weights, steps: Weights, slopes: Weights, sizes: Float[np.ndarray, " T"]) -> NDArray[np.bool_]:
    """Which steps are -eta times the gradient in all layers, up to rounding; shape (T,)."""
    off = [
        np.linalg.norm(step + sizes[:, None, None] * slope, axis=(-2, -1))
        <= _SAME * np.linalg.norm(step, axis=(-2, -1)) + _ROUNDING * np.linalg.norm(matrix[1:], axis=(-2, -1))
        for step, slope, matrix in zip(steps, slopes, weights, strict=True)
    ]
    return np.all(off, axis=0)


def _gram(matrix: np.ndarray) -> np.ndarray:
    return _swapped(matrix) @ matrix


def _swapped(matrix: np.ndarray) -> np.ndarray:
    return np.swapaxes(matrix, -1, -2)

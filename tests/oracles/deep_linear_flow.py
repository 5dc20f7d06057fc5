"""Slow and obviously right: gradient flow of a deep linear network with SciPy, on its dense gradient."""

import numpy as np
from scipy.integrate import solve_ivp

from fathometer.deep_linear import DeepLinear, Regression

DIRECTION = np.array([2, 1, 2]) / 3
UNIT = np.array([0.6, 0.8, 0])
SQUARE = ((3, 3), (3, 3), (3, 3), (1, 3))


def sines(shapes, scale):
    """W_k[i, j] = scale sin(1.3 (i + 1) (j + 2) k + 0.7 k), i and j from 0, k from 1: the start of oracle 4.5."""
    return tuple(
        scale * np.sin(1.3 * (np.arange(rows)[:, None] + 1) * (np.arange(columns)[None] + 2) * k + 0.7 * k)
        for k, (rows, columns) in enumerate(shapes, start=1)
    )


def balanced_start(scale=0.3):
    """W_1 = s e v^T, W_2 = W_3 = s e e^T, W_4 = s e^T: the start of oracle 4.4."""
    inner = scale * np.outer(UNIT, UNIT)
    return scale * np.outer(UNIT, DIRECTION), inner, inner, scale * UNIT[None]


def scalar_network(depth, target=2.0, curvature=1.5):
    return DeepLinear(Regression(np.array([[curvature]]), np.array([target])), depth)


def scalars(values):
    return tuple(np.array([[float(value)]]) for value in values)


def dense_gradient(weights, output, sigma, w_star):
    """From the definition: prefixes and suffixes multiplied anew for every layer."""
    slopes = []
    w = output @ np.linalg.multi_dot([*reversed(weights), np.eye(w_star.size)])
    g = 2 * sigma @ (w - w_star)
    for k in range(len(weights)):
        above, below = output, g
        for matrix in reversed(weights[k + 1 :]):
            above = above @ matrix
        for matrix in weights[:k]:
            below = matrix @ below
        slopes.append(np.outer(above, below))
    return slopes


def scipy_flow(problem, weights, times, method="DOP853", tolerance=1e-12):
    """Weights at the times, W_k of shape (times, d_k, d_{k-1})."""
    shapes = [matrix.shape for matrix in weights]
    ends = np.cumsum([matrix.size for matrix in weights])[:-1]
    data = problem.regression

    def split(y):
        return [part.reshape(shape) for part, shape in zip(np.split(y, ends), shapes, strict=True)]

    def velocity(t, y):
        slopes = dense_gradient(split(y), problem.output, data.sigma, data.w_star)
        return -np.concatenate([slope.ravel() for slope in slopes])

    flat = np.concatenate([matrix.ravel() for matrix in weights])
    found = solve_ivp(
        velocity, (0, times[-1]), flat, method, t_eval=times, rtol=tolerance, atol=tolerance * np.abs(flat).max()
    )
    assert found.success
    return [np.stack(layers) for layers in zip(*map(split, found.y.T), strict=True)]


def linearised_escape(start, target, slope, depth):
    """Time and final cosine of dw/dt = |w|^{2-2/L} (G + (L-1) u <u, G>) until |w| = target, with SciPy."""

    def velocity(t, w):
        norm = np.linalg.norm(w)
        return norm ** (2 - 2 / depth) * (slope + (depth - 1) * w * (w @ slope) / norm**2)

    def reached(t, w):
        return np.linalg.norm(w) - target

    reached.terminal, reached.direction = True, 1
    found = solve_ivp(velocity, (0, 1e9), start, "DOP853", rtol=1e-12, atol=1e-18, events=reached)
    end = found.y_events[0][0]
    return found.t_events[0][0], end @ slope / np.linalg.norm(end) / np.linalg.norm(slope)

"""Dense, slow, obviously right: flows by SciPy's implicit-free integrator, and several outputs from their samples."""

import jax
import jax.numpy as jnp
import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import minimize

import fathometer.numerics  # noqa: F401  (float64)
from fathometer.evidence import Axis, AxisKind, Origin, Trajectory
from tests.oracles.deep_linear import quadratic_risk, unflatten


def flow(problem, network, weights, times):
    """Gradient flow of the risk by DOP853 and autodiff, as a trajectory of `problem`."""
    data = network.regression

    def loss(layers):
        return quadratic_risk(layers, network.output, data.sigma, data.w_star)

    layers = integrate(loss, weights, times)
    states = {f"W{k}": layer for k, layer in enumerate(layers, start=1)}
    return Trajectory(problem, Axis(AxisKind.TIME, times), states, Origin.SIMULATED)


def integrate(loss, weights, times):
    """Layers along the gradient flow of a loss of the layers."""
    shapes = [matrix.shape for matrix in weights]
    slope = jax.jit(jax.grad(lambda vector: loss(unflatten(vector, shapes))))
    start = np.concatenate([np.ravel(matrix) for matrix in weights])
    scale = np.linalg.norm(start)
    solution = solve_ivp(
        lambda _, y: -np.asarray(slope(y)),
        (times[0], times[-1]),
        start,
        method="DOP853",
        t_eval=times,
        rtol=1e-11,
        atol=1e-13 * scale,
    )
    ends = np.cumsum([rows * columns for rows, columns in shapes])[:-1]
    parts = np.split(solution.y.T, ends, axis=1)
    return [part.reshape(len(times), *shape) for part, shape in zip(parts, shapes, strict=True)]


def matrix_risk(weights, sigma, M_star):
    """|(M - M_star) sigma^{1/2}|_F^2 of M = W_L ... W_1."""
    M = weights[0]
    for factor in weights[1:]:
        M = factor @ M
    return jnp.sum(((M - M_star) @ sigma) * (M - M_star))


def matrix_hessian(weights, sigma, M_star):
    shapes = [matrix.shape for matrix in weights]
    vector = np.concatenate([np.ravel(matrix) for matrix in weights])
    return np.asarray(jax.hessian(lambda v: matrix_risk(unflatten(v, shapes), sigma, M_star))(vector))


def best_direction(sigma, M_star, depth, starts, seed):
    """2 L |z|^{2/L} |M z|^{2-2/L} / z^T sigma^{-1} z, maximised over z from many starts."""
    inverse, generator = np.linalg.inv(sigma), np.random.default_rng(seed)

    def value(z):
        gain = np.linalg.norm(M_star @ z) ** (2 - 2 / depth)
        return -2 * depth * np.linalg.norm(z) ** (2 / depth) * gain / (z @ inverse @ z)

    points = [minimize(value, generator.normal(size=len(sigma)), tol=1e-14) for _ in range(starts)]
    return -min(point.fun for point in points)

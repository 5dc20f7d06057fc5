"""Dense, slow, obviously right: the risk of a deep linear network from its samples, and its derivatives by autodiff."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

import fathometer.numerics  # noqa: F401  (float64)
from fathometer.deep_linear import DeepLinear, Regression

SIGMA = np.array([[3, 1, 0], [1, 2, 0.5], [0, 0.5, 1]])
W_STAR = np.array([1, -2, 0.5])
READOUT = np.array([1, 0.5, -0.25])
PLAIN = ((3, 3), (3, 3), (3, 3), (1, 3))
UNEVEN = ((5, 3), (4, 5), (6, 4), (1, 6))


def network(depth: int, readout=None, w_star=W_STAR, sigma=SIGMA) -> DeepLinear:
    return DeepLinear(Regression(sigma, w_star), depth, readout)


def cosines(shapes):
    """W_k[i, j] = cos(1 + i + 2j + 3k), i and j from 0, k from 1."""
    return tuple(
        np.cos(1 + np.arange(rows)[:, None] + 2 * np.arange(columns)[None] + 3 * k)
        for k, (rows, columns) in enumerate(shapes, start=1)
    )


def risk(problem, weights):
    """R(W), by multiplying the matrices."""
    data = problem.regression
    return data.risk_min + quadratic_risk(weights, problem.output, data.sigma, data.w_star)


def quadratic_risk(weights, output, sigma, w_star):
    matrix = jnp.asarray(output)[None, :]
    for factor in reversed(weights):
        matrix = matrix @ factor
    error = matrix[0] - w_star
    return error @ sigma @ error


def sample_risk(X, y, weights):
    """Mean squared error of a plain network on samples."""
    outputs = X.T
    for factor in weights:
        outputs = factor @ outputs
    return jnp.mean((y - outputs[0]) ** 2)


def unflatten(vector, shapes):
    ends = np.cumsum([rows * columns for rows, columns in shapes])[:-1]
    return [part.reshape(shape) for part, shape in zip(jnp.split(vector, ends), shapes, strict=True)]


def flatten(weights):
    return np.concatenate([np.ravel(matrix) for matrix in weights])


def dense_hessian(problem, weights):
    shapes, data = tuple(matrix.shape for matrix in weights), problem.regression
    return np.asarray(_dense_hessian(flatten(weights), problem.output, data.sigma, data.w_star, shapes=shapes))


@partial(jax.jit, static_argnames="shapes")
def _dense_hessian(vector, output, sigma, w_star, *, shapes):
    return jax.hessian(lambda v: quadratic_risk(unflatten(v, shapes), output, sigma, w_star))(vector)


def autodiff_gradient(problem, weights):
    return jax.jit(jax.grad(lambda layers: risk(problem, layers)))([jnp.asarray(matrix) for matrix in weights])


def descend_on_samples(X, y, weights, step, iterations):
    """Plain gradient descent by autodiff on the samples, one Python loop; the risks before each step and at the end."""
    gradient = jax.jit(jax.value_and_grad(lambda layers: sample_risk(X, y, layers)))
    layers, risks = [jnp.asarray(matrix) for matrix in weights], []
    for _ in range(iterations):
        value, slopes = gradient(layers)
        risks.append(float(value))
        layers = [layer - step * slope for layer, slope in zip(layers, slopes, strict=True)]
    return np.array([*risks, float(sample_risk(X, y, layers))]), layers


def paper_data(samples=50, inputs=5):
    """The overdetermined data of the paper's experiments, from its key path in the old random stream."""
    with jax.threefry_partitionable(False):
        key, drawn = jax.random.split(jax.random.PRNGKey(0))[1], []
        for shape in ((samples, inputs), (samples, inputs), (inputs,), (samples,)):
            key, part = jax.random.split(key)
            drawn.append(np.asarray(jax.random.normal(part, shape, dtype=np.float32), np.float64))
    X, _, truth, noise = drawn
    y = X @ truth + noise
    return X, y / np.linalg.norm(np.linalg.pinv(X) @ y)

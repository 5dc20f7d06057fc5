"""Second derivatives of the risk in closed form: small exact eigenvalue problems instead of the full Hessian."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import block_diag

from fathometer.deep_linear.model._nearest_minimizer import nearest_minimizer
from fathometer.deep_linear.model._network import (
    Weights,
    applied,
    as_weights,
    backward,
    excess_risk,
    forward,
    outer,
    product,
    transposed,
)
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.evidence import Estimate, InputError

MINIMIZER_TOLERANCE = 1e-8
NO_MODE = 1e-12
"""Eigenvalues below this share of the largest belong to directions without data."""


def gradient(problem: DeepLinear, weights: Sequence[ArrayLike]) -> Weights:
    """Gradient of the risk: b_k h_k^T for each layer, of the shapes of the weights.

    Derived: with g = 2 sigma (w - w_star), h_k = W_{k-1} ... W_1 g and b_k = W_{k+1}^T ... W_L^T p.

    Raises:
        InputError: if the weights do not fit the problem.
    """
    read = as_weights(problem, weights)
    pairs = zip(backward(read, problem.output), forward(read, _slope(problem, read)), strict=True)
    return tuple(outer(b, h) for b, h in pairs)


def tangent_kernel(problem: DeepLinear, weights: Sequence[ArrayLike]) -> NDArray[np.float64]:
    """K = sum_k |b_k|^2 A_k^T A_k with A_k = W_{k-1} ... W_1, shape (..., d, d).

    Gradient flow moves the product by dw/dt = -K g, and |grad|^2 = g^T K g.

    Raises:
        InputError: if the weights do not fit the problem.
    """
    return kernel_of(as_weights(problem, weights), problem.output)


def kernel_of(weights: Weights, output: Float[np.ndarray, " o"]) -> NDArray[np.float64]:
    """K of `tangent_kernel`, for layers that end at an output of any dimension."""
    kernel = np.zeros((1, 1))
    for matrix, b in zip(reversed(weights), reversed(backward(weights, output)), strict=True):
        inner = np.swapaxes(matrix, -1, -2) @ kernel @ matrix if matrix is not weights[-1] else 0.0
        kernel = inner + np.sum(b**2, axis=-1)[..., None, None] * np.eye(matrix.shape[-1])
    return kernel


def sharpness_at_minimizer(problem: DeepLinear, weights: Sequence[ArrayLike]) -> Estimate:
    """Top Hessian eigenvalue at global minimizers: 2 lambda_max(sigma^{1/2} K sigma^{1/2}).

    Derived: the Hessian there is 2 J^T sigma J with J J^T = K, where J is the derivative of the product. What is left
    of the excess risk is removed first by `nearest_minimizer`, so that the value belongs to a minimizer to rounding.

    Args:
        problem: the network.
        weights: W_1 to W_L, W_k of shape (..., d_k, d_{k-1}), each close to a minimizer: excess risk at most 1e-8 of
            what w_star explains. Elsewhere use `reduced_sharpness`.

    Returns:
        Exact, of shape (...).

    Raises:
        InputError: if the weights do not fit the problem or are no minimizers.
    """
    read = as_weights(problem, weights)
    excess, allowed = np.max(excess_risk(problem, read)), MINIMIZER_TOLERANCE * problem.regression.explained
    if not excess <= allowed:
        raise InputError(
            f"weights must be global minimizers, got an excess risk of {excess:.3g}, allowed {allowed:.3g}"
        )
    minimizers = nearest_minimizer(problem, read) if excess > 0 else read
    return Estimate.exact(2 * np.linalg.eigvalsh(whitened_kernel(problem, minimizers))[..., -1])


def top_direction(problem: DeepLinear, weights: Sequence[ArrayLike]) -> Weights:
    """Unit top eigenvector of the Hessian at one global minimizer, as one matrix for each layer.

    Derived: J^T sigma^{1/2} x for the top eigenvector x of sigma^{1/2} K sigma^{1/2}, where (J^T y)_k = b_k (A_k y)^T.

    Raises:
        InputError: if the weights do not fit the problem.
    """
    read = as_weights(problem, weights)
    x = np.linalg.eigh(whitened_kernel(problem, read))[1][:, -1]
    return _normalized(pulled_back(problem, read, problem.regression.half.T @ x))


def even_direction(problem: DeepLinear, weights: Sequence[ArrayLike]) -> Weights:
    """Unit direction at one global minimizer that moves r = sigma^{1/2} (w - w_star) equally along all its modes.

    Derived: J^T sigma^{1/2} x moves r by sigma^{1/2} K sigma^{1/2} x, so x is the sum of the eigenvectors, each over
    its eigenvalue, where that is not zero.

    Raises:
        InputError: if the weights do not fit the problem.
    """
    read = as_weights(problem, weights)
    eigenvalues, vectors = np.linalg.eigh(whitened_kernel(problem, read))
    kept = eigenvalues > NO_MODE * eigenvalues[-1]
    x = vectors[:, kept] @ (1 / eigenvalues[kept])
    return _normalized(pulled_back(problem, read, problem.regression.half.T @ x))


def pulled_back(problem: DeepLinear, weights: Weights, vector: Float[np.ndarray, "*batch d"]) -> Weights:
    """J^T of a vector, with J the derivative of the product: b_k (A_k vector)^T for each layer.

    Args:
        problem: the network.
        weights: W_1 to W_L, W_k of shape (..., d_k, d_{k-1}).
        vector: shape (..., d).
    """
    pairs = zip(backward(weights, problem.output), forward(weights, vector), strict=True)
    return tuple(outer(b, h) for b, h in pairs)


def _normalized(direction: Weights) -> Weights:
    length = np.sqrt(sum(np.sum(matrix**2) for matrix in direction))
    return tuple(matrix / length for matrix in direction)


def hessian_vector_product(
    problem: DeepLinear, weights: Sequence[ArrayLike], direction: Sequence[NDArray[np.float64]]
) -> Weights:
    """Hessian of the risk at any weights, applied to a direction.

    Derived: the tangents of b and h obey db_{k-1} = D_k^T b_k + W_k^T db_k and dh_{k+1} = D_k h_k + W_k dh_k, and the
    result is db_k h_k^T + b_k dh_k^T.

    Args:
        problem: the network.
        weights: W_1 to W_L, W_k of shape (d_k, d_{k-1}).
        direction: D_1 to D_L, D_k of shape (..., d_k, d_{k-1}).

    Raises:
        InputError: if the weights do not fit the problem.
    """
    read = as_weights(problem, weights)
    b, h = backward(read, problem.output), forward(read, _slope(problem, read))
    db = [np.zeros_like(b[-1])]
    for matrix, step, vector in zip(reversed(read), reversed(direction), reversed(b), strict=True):
        db.insert(0, transposed(step, vector) + transposed(matrix, db[0]))
    dh = [2 * applied(problem.regression.sigma, db.pop(0))]
    for matrix, step, vector in zip(read[:-1], direction[:-1], h[:-1], strict=True):
        dh.append(applied(step, vector) + applied(matrix, dh[-1]))
    return tuple(outer(db[k], h[k]) + outer(b[k], dh[k]) for k in range(problem.depth))


def reduced_sharpness(problem: DeepLinear, weights: Sequence[ArrayLike]) -> Estimate:
    """Top signed Hessian eigenvalue at any weights, from a matrix of size sum_k (d_k + d_{k-1} - 1) at most.

    It is never negative: the Hessian has the trace 2 tr(sigma K) of its Gauss-Newton part.

    Raises:
        InputError: if the weights do not fit the problem.
    """
    return Estimate.exact(reduced_spectrum(problem, weights)[-1])


def reduced_spectrum(problem: DeepLinear, weights: Sequence[ArrayLike]) -> NDArray[np.float64]:
    """All Hessian eigenvalues that can differ from zero, in increasing order.

    Derived: the range of the Hessian lies in the span of b_k alpha^T and beta h_k^T over all layers k.

    Raises:
        InputError: if the weights do not fit the problem.
    """
    read = as_weights(problem, weights)
    b, h = backward(read, problem.output), forward(read, _slope(problem, read))
    blocks = [_layer_basis(left, right) for left, right in zip(b, h, strict=True)]
    flat = [block.reshape(len(block), matrix.size) for block, matrix in zip(blocks, read, strict=True)]
    basis = np.asarray(block_diag(*flat), np.float64)
    ends = np.cumsum([matrix.size for matrix in read])[:-1]
    parts = zip(np.split(basis, ends, axis=1), read, strict=True)
    images = hessian_vector_product(problem, read, [part.reshape(-1, *matrix.shape) for part, matrix in parts])
    reduced = basis @ np.concatenate([image.reshape(len(basis), -1) for image in images], axis=1).T
    return np.asarray(np.linalg.eigvalsh((reduced + reduced.T) / 2), np.float64)


def _layer_basis(
    b: Float[np.ndarray, " rows"], h: Float[np.ndarray, " columns"]
) -> Float[np.ndarray, "n rows columns"]:
    """Orthonormal matrices that span b alpha^T and beta h^T; a vector that vanishes spans nothing."""
    families = []
    if np.any(b):
        families.append(outer(_unit(b)[None], np.eye(h.size)))
    if np.any(h):
        complement = np.linalg.svd(_unit(b)[None])[2][1:] if np.any(b) else np.eye(b.size)
        families.append(outer(complement, _unit(h)[None]))
    return np.concatenate(families) if families else np.zeros((0, b.size, h.size))


def _unit(vector: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """The vector over its length, whose square may be too small for a float."""
    scaled = vector / np.abs(vector).max()
    return scaled / np.linalg.norm(scaled)


def _slope(problem: DeepLinear, weights: Weights) -> Float[np.ndarray, "*batch d"]:
    """Gradient g = 2 sigma (w - w_star) of the linear risk at the product."""
    return 2 * (product(weights, problem.output) - problem.regression.w_star) @ problem.regression.sigma


def whitened_kernel(problem: DeepLinear, weights: Sequence[ArrayLike]) -> Float[np.ndarray, "*batch d d"]:
    """The matrix F K F^T with F^T F = sigma, which has the eigenvalues of sigma^{1/2} K sigma^{1/2}."""
    half = problem.regression.half
    return half @ tangent_kernel(problem, weights) @ half.T

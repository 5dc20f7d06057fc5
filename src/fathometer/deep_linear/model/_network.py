"""Weights of a deep linear network and the vectors that its derivatives are made of."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray

from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.evidence import InputError, finite_array, real_array, whole_number

Weights = tuple[NDArray[np.float64], ...]
"""(W_1, ..., W_L), W_k of shape (..., d_k, d_{k-1}), with the same batch axes in front of all."""


def as_weights(problem: DeepLinear, weights: Sequence[ArrayLike]) -> Weights:
    """Read weights as float64 arrays.

    Args:
        problem: gives the depth L, the input dimension d_0 = d and the output dimension d_L (1, or d with a readout).
        weights: W_1 to W_L, W_k of shape (..., d_k, d_{k-1}), finite; the same batch axes in front of all.

    Raises:
        InputError: if their number or shapes do not fit the problem, or a weight is not finite.
    """
    if len(weights) != problem.depth:
        raise InputError(f"weights must be {problem.depth} matrices, got {len(weights)}")
    read = tuple(finite_array(f"W_{k}", matrix) for k, matrix in enumerate(weights, start=1))
    rows = problem.regression.dimension
    for k, matrix in enumerate(read, start=1):
        if matrix.ndim < 2 or matrix.shape[-1] != rows or matrix.shape[:-2] != read[0].shape[:-2] or not matrix.size:
            raise InputError(f"W_{k} must have {rows} columns and the batch axes of W_1, got shape {matrix.shape}")
        rows = matrix.shape[-2]
    if rows != problem.output.size:
        raise InputError(f"W_{problem.depth} must have {problem.output.size} row(s), got {rows}")
    return read


def as_single_weights(problem: DeepLinear, weights: Sequence[ArrayLike]) -> Weights:
    """`as_weights` of one network, W_k of shape (d_k, d_{k-1}).

    Raises:
        InputError: if their number or shapes do not fit the problem, a weight is not finite, or there are batch axes.
    """
    return without_batch(as_weights(problem, weights))


def without_batch(weights: Weights) -> Weights:
    """Refuse weights with batch axes.

    Raises:
        InputError: if there are any.
    """
    if weights[0].ndim != 2:
        raise InputError(f"weights must have no batch axis, got W_1 of shape {weights[0].shape}")
    return weights


def hidden_widths(problem: DeepLinear, widths: int | Sequence[int]) -> tuple[int, ...]:
    """Read L - 1 hidden widths, given one by one or as one number for all.

    Raises:
        InputError: if a width is below 1 or their number is not L - 1.
    """
    given = tuple(widths) if isinstance(widths, Sequence) else (widths,) * (problem.depth - 1)
    if len(given) != problem.depth - 1:
        raise InputError(f"widths must be one number or {problem.depth - 1}, got {len(given)}")
    return tuple(whole_number("width", width, at_least=1) for width in given)


def product(weights: Sequence[ArrayLike], readout: ArrayLike | None = None) -> NDArray[np.float64]:
    """The linear predictor w = W_1^T ... W_L^T p of the network.

    Args:
        weights: W_1 to W_L, W_k of shape (..., d_k, d_{k-1}); d_L = 1 without a readout.
        readout: the vector p, shape (d_L,); None for p = 1.

    Returns:
        Shape (..., d).

    Raises:
        InputError: if there is no matrix, or shapes do not fit.
    """
    matrices = [real_array(f"W_{k}", matrix) for k, matrix in enumerate(weights, start=1)]
    rows = [np.size(1.0 if readout is None else readout)] + [matrix.shape[-1] for matrix in reversed(matrices)]
    if not matrices or rows[:-1] != [matrix.shape[-2] for matrix in reversed(matrices)]:
        raise InputError(f"weights do not multiply: shapes {[matrix.shape for matrix in matrices]}, readout {rows[0]}")
    vector = np.ones(1) if readout is None else real_array("readout", readout)
    for matrix in reversed(matrices):
        vector = transposed(matrix, vector)
    return vector


def excess_risk(problem: DeepLinear, weights: Sequence[ArrayLike]) -> NDArray[np.float64]:
    """Risk above its minimum, (w - w_star)^T sigma (w - w_star) = |F (w - w_star)|^2, shape (...)."""
    error = product(weights, problem.output) - problem.regression.w_star
    return np.asarray(np.sum((error @ problem.regression.half.T) ** 2, axis=-1))


def backward(weights: Weights, output: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """b_1 to b_L, b_k of shape (..., d_k): b_L = p and b_{k-1} = W_k^T b_k."""
    vectors = [np.broadcast_to(output, (*weights[-1].shape[:-2], output.size))]
    for matrix in reversed(weights[1:]):
        vectors.insert(0, transposed(matrix, vectors[0]))
    return vectors


def forward(weights: Weights, start: Float[np.ndarray, "*batch d"]) -> list[NDArray[np.float64]]:
    """h_1 to h_L, h_k of shape (..., d_{k-1}): h_1 = start and h_{k+1} = W_k h_k."""
    vectors = [start]
    for matrix in weights[:-1]:
        vectors.append(applied(matrix, vectors[-1]))
    return vectors


def applied(matrix: Float[np.ndarray, "... i j"], vector: Float[np.ndarray, "... j"]) -> Float[np.ndarray, "... i"]:
    """Matrix times vector, over batch axes."""
    return np.einsum("...ij,...j->...i", matrix, vector)


def transposed(matrix: Float[np.ndarray, "... i j"], vector: Float[np.ndarray, "... i"]) -> Float[np.ndarray, "... j"]:
    """Transposed matrix times vector, over batch axes."""
    return np.einsum("...ij,...i->...j", matrix, vector)


def outer(left: Float[np.ndarray, "... i"], right: Float[np.ndarray, "... j"]) -> Float[np.ndarray, "... i j"]:
    """Rank-one matrix of two vectors, over batch axes."""
    return left[..., :, None] * right[..., None, :]


def total_norm(weights: Weights) -> float:
    """Euclidean norm of all weights together."""
    return math.sqrt(sum(float(np.sum(matrix**2)) for matrix in weights))


def imbalances(weights: Sequence[ArrayLike]) -> tuple[NDArray[np.float64], ...]:
    """D_k = W_{k+1}^T W_{k+1} - W_k W_k^T for k = 1 to L - 1, constant under gradient flow of any loss of the product.

    Args:
        weights: W_1 to W_L, W_k of shape (..., d_k, d_{k-1}).

    Returns:
        D_k of shape (..., d_k, d_k).
    """
    read = [real_array(f"W_{k}", matrix) for k, matrix in enumerate(weights, start=1)]
    return tuple(_swapped(after) @ after - before @ _swapped(before) for before, after in pairwise(read))


def largest_imbalance(weights: Weights) -> float:
    """Largest |D_k|_F of `imbalances` without batch axes; 0 for one layer."""
    return max((float(np.linalg.norm(each)) for each in imbalances(weights)), default=0.0)


def _swapped(matrix: Float[np.ndarray, "*batch i j"]) -> Float[np.ndarray, "*batch j i"]:
    return np.swapaxes(matrix, -1, -2)


def as_states(weights: Weights) -> dict[str, NDArray[np.float64]]:
    """Name the layers W1 to WL, as the states of a trajectory."""
    return {f"W{k}": matrix for k, matrix in enumerate(weights, start=1)}


def from_states(problem: DeepLinear, states: Mapping[str, NDArray]) -> Weights:
    """The weights that `as_states` named."""
    return tuple(states[f"W{k}"] for k in range(1, problem.depth + 1))


def stored_weights(problem: DeepLinear, states: Mapping[str, NDArray], reader: str) -> Weights:
    """The weights of a run that may not have stored them, for a measurement that needs them.

    Args:
        problem: gives the depth.
        states: of the run.
        reader: what needs the weights, for the message.

    Raises:
        InputError: if a weight was not stored.
    """
    try:
        return from_states(problem, states)
    except KeyError as error:
        raise InputError(f"{reader} needs the weights, but state {error} was not stored") from error

"""Sharpness of the minimizers of a network with several outputs, and how small it can be."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray

from fathometer.deep_linear.model._curvature import MINIMIZER_TOLERANCE
from fathometer.deep_linear.model._multi_output import (
    MultiOutput,
    as_multi_output_weights,
    heads,
    matrix_product,
    multi_output_excess,
    tails,
)
from fathometer.deep_linear.model._network import Weights
from fathometer.deep_linear.model.data._accuracy import Accuracy, within
from fathometer.evidence import Estimate, InputError, finite_array
from fathometer.numerics._scalar_search import maximize

WHITE = 1e-12
_ROUNDING = 1e-13


def multi_output_sharpness(problem: MultiOutput, weights: Sequence[ArrayLike]) -> Estimate:
    """Top Hessian eigenvalue at global minimizers, from a matrix of size d o instead of the full Hessian.

    Derived: 2 lambda_max(sum_k (sigma^{1/2} A_k^T A_k sigma^{1/2}) (x) (B_k B_k^T)). What is left of the excess risk is
    removed first by `nearest_multi_output_minimizer`.

    Args:
        problem: the network.
        weights: W_1 to W_L, W_k of shape (..., d_k, d_{k-1}), of excess risk at most 1e-8 of what M_star explains.

    Returns:
        Exact, of shape (...).

    Raises:
        InputError: if the weights do not fit the problem or are no minimizers.
    """
    read = as_multi_output_weights(problem, weights)
    excess = float(np.max(multi_output_excess(problem, matrix_product(read))))
    allowed = MINIMIZER_TOLERANCE * problem.regression.explained
    if not excess <= allowed:
        raise InputError(
            f"weights must be global minimizers, got an excess risk of {excess:.3g}, allowed {allowed:.3g}"
        )
    read = nearest_multi_output_minimizer(problem, read) if excess > 0 else read
    half, (outputs, inputs) = problem.regression.inputs.half, problem.shape
    whitened = [A @ half.T for A in tails(read)]
    blocks = sum(
        np.einsum("...ki,...kj,...ac,...bc->...iajb", A, A, B, B, optimize=True)
        for A, B in zip(whitened, heads(read), strict=True)
    )
    size = outputs * inputs
    return Estimate.exact(2 * np.linalg.eigvalsh(np.reshape(blocks, (*read[0].shape[:-2], size, size)))[..., -1])


def nearest_multi_output_minimizer(problem: MultiOutput, weights: Sequence[ArrayLike]) -> Weights:
    """Change the first layer least so that the product is M_star: W_1 + pinv(B_1) (M_star - M).

    Raises:
        InputError: if the weights do not fit the problem, or the layers after the first do not reach all of M_star.
    """
    read = as_multi_output_weights(problem, weights)
    missing = problem.regression.M_star - matrix_product(read)
    first = read[0] + np.linalg.pinv(heads(read)[0]) @ missing
    left = problem.regression.M_star - matrix_product((first, *read[1:]))
    if np.max(np.abs(left)) > 1e-10 * max(1.0, float(np.max(np.abs(missing)))):
        raise InputError("the layers after the first must have a product whose range contains that of M_star")
    return (first, *read[1:])


def random_multi_output_minimizers(problem: MultiOutput, width: int, count: int, seed: int) -> Weights:
    """Gaussian networks of the scale of the balanced one, each made a minimizer by its first layer.

    Args:
        problem: the network; M_star must not be zero.
        width: of all hidden layers, at least the number of outputs.
        count: how many, at least 1.
        seed: of the random numbers, at least 0.

    Returns:
        W_k of shape (count, d_k, d_{k-1}).

    Raises:
        InputError: if M_star is zero, or a layer has fewer rows than there are outputs.
    """
    outputs, inputs = problem.shape
    sizes = [inputs, *[width] * (problem.depth - 1), outputs]
    generator = np.random.default_rng(seed)
    scale = _top_gain(problem) ** (1 / problem.depth)
    shapes = [(count, rows, columns) for columns, rows in pairwise(sizes)]
    return nearest_multi_output_minimizer(problem, [generator.normal(0, scale / s[-1] ** 0.5, s) for s in shapes])


def balanced_factorization(M: ArrayLike, depth: int) -> Weights:
    """W_L = U S^{1/L}, W_k = S^{1/L}, W_1 = S^{1/L} V^T from the thin decomposition M = U S V^T.

    Args:
        M: shape (o, d).
        depth: number L of factors, at least 1.

    Returns:
        Factors of hidden width min(o, d), which are balanced: W_{k+1}^T W_{k+1} = W_k W_k^T.

    Raises:
        InputError: if M is no matrix of finite numbers.
    """
    U, S, Vt = np.linalg.svd(finite_array("M", M, ndim=2), full_matrices=False)
    if depth == 1:
        return ((U * S) @ Vt,)
    root = np.exp(np.log(S, out=np.full_like(S, -np.inf), where=S > 0) / depth)
    return (root[:, None] * Vt, *(np.diag(root) for _ in range(depth - 2)), U * root)


def multi_output_bound(problem: MultiOutput) -> Estimate:
    """Lower bound on the sharpness of every minimizer: 2 L max_z |z|^{2/L} |M_star z|^{2-2/L} / z^T sigma^{-1} z.

    Derived: with z = sigma^{1/2} x it is the maximum of a weighted geometric mean of the quadratic forms of sigma and
    of q^T q, q = M_star sigma^{1/2}, over unit x. The pairs of their values fill a convex set, or for d = 2 its
    boundary, so that there is no gap to 2 min_t lambda_max(t sigma + (L-1) t^{-1/(L-1)} q^T q), which for one output is
    the minimal sharpness itself. For several outputs it is attained if sigma is a multiple of I.

    Returns:
        Enclosed: below by the value at one z, which is a bound whatever z is; above by the one-dimensional minimum.
        Exact for L = 1, and 0 for L >= 2 if M_star explains nothing.
    """
    data, depth = problem.regression, problem.depth
    if depth == 1:
        return within(2 * data.inputs.lambda_max, Accuracy(data.inputs).top)
    if data.explained == 0:
        return Estimate.exact(0.0)

    def matrix(log_t: float) -> NDArray[np.float64]:
        return math.exp(log_t) * data.sigma + (depth - 1) * math.exp(-log_t / (depth - 1)) * data.q.T @ data.q

    centre = (2 - 2 / depth) * math.log(np.linalg.norm(data.q, 2) / math.sqrt(data.inputs.lambda_max))
    spread = 12 + math.log(max(1.0, data.inputs.lambda_max * np.linalg.norm(data.M_star) ** 2 / data.explained))
    log_t, log_value = maximize(
        lambda log_t: -math.log(np.linalg.eigvalsh(matrix(log_t))[-1]), centre - spread, centre + spread, 1e-13
    )
    vectors = np.linalg.eigh(matrix(log_t))[1]
    lower, upper = 2 * depth * _best_mean(problem, vectors[:, -2:]), 2 * math.exp(-log_value)
    slack = _ROUNDING + _moved(problem)
    return Estimate.enclosed(lower, lower * max(0.0, 1 - slack), max(lower, upper) * (1 + slack))


def _moved(problem: MultiOutput) -> float:
    """Relative change of the bound by the rounding of the data, by Weyl's inequality as in `minimal_sharpness`."""
    data = problem.regression
    shift = math.hypot(*(Accuracy(data.output(k)).signal for k in range(len(data.M_star))))
    share = shift / float(np.linalg.norm(data.q, 2))
    return Accuracy(data.inputs).top + share * (2 + share)


def _best_mean(problem: MultiOutput, plane: Float[np.ndarray, "d k"]) -> float:
    """Largest (x^T sigma x)^{1/L} |Q x|^{2-2/L} for unit x in the span of one or two orthonormal vectors."""

    def value(angle: Float[np.ndarray, "*n"]) -> Float[np.ndarray, "*n"]:
        x = plane[:, -1:] * np.cos(angle) + (plane[:, :1] * np.sin(angle) if plane.shape[1] > 1 else 0.0)
        spread, gain = np.sum((problem.regression.inputs.root @ x) ** 2, 0), np.sum((problem.regression.q @ x) ** 2, 0)
        return spread ** (1 / problem.depth) * gain ** (1 - 1 / problem.depth)

    angles = np.linspace(-np.pi / 2, np.pi / 2, 721)
    best = angles[np.argmax(value(angles))]
    refined = maximize(lambda angle: float(value(np.array([angle]))[0]), best - 0.01, best + 0.01, 1e-12)[1]
    return max(float(value(angles).max()), refined)


def whitened_minimal_sharpness(problem: MultiOutput) -> Estimate:
    """Smallest sharpness of any minimizer, for sigma = c I: 2 L c |M_star|_op^{2-2/L}.

    Source: Mulayoff and Michaeli (2020), in the units of this loss; derived here from `multi_output_bound`, which
    `balanced_factorization` attains.

    Raises:
        InputError: if sigma is not a multiple of the identity, to 1e-12.
    """
    if not is_white(problem):
        raise InputError("sigma must be a multiple of the identity")
    curvature = 2 * problem.depth * problem.regression.inputs.lambda_max
    return Estimate.exact(curvature * _top_gain(problem) ** (2 - 2 / problem.depth))


def whiteness(problem: MultiOutput) -> float:
    """Relative spread of the eigenvalues of sigma, (lambda_max - lambda_min) / lambda_max; inf if sigma is zero."""
    inputs = problem.regression.inputs
    return (inputs.lambda_max - inputs.lambda_min) / inputs.lambda_max if inputs.lambda_max else math.inf


def is_white(problem: MultiOutput) -> bool:
    """Whether sigma is a multiple of the identity, to 1e-12 of its eigenvalues."""
    return whiteness(problem) <= WHITE


def _top_gain(problem: MultiOutput) -> float:
    """Largest singular value of M_star."""
    return float(np.linalg.norm(problem.regression.M_star, 2))

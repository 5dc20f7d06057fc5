"""Hessian eigenvalues of a balanced network, from its product alone."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray

from fathometer.deep_linear.model._network import hidden_widths
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.predictions._small_start import require_plain
from fathometer.evidence import Estimate, InputError, finite_array


def balanced_path_sharpness(problem: DeepLinear, product: ArrayLike) -> Estimate:
    """Sharpness of the balanced networks with given products, of any hidden widths.

    Derived: the Hessian has a block of size d + 1 on the span of the first layer and of the common scale of the others.
    Its top eigenvalue is the largest of all, since at w -> 0 it is at least |w|^{1-2/L} |g| for every angle.

    Args:
        problem: a plain network.
        product: w, shape (..., d), not zero.

    Returns:
        Exact, of shape (...).

    Raises:
        InputError: if the network has a readout, or the product has another shape or is zero.
    """
    require_plain(problem)
    return Estimate.exact(np.linalg.eigvalsh(_block(problem, _products(problem, product)))[..., -1])


def balanced_spectrum(problem: DeepLinear, product: ArrayLike, widths: int | Sequence[int]) -> NDArray[np.float64]:
    """All Hessian eigenvalues of a balanced network, one for each weight, in increasing order.

    Derived: beside the block of `balanced_path_sharpness`, with s = |w|^{1/L} and c = s^{L-2} <w, g> / |w|: -c for
    each of L - 2 differences of scales, a pair +-|c| for every direction of layers 2 to L - 1 that is not in use, and a
    pair +-s^{L-2} |g| for every such direction of layer 1; zeros for the rest.

    Args:
        problem: a plain network.
        product: w, shape (d,), not zero.
        widths: hidden widths, one number for all or L - 1 numbers.

    Raises:
        InputError: if the network has a readout, the product has another shape or is zero, or a width is below 1.
    """
    require_plain(problem)
    w, sizes = _products(problem, finite_array("product", product, ndim=1)), hidden_widths(problem, widths)
    block = np.linalg.eigvalsh(_block(problem, w))
    if problem.depth == 1:
        return block
    slope, power = _slope(problem, w), np.linalg.norm(w) ** (1 - 2 / problem.depth)
    along, size = power * float(w @ slope) / np.linalg.norm(w), power * np.linalg.norm(slope)
    idle = sum(sizes[1:]) - len(sizes[1:])
    values = [block, np.full(problem.depth - 2, -along)]
    values += [np.full(count, sign * part) for count, part in ((idle, along), (sizes[0] - 1, size)) for sign in (1, -1)]
    eigenvalues = np.concatenate(values)
    ends = (problem.regression.dimension, *sizes, 1)
    total = sum(rows * columns for columns, rows in pairwise(ends))
    return np.sort(np.concatenate([eigenvalues, np.zeros(total - len(eigenvalues))]))


def _products(problem: DeepLinear, product: ArrayLike) -> NDArray[np.float64]:
    """Read products.

    Raises:
        InputError: if they have another dimension or one is zero.
    """
    w = finite_array("product", product)
    if w.ndim == 0 or w.shape[-1] != problem.regression.dimension:
        raise InputError(f"product must have {problem.regression.dimension} entries, got shape {w.shape}")
    if not np.all(np.any(w, axis=-1)):
        raise InputError("product must not be zero")
    return w


def _slope(problem: DeepLinear, w: Float[np.ndarray, "*batch d"]) -> Float[np.ndarray, "*batch d"]:
    return 2 * (w - problem.regression.w_star) @ problem.regression.sigma


def _block(problem: DeepLinear, w: Float[np.ndarray, "*batch d"]) -> Float[np.ndarray, "*batch e e"]:
    """The block of size d + 1 of the Hessian; for one layer, which has no scale of others, of size d."""
    sigma, depth = problem.regression.sigma, problem.depth
    if depth == 1:
        return np.broadcast_to(2 * sigma, (*w.shape[:-1], *sigma.shape))
    norm = np.linalg.norm(w, axis=-1, keepdims=True)
    unit, slope, power, gain = w / norm, _slope(problem, w), norm ** (1 - 2 / depth), norm ** (2 - 2 / depth)
    block = np.zeros((*w.shape[:-1], w.shape[-1] + 1, w.shape[-1] + 1))
    block[..., :-1, :-1] = 2 * gain[..., None] * sigma
    edge = np.sqrt(depth - 1) * (2 * gain * unit @ sigma + power * slope)
    block[..., :-1, -1] = block[..., -1, :-1] = edge
    curved, tilted = np.sum(unit @ sigma * unit, axis=-1), np.sum(unit * slope, axis=-1)
    block[..., -1, -1] = 2 * (depth - 1) * gain[..., 0] * curved + (depth - 2) * power[..., 0] * tilted
    return block

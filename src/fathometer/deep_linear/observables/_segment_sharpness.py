"""The largest sharpness on the straight pieces of a path of weights, enclosed."""

import math

import numpy as np
from jaxtyping import Float, Int

from fathometer.deep_linear.model._curvature import reduced_spectrum
from fathometer.deep_linear.model._network import Weights, product
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model._segment_blocks import SegmentBlocks, segment_blocks
from fathometer.evidence import Estimate

_CLOSE = 0.05  # of the largest sharpness: how far apart the ends of the enclosure may be
_MOST_PARTS = 64


def path_sharpness(problem: DeepLinear, weights: Weights, enough: float = math.inf) -> Estimate:
    """Largest top Hessian eigenvalue on the segments between consecutive weights.

    Derived: from the nearer end of a segment, an eigenvalue moves by at most half of the third derivative of the risk
    along the segment, which `_change` bounds. Segments on which this could matter are cut into up to 64 parts.

    Args:
        problem: the network.
        weights: W_1 to W_L, W_k of shape (T + 1, d_k, d_{k-1}).
        enough: no segment is cut once the sharpness is known to be at least this.

    Returns:
        Enclosed between the largest value that was found and that with the largest change in between.
    """
    tops = _tops(problem, weights)
    highest = float(tops.max())
    ends, change = np.maximum(tops[:-1], tops[1:]), _change(problem, weights) / 2
    matters = (ends + change > (1 + _CLOSE) * highest) & (0 < highest < enough)
    wanted = np.divide(change, _CLOSE * highest, out=np.zeros_like(change), where=matters)
    parts = np.clip(np.ceil(wanted), 1, _MOST_PARTS).astype(np.int64)
    inner = _tops(problem, _points_between(weights, parts))
    np.maximum.at(ends, np.repeat(np.arange(len(parts)), parts - 1), inner)
    lower = max(highest, float(inner.max(initial=0.0)))
    return Estimate.enclosed(lower, lower, max(lower, float(np.max(ends + change / parts, initial=0.0))))


def _tops(problem: DeepLinear, weights: Weights) -> Float[np.ndarray, " n"]:
    return np.array([reduced_spectrum(problem, layers)[-1] for layers in zip(*weights, strict=True)], np.float64)


def _points_between(weights: Weights, parts: Int[np.ndarray, " T"]) -> Weights:
    """The weights at the cuts of all segments, one behind the other."""
    cuts = parts - 1
    owner = np.repeat(np.arange(len(parts)), cuts)
    number = np.arange(len(owner)) - np.repeat(np.cumsum(cuts) - cuts, cuts) + 1
    share = (number / parts[owner])[:, None, None]
    return tuple(matrix[owner] + share * (matrix[owner + 1] - matrix[owner]) for matrix in weights)


def _change(problem: DeepLinear, weights: Weights) -> Float[np.ndarray, " T"]:
    """Bound on the change of an eigenvalue from one end of a segment to the other.

    Derived: with e = w - w_star, the third derivative of the risk along z and twice along a unit u is
    4 D^2 w[z, u]^T sigma D w[u] + 2 D w[z]^T sigma D^2 w[u, u] + 2 e^T sigma D^3 w[z, u, u], where D^j w is a sum over
    j layers that are replaced by those of the directions, with the blocks between them.
    """
    blocks = segment_blocks(problem, weights)
    first, moved = _first(blocks)
    pairs = _symmetric(blocks.suffix[:, :, None] * blocks.inner * blocks.prefix[:, None, :])
    second, turned = np.linalg.norm(pairs, 2, axis=(-2, -1)), np.linalg.norm(_times(pairs, blocks.steps), axis=-1)
    third = np.linalg.norm(_symmetric(_triples(blocks)), 2, axis=(-2, -1))
    error = np.linalg.norm(product(weights, problem.output)[:-1] - problem.regression.w_star, axis=-1) + moved
    return problem.regression.lambda_max * (4 * turned * first + 2 * moved * second + 2 * error * third)


def _first(blocks: SegmentBlocks) -> tuple[Float[np.ndarray, " T"], Float[np.ndarray, " T"]]:
    """Bounds on |D w[u]| for unit u, and on |D w[z]| for the step z."""
    gains = blocks.suffix * blocks.prefix
    return np.linalg.norm(gains, axis=-1), np.sum(gains * blocks.steps, axis=-1)


def _triples(blocks: SegmentBlocks) -> Float[np.ndarray, "T L L"]:
    """Bounds on D^3 w[z, ., .] with the step z above, between and below two layers k > j."""
    suffix, inner, prefix, steps = blocks
    above = _times(np.swapaxes(inner, -1, -2), steps * suffix)
    below = _times(inner, steps * prefix)
    between = inner @ (steps[:, :, None] * inner)
    outside = above[:, :, None] * prefix[:, None, :] + suffix[:, :, None] * below[:, None, :]
    return outside * inner + suffix[:, :, None] * between * prefix[:, None, :]


def _times(matrix: Float[np.ndarray, "T i j"], vector: Float[np.ndarray, "T j"]) -> Float[np.ndarray, "T i"]:
    return np.einsum("tij,tj->ti", matrix, vector)


def _symmetric(matrix: Float[np.ndarray, "T L L"]) -> Float[np.ndarray, "T L L"]:
    return matrix + np.swapaxes(matrix, -1, -2)

"""Norms of the blocks of a product of layers, bounded on straight pieces of a path of weights."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from fathometer.deep_linear.model._network import Weights, backward
from fathometer.deep_linear.model._problem import DeepLinear


class SegmentBlocks(NamedTuple):
    """Bounds that hold everywhere on T segments from W(t) to W(t+1).

    Attributes:
        suffix: on |b_k| with b_k = W_{k+1}^T ... W_L^T p, shape (T, L).
        inner: on |W_{k-1} ... W_{j+1}|_op for k > j, the empty product included; 0 elsewhere; shape (T, L, L).
        prefix: on |W_{k-1} ... W_1|_op, shape (T, L).
        steps: |W_k(t+1) - W_k(t)|_F, shape (T, L).
    """

    suffix: Float[np.ndarray, "T L"]
    inner: Float[np.ndarray, "T L L"]
    prefix: Float[np.ndarray, "T L"]
    steps: Float[np.ndarray, "T L"]


def segment_blocks(problem: DeepLinear, weights: Weights) -> SegmentBlocks:
    """Bound all blocks on the segments of a path, W_k of shape (T + 1, d_k, d_{k-1}).

    Derived: a block changes by at most prod (|W_i| + |step_i|) - prod |W_i| from the start of the segment.
    """
    steps = np.stack([np.linalg.norm(np.diff(matrix, axis=0), axis=(-2, -1)) for matrix in weights], axis=-1)
    start = tuple(matrix[:-1] for matrix in weights)
    norms = np.stack([np.linalg.norm(matrix, 2, axis=(-2, -1)) for matrix in start], axis=-1)
    depth, readout = problem.depth, float(np.linalg.norm(problem.output))
    inner, prefix = np.zeros((*steps.shape, depth)), np.ones(steps.shape)
    for low in range(depth):  # blocks that begin at layer `low`, counted from 0
        block = np.eye(start[low].shape[-1])
        for high in range(low, depth):
            size = np.linalg.norm(block, 2, axis=(-2, -1)) + _change(norms[:, low:high], steps[:, low:high])
            if low == 0:
                prefix[:, high] = size
            else:
                inner[:, high, low - 1] = size
            block = start[high] @ block
    for k in range(1, depth):
        inner[:, k, k - 1] = 1.0
    ends = [np.linalg.norm(b, axis=-1) for b in backward(start, problem.output)]
    changes = [readout * _change(norms[:, k + 1 :], steps[:, k + 1 :]) for k in range(depth)]
    return SegmentBlocks(np.stack(ends, axis=-1) + np.stack(changes, axis=-1), inner, prefix, steps)


def _change(norms: Float[np.ndarray, "T n"], steps: Float[np.ndarray, "T n"]) -> Float[np.ndarray, " T"]:
    return np.prod(norms + steps, axis=-1) - np.prod(norms, axis=-1)

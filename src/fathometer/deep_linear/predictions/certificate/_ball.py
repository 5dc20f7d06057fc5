"""How far the tangent kernel can change while no layer moves by more than a radius, for many states at once."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray

from fathometer.deep_linear.model._multi_output import MultiOutput, as_multi_output_weights, heads, tails
from fathometer.deep_linear.model._network import Weights, as_weights, backward
from fathometer.deep_linear.model._problem import DeepLinear

Network = DeepLinear | MultiOutput
"""Networks that a certificate speaks about: plain, residual, of one output or several."""

_EPS = float(np.finfo(float).eps)
_SMALLEST = 1e-30
_WORDS = 16.0  # roundings of one entry of a product of two matrices, over their inner dimension


class Ball(NamedTuple):
    """What bounds on a ball around each of T states are made of; L layers, o outputs, rank r of the data.

    Attributes:
        largest: upper bounds on the largest singular values of the layers, shape (T, L).
        falling: lower bounds on |W_k v| / |v|, 0 for a layer that has fewer rows than columns, shape (T, L).
        rising: likewise on |W_k^T v| / |v|, shape (T, L).
        heads: upper bounds on |B_k|, where B_k is what follows layer k, shape (T, L).
        tails: upper bounds on |A_k|, where A_k is what precedes layer k, shape (T, L).
        kernel: F K F^T, whose double has the eigenvalues of a Hessian at a minimizer, shape (T, o r, o r).
        floor: lower bound on the least eigenvalue of K, shape (T,).
        rounding: of the kernels, in the operator norm, shape (T,).
        blur: how far the true weights may be from those that the numbers are of, in every layer, shape (T,).
        root: upper bound on the root of the excess risk, shape (T,).
        unseen: what the blur adds to it, shape (T,).
        gram: F F^T for every output, shape (o r, o r).
        curvature: lower bound on the least positive eigenvalue of sigma, and upper bound on the largest one.
        readout: norm |p|, 1 without a readout.
    """

    largest: Float[np.ndarray, "T L"]
    falling: Float[np.ndarray, "T L"]
    rising: Float[np.ndarray, "T L"]
    heads: Float[np.ndarray, "T L"]
    tails: Float[np.ndarray, "T L"]
    kernel: Float[np.ndarray, "T n n"]
    floor: Float[np.ndarray, " T"]
    rounding: Float[np.ndarray, " T"]
    blur: Float[np.ndarray, " T"]
    root: Float[np.ndarray, " T"]
    unseen: Float[np.ndarray, " T"]
    gram: Float[np.ndarray, "n n"]
    curvature: tuple[float, float]
    readout: float

    def only(self, chosen: Sequence[int] | NDArray) -> "Ball":
        """The same of some of the states."""
        along = ("gram", "curvature", "readout")
        parts = {name: part if name in along else part[chosen] for name, part in self._asdict().items()}
        return Ball(**parts)

    def change(self, radius: Float[np.ndarray, " T"]) -> NDArray[np.float64]:
        """Bound on |K' - K| for all weights of which no layer is farther than the radius, shape (T,).

        Derived: sum_k (|B_k| + dB_k)^2 (|A_k| + dA_k)^2 - |B_k|^2 |A_k|^2, where a product of layers of norms s_j
        changes by at most prod (s_j + radius) - prod s_j. Written as sums of positive terms, so that nothing cancels.

        Args:
            radius: of each ball, at least 0, shape (T,).
        """
        before, after = self.changes(radius)
        sizes = self.heads * self.tails
        more = self.heads * before + after * self.tails + after * before
        return np.sum(more * (2 * sizes + more), axis=-1) * (1 + _slack(self)) + self.rounding

    def changes(self, radius: Float[np.ndarray, " T"]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Bounds dA_k on the change of what precedes layer k, and dB_k of what follows it, both of shape (T, L)."""
        far = (radius + self.blur)[:, None]
        return _grown(self.largest, far), self.readout * _grown(self.largest[:, ::-1], far)[:, ::-1]

    def by_products(self, radius: Float[np.ndarray, " T"]) -> NDArray[np.float64]:
        """Lower bound on lambda_min(K) in the ball, from singular values of single layers, shape (T,).

        Derived: |p|^2 sum_k prod_{j<k} (least |W_j v| - radius)_+^2 prod_{j>k} (least |W_j^T v| - radius)_+^2.
        """
        far = (radius + self.blur)[:, None]
        falling, rising = (np.maximum(0.0, part - far) ** 2 for part in (self.falling, self.rising))
        terms = _before(falling) * _before(rising[:, ::-1])[:, ::-1]
        return self.readout**2 * np.sum(terms, axis=-1) * (1 - _slack(self))

    def by_kernel(self, radius: Float[np.ndarray, " T"]) -> NDArray[np.float64]:
        """Lower bound on lambda_min(K) in the ball, from K itself: lambda_min(K) - change, shape (T,)."""
        return np.maximum(0.0, self.floor - self.change(radius))

    def residual_curvature(self, radius: Float[np.ndarray, " T"]) -> NDArray[np.float64]:
        """Bound on what the error w - w_star adds to the curvature in the ball while the risk is not above R(W).

        Derived: the form is 2 sum_{j<k} b_k^T D_k T_kj D_j A_j g with |g| <= 2 sqrt(lambda_max e), and a product of all
        layers but j and k is at most prod_i t_i / (t_j t_k), t_i = s_i + radius. So it is at most the largest
        eigenvalue of |p| |g| prod t (v v^T - diag(v^2)), v = 1 / t, at most |p| |g| prod t (|v|^2 - min v^2).
        """
        sizes = self.largest + np.maximum((radius + self.blur)[:, None], _SMALLEST)
        inverse = sizes**-2.0
        share = np.sum(inverse, axis=-1) - np.min(inverse, axis=-1)
        slope = 2 * np.sqrt(self.curvature[1]) * self.root
        return self.readout * slope * np.prod(sizes, axis=-1) * np.maximum(share, 0.0) * (1 + _slack(self))


def ball_around(network: Network, weights: Sequence[ArrayLike], moved: ArrayLike = 0.0) -> Ball:
    """Measure what bounds on a ball around each state need, rounded outward.

    Args:
        network: plain, residual or of several outputs.
        weights: W_1 to W_L, W_k of shape (T, d_k, d_{k-1}).
        moved: how far the true layers may be from these, at least 0, a number or of shape (T,).

    Raises:
        InputError: if the weights do not fit the network.
    """
    read, output, target = _read(network, weights)
    data = network.regression.inputs if isinstance(network, MultiOutput) else network.regression
    half = data.half[np.any(data.half, axis=1)]
    after, before = _after(read, output), tails(read)
    size = max(len(output) * data.dimension, *(max(matrix.shape[-2:]) for matrix in read)) + len(read)
    error = _WORDS * _EPS * size
    norms = [np.linalg.svd(matrix, compute_uv=False) for matrix in read]
    largest = np.stack([values[:, 0] for values in norms], axis=-1) * (1 + error)
    kernel = _kernel(after, before, np.eye(data.dimension))
    sizes = [np.stack([np.linalg.norm(part, 2, axis=(-2, -1)) for part in parts], -1) for parts in (after, before)]
    frobenius = np.max([np.linalg.norm(matrix, axis=(-2, -1)) for matrix in read], axis=0)
    blur = np.broadcast_to(moved, frobenius.shape) + error * np.sqrt(size) * frobenius
    readout, scale = float(np.linalg.norm(output, 2)) * (1 + error), np.linalg.svd(half, compute_uv=False)
    rounding = error * size * np.sum((sizes[0] * sizes[1]) ** 2, axis=-1)
    top = float(scale.max(initial=0.0))
    least = max(0.0, float(scale.min(initial=np.inf)) - error * top) if len(half) else 0.0
    curvature = least**2 * (1 - error), (top * (1 + error)) ** 2
    gap = np.linalg.norm((after[0] @ read[0] - target) @ half.T, axis=(-2, -1)) * (1 + error)
    unseen = np.sqrt(curvature[1]) * readout * _last(_grown(largest, blur[:, None]), largest, blur)
    return Ball(
        largest,
        np.stack([_least(matrix, values, error) for matrix, values in zip(read, norms, strict=True)], -1),
        np.stack([_least(np.swapaxes(matrix, 1, 2), vs, error) for matrix, vs in zip(read, norms, strict=True)], -1),
        sizes[0] * (1 + error),
        sizes[1] * (1 + error),
        _kernel(after, before, half),
        np.linalg.eigvalsh(kernel)[:, 0],
        rounding,
        blur,
        (gap + unseen) * (1 + error),
        unseen * (1 + error),
        np.kron(half @ half.T, np.eye(len(output))),
        curvature,
        readout,
    )


def _read(network: Network, weights: Sequence[ArrayLike]) -> tuple[Weights, NDArray, NDArray]:
    """Weights with one batch axis, the readout as rows, and the target as rows."""
    if isinstance(network, MultiOutput):
        read, output, target = as_multi_output_weights(network, weights), np.eye(network.shape[0]), network.regression
        return read, output, target.M_star
    return as_weights(network, weights), network.output[None], network.regression.w_star[None]


def _after(weights: Weights, output: Float[np.ndarray, "o h"]) -> list[NDArray[np.float64]]:
    """B_1 to B_L, B_k = P W_L ... W_{k+1} of shape (T, o, d_k)."""
    return [b[:, None] for b in backward(weights, output[0])] if len(output) == 1 else heads(weights)


def _kernel(after: Sequence[NDArray], before: Sequence[NDArray], half: Float[np.ndarray, "r d"]) -> NDArray[np.float64]:
    """Sum over the layers of (F A_k^T A_k F^T) kron (B_k B_k^T), shape (T, o r, o r)."""
    total: NDArray[np.float64] = np.zeros((1, 1, 1))
    for B, A in zip(after, before, strict=True):
        way = half @ np.swapaxes(A, -1, -2)
        inner, outer = way @ np.swapaxes(way, -1, -2), B @ np.swapaxes(B, -1, -2)
        part = np.einsum("tij,tkl->tikjl", inner, outer)
        size = inner.shape[-1] * outer.shape[-1]
        total = total + part.reshape(len(part), size, size)
    return np.asarray(total, np.float64)


def _least(matrix: Float[np.ndarray, "T i j"], values: Float[np.ndarray, "T m"], error: float) -> NDArray[np.float64]:
    """Lower bound on |M v| / |v|; 0 where M has fewer rows than columns."""
    if matrix.shape[1] < matrix.shape[2]:
        return np.zeros(len(matrix))
    return np.asarray(np.maximum(0.0, values[:, -1] - error * values[:, 0]), np.float64)


def _before(factors: Float[np.ndarray, "T L"]) -> NDArray[np.float64]:
    """Products of all factors before each, shape (T, L)."""
    before: NDArray[np.float64] = np.ones_like(factors)
    before[:, 1:] = np.cumprod(factors[:, :-1], axis=-1)
    return before


def _grown(sizes: Float[np.ndarray, "T L"], far: Float[np.ndarray, "T 1"]) -> NDArray[np.float64]:
    """How much a product of the layers before each can grow: prod (s_j + far) - prod s_j, shape (T, L).

    Derived: prod (s_j + far) sum_i far / (s_i + far) prod_{j<i} s_j / (s_j + far), where all terms are positive.
    """
    more = sizes + far
    kept = np.divide(sizes, more, out=np.ones_like(more), where=more > 0)
    moved = np.divide(far, more, out=np.zeros_like(more), where=more > 0)
    terms = np.cumsum(_before(kept) * moved, axis=-1)[:, :-1]
    return _before(more) * np.concatenate([np.zeros_like(far), terms], axis=-1)


def _last(grown: Float[np.ndarray, "T L"], sizes: Float[np.ndarray, "T L"], far: Float[np.ndarray, " T"]) -> NDArray:
    """What `_grown` is over all layers, from that over all but the last."""
    return grown[:, -1] * (sizes[:, -1] + far) + np.prod(sizes[:, :-1], axis=-1) * far


def _slack(ball: Ball) -> float:
    """Relative rounding of a sum of L products of 4 L factors."""
    return _WORDS * _EPS * (ball.largest.shape[-1] + 4)

"""The density of eigenvalues and their sum, from random vectors, each with an interval."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import Axis, AxisKind, Estimate, Record, finite_number, whole_number
from fathometer.numerics import spectral_quadrature

Product = Callable[[NDArray], NDArray]
_RESOLVED = 5.0
_LAWS = 20_000
_ROUNDED = 16.0


@dataclass(frozen=True, eq=False)
class Density(Record):
    """Density of eigenvalues, smoothed by a Gaussian.

    Attributes:
        density: along the eigenvalues of a grid, of total mass 1; the interval is over the random vectors.
        width: standard deviation of the Gaussian.
        nodes: of the quadrature of each vector, shape (draws, steps); NaN where there are fewer.
        weights: likewise; they add up to 1 along the steps.
        products: how many were made.
    """

    density: Estimate
    width: float
    nodes: NDArray[np.float64]
    weights: NDArray[np.float64]
    products: int

    @property
    def eigenvalues(self) -> NDArray[np.float64]:
        """The grid, rising."""
        assert self.density.along is not None
        return self.density.along.points

    def share_below(self, value: float) -> Estimate:
        """Share of the eigenvalues below a number, to the resolution of the quadrature."""
        shares = np.nansum(np.where(self.nodes < value, self.weights, 0), axis=1)
        return _bounded(_mean_of(shares, 0.95), 0.0, 1.0)


def density_of(
    product: Product,
    size: int,
    dtype: np.dtype,
    *,
    draws: int = 8,
    steps: int = 50,
    points: int = 200,
    width: float | None = None,
    confidence: float = 0.95,
    seed: int = 0,
) -> Density:
    """Stochastic Lanczos quadrature.

    The interval at each point is as wide as one eigenvalue alone would need, whose share is the square of a Gaussian.

    Source: Ubaru, Chen, Saad 2017; Ghorbani, Krishnan, Xiao 2019.

    Args:
        product: of the matrix with a vector.
        size: n.
        dtype: of the vectors.
        draws: random vectors, at least 2.
        steps: products for each.
        points: of the grid, at least 2.
        width: of the Gaussian; 5 / steps of the range if None, which the quadrature resolves.
        confidence: of the interval at each point of the grid.
        seed: of the vectors.

    Raises:
        InputError: if a number is out of range.
    """
    whole_number("draws", draws, at_least=2)
    whole_number("points", points, at_least=2)
    rules = [spectral_quadrature(product, size, steps=steps, seed=seed + draw, dtype=dtype) for draw in range(draws)]
    nodes, weights = (_padded([rule[k] for rule in rules]) for k in range(2))
    low, high = float(np.nanmin(nodes)), float(np.nanmax(nodes))
    reach = max(high - low, np.finfo(dtype).eps * max(abs(low), abs(high), 1e-30))
    sigma = finite_number("width", width, above=0) if width is not None else _RESOLVED * reach / steps
    grid = np.linspace(low - 4 * sigma, high + 4 * sigma, points)
    values = np.array(
        [_smoothed(grid, x[~np.isnan(x)], w[~np.isnan(x)], sigma) for x, w in zip(nodes, weights, strict=True)]
    )
    mean = _bounded(_mean_of(values.T, confidence), 0.0, math.inf)
    axis = Axis(AxisKind.PARAMETER, grid, "eigenvalue")
    along = Estimate(mean.value, mean.lower, mean.upper, mean.kind, mean.confidence, axis)
    return Density(along, float(sigma), nodes, weights, sum(len(x) for x, _ in rules))


def _smoothed(grid: NDArray, nodes: NDArray, weights: NDArray, sigma: float) -> NDArray[np.float64]:
    bells = np.exp(-(((grid[:, None] - nodes) / sigma) ** 2) / 2) / (sigma * math.sqrt(2 * math.pi))
    return bells @ weights


def _padded(rows: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    out = np.full((len(rows), max(map(len, rows))), np.nan)
    for k, row in enumerate(rows):
        out[k, : len(row)] = row
    return out


def _bounded(estimate: Estimate, least: float, most: float) -> Estimate:
    value, lower, upper = (np.clip(x, least, most) for x in (estimate.value, estimate.lower, estimate.upper))
    return Estimate(value, lower, upper, estimate.kind, estimate.confidence, estimate.along)


def trace_of(
    product: Product,
    size: int,
    dtype: np.dtype,
    *,
    products: int = 60,
    sketch: int | None = None,
    confidence: float = 0.95,
    seed: int = 0,
) -> Estimate:
    """The sum of all eigenvalues, by Hutch++: exact on a random subspace, sampled on what is orthogonal to it.

    Source: Meyer, Musco, Musco, Woodruff 2021. The interval is over the sampled part, as wide as one eigenvalue alone
    would need there: the square of a Gaussian is more skewed than any other quadratic form of Gaussians.

    Args:
        product: of the matrix with a vector.
        size: n.
        dtype: of the vectors.
        products: at least 6; a matrix of no more rows is summed along its diagonal.
        sketch: dimension of the subspace, a third of the products if None.
        confidence: of the interval.
        seed: of the vectors.

    Raises:
        InputError: if a number is out of range.
    """
    whole_number("products", products, at_least=6)
    if size <= products:
        return Estimate.exact(sum(float(product(unit)[k]) for k, unit in enumerate(np.eye(size, dtype=dtype))))
    k = min(products // 3 if sketch is None else whole_number("sketch", sketch, at_least=0), (products - 2) // 2)
    generator = np.random.default_rng(seed)
    basis, inside = _subspace(product, size, k, generator)
    draws = [_outside(product, basis, generator.choice([-1.0, 1.0], size)) for _ in range(products - 2 * k)]
    rounding = _ROUNDED * float(np.finfo(dtype).eps) * float(np.sum(np.abs(inside)))
    return _mean_of(np.sum(inside) + np.array(draws), confidence, rounding)


def _mean_of(values: NDArray[np.float64], confidence: float, rounding: float = 0.0) -> Estimate:
    """Mean over the last axis, with an interval that also holds where the draws are squares of Gaussians."""
    draws = values.shape[-1]
    half = _quantile(draws, confidence) * np.std(values, axis=-1, ddof=1) / math.sqrt(draws) + rounding
    mean = np.mean(values, axis=-1)
    return Estimate.sampled(mean, mean - half, mean + half, confidence)


@cache
def _quantile(draws: int, confidence: float) -> float:
    """Of |mean - 1| sqrt(draws) / deviation for squares of Gaussians, by simulation; above Student's."""
    inside = finite_number("confidence", confidence, above=0, below=1)
    squares = np.random.default_rng(0).standard_normal((_LAWS, draws)) ** 2
    ratios = np.abs(squares.mean(axis=1) - 1) * math.sqrt(draws) / squares.std(axis=1, ddof=1)
    return float(np.quantile(ratios, inside))


def _subspace(
    product: Product, size: int, k: int, generator: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """An orthonormal basis of the images of k random vectors, shape (size, k), and the parts of the trace on it."""
    if not k:
        return np.zeros((size, 0)), np.zeros(0)
    images = np.stack([product(generator.choice([-1.0, 1.0], size)) for _ in range(k)], axis=1)
    basis = np.linalg.qr(images.astype(np.float64))[0]
    return basis, np.array([float(basis[:, j] @ product(basis[:, j])) for j in range(k)])


def _outside(product: Product, basis: NDArray[np.float64], vector: NDArray[np.float64]) -> float:
    rest = vector - basis @ (basis.T @ vector)
    return float(rest @ product(rest))

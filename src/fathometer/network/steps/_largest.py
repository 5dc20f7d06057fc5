"""The largest eigenvalue of a curvature in few products, from where it was last seen."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fathometer.evidence import Estimate
from fathometer.numerics.spectra._ceiling import krylov_ceiling, least_share
from fathometer.numerics.spectra._krylov import CountedProduct, Krylov, Product

_WARM = 4
"""Of so many products one goes to where the eigenvector last was."""


class Largest(NamedTuple):
    """An eigenvalue between floor and ceiling, the unit vector of the floor, and the products that it took."""

    value: Estimate
    vector: NDArray[np.floating]
    products: int


def largest_eigenvalue(
    product: Product,
    size: int,
    *,
    warm: NDArray[np.floating] | None = None,
    products: int = 20,
    miss: float = 1e-3,
    memory: int = 1 << 30,
    seed: int = 0,
    dtype: DTypeLike = np.float64,
) -> Largest:
    """Enclose the largest eigenvalue of a symmetric operator with few products.

    The floor is a Ritz value and certain: of a short Krylov space from `warm`, or of one from a random vector. The
    ceiling comes from the random one alone (additions to Kuczynski and Wozniakowski 1992, as `extreme_eigenvalues`), so
    that an old eigenvector cannot hide a new one; it fails with probability `miss`, and the fewer products the higher
    it is. All up to the rounding of the products, which widens both.

    Args:
        product: the operator, on vectors of shape (size,).
        size: n, at least 1.
        warm: where the eigenvector was last; None if it was not seen yet.
        products: most of them, at least 2.
        miss: probability, in (0, 1), that the ceiling is wrong.
        memory: bytes for the basis; fewer products are made where more do not fit.
        seed: of the random vector.
        dtype: of the vectors that are kept, that of the parameters.
    """
    counted = CountedProduct(product, dtype)
    rows = max(2, memory // (counted.dtype.itemsize * size))
    spaces = [] if warm is None else [_grown(counted, warm, min(rows, max(2, products // _WARM)))]
    start = np.random.default_rng(seed).standard_normal(size).astype(counted.dtype)
    spaces.append(_grown(counted, start, min(rows, max(2, products - counted.count))))
    best = max(spaces, key=lambda space: space.ends()[1].value)
    floor, rounding = best.ends()[1].value, max(space.rounding for space in spaces)
    whole = any(space.whole for space in spaces)
    ceiling = floor if whole else _ceiling(spaces[-1], floor - rounding, least_share(size, miss))
    at, low, high = (end * counted.unit for end in (floor, floor - rounding, max(floor, ceiling) + rounding))
    value = Estimate.enclosed(at, low, high) if whole else Estimate.sampled(at, low, high, 1 - miss)
    return Largest(value, best.top(), counted.count)


def _grown(product: CountedProduct, start: NDArray[np.floating], rows: int) -> Krylov:
    space = Krylov(product, start, rows)
    space.grow()
    while not (space.full or space.exhausted):
        space.grow()
    return space


def _ceiling(space: Krylov, certain: float, share: float) -> float:
    """How far the spectrum can reach beyond a random space; no limit where a certain floor lies beyond it."""
    value = space.ends()[1].value
    reach = krylov_ceiling(space.diagonal, space.residuals(), value, share)
    return math.inf if reach < certain else reach

"""The spectral measure of a vector, as far as some products show it."""

import numpy as np
from numpy.typing import DTypeLike, NDArray
from scipy.linalg import eigh_tridiagonal

from fathometer.evidence import whole_number
from fathometer.numerics.spectra._krylov import CountedProduct, Krylov, Product


def spectral_quadrature(
    apply: Product, size: int, *, steps: int, seed: int = 0, dtype: DTypeLike = np.float64
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gauss quadrature of the spectral measure of a random unit vector: sum_i w_i f(x_i) is about <b, f(A) b>.

    Exact for polynomials up to degree 2 steps - 1. Its mean over the vectors is tr f(A) / n.

    Args:
        apply: a symmetric operator, as for `extreme_eigenvalues`.
        size: n, at least 1.
        steps: products, at least 1; fewer are made where the space is exhausted.
        seed: of the vector.
        dtype: of the vectors, float64 or float32; steps n numbers of it are kept.

    Returns:
        Nodes in rising order and weights that add up to 1, each of shape (k,), k at most `steps`.

    Raises:
        InputError: if the operator gives NaN or infinity or is not symmetric.
    """
    n, rows = whole_number("size", size, at_least=1), whole_number("steps", steps, at_least=1)
    product = CountedProduct(apply, dtype)
    start = np.random.default_rng(seed).standard_normal(n, product.dtype.type)
    space = Krylov(product, start, rows)
    space.grow()
    while not (space.full or space.exhausted):
        space.grow()
    nodes, vectors = eigh_tridiagonal(space.diagonal, space.beside[:-1], check_finite=False)
    return nodes * product.unit, vectors[0] ** 2

"""A factor of sigma that keeps the digits of ill-scaled data: sigma alone squares the condition of the samples."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.linalg.lapack import dgejsv  # type: ignore[attr-defined]

from fathometer.deep_linear.model.data._exact_rank import exact_rank
from fathometer.evidence import InputError, Record, finite_array, finite_number

SMALLEST, LARGEST = 1e-152, 1e152
"""Sizes that a column may have, so that its square is a float64."""
_EPS = float(np.finfo(float).eps)
_JACOBI = {"joba": 2, "jobr": 0, "jobp": 0}  # accurate for D1 C D2, all of the float64 range, nothing perturbed

_ALIKE = 8.0  # largest ratio of columns that count as of one size


@dataclass(frozen=True, eq=False)
class Factor(Record):
    """A matrix F with F^T F = sigma, known to a relative rounding error of each of its columns.

    Attributes:
        matrix: F, shape (d, d); rows are zero where sigma is singular.
        rounding: bound on |dF_j| / |F_j| for every column j, in (0, 1).
        rank_known: whether the number of its non-zero rows is the exact rank of the data.

    Raises:
        InputError: if the matrix is not square and finite or the rounding out of range.
    """

    matrix: NDArray[np.float64]
    rounding: float
    rank_known: bool

    def __post_init__(self) -> None:
        matrix = finite_array("matrix", self.matrix, ndim=2)
        if matrix.shape[0] != matrix.shape[1]:
            raise InputError(f"matrix must be square, got shape {matrix.shape}")
        object.__setattr__(self, "matrix", matrix)
        object.__setattr__(self, "rounding", finite_number("rounding", self.rounding, above=0, below=1))

    @property
    def sizes(self) -> NDArray[np.float64]:
        """Norms of the columns, shape (d,)."""
        return np.asarray(np.linalg.norm(self.matrix * (shrink := powers_of_two(self.matrix)), axis=0) / shrink)

    @property
    def rank(self) -> int:
        """Number of its non-zero rows."""
        return int(np.sum(np.any(self.matrix, axis=1)))


class Reduced(NamedTuple):
    """Samples reduced to d rows: |X w - Y|^2 / n = |F w - H|^2 + what no w explains.

    Attributes:
        factor: F.
        solution: of least norm, shape (d, o).
        left: Y - X W for it, shape (n, o).
    """

    factor: Factor
    solution: NDArray[np.float64]
    left: NDArray[np.float64]

    def sigma(self, X: Float[np.ndarray, "n d"]) -> NDArray[np.float64]:
        """X^T X / n, with no overflow on the way."""
        shrink = powers_of_two(X)
        return ((X * shrink).T @ (X * shrink)) / len(X) / shrink / shrink[:, None]


def reduce_samples(X: Float[np.ndarray, "n d"], Y: Float[np.ndarray, "n o"]) -> Reduced:
    """Least squares by the singular values of the columns brought to one size, and scaled back.

    Columns are scaled by powers of two, which is exact; the scaling changes neither the fitted values nor the
    rank. Singular values within rounding of zero count as zero. Where the fitted values are rounding next to Y, the
    solution is zero.

    Raises:
        InputError: if a column that is not zero has entries whose squares are no float64.
    """
    _check_sizes("X", X)
    _check_sizes("the target", Y)
    shrink, rows = powers_of_two(X), np.sqrt(len(X))
    U, S, Vt = np.linalg.svd(X * shrink, full_matrices=False)
    rounding = _EPS * (5 + np.sqrt(max(X.shape)) / 4)
    rank = int(np.sum(rounding * np.sqrt(X.shape[1]) * S[:1] < S))
    kept = S[:rank, None] * Vt[:rank]
    matrix = np.zeros((X.shape[1], X.shape[1]))
    matrix[:rank] = kept / rows / shrink
    factor = Factor(matrix, float(rounding), rank == min(X.shape) or rank == exact_rank(X))
    coordinates = U[:, :rank].T @ Y
    small = np.linalg.norm(coordinates, axis=0) <= max(X.shape) * _EPS * np.linalg.norm(Y, axis=0)
    coordinates = np.where(small, 0.0, coordinates)
    full = rank == X.shape[1]
    solution = shrink[:, None] * (Vt.T @ (coordinates / S[:, None])) if full else least_norm(factor, coordinates / rows)
    return Reduced(factor, solution, Y - U[:, :rank] @ coordinates)


def least_norm(factor: Factor, values: Float[np.ndarray, "r o"]) -> NDArray[np.float64]:
    """The solution W of least norm of F W = values, where these are the first r rows and F has that rank."""
    U, singular, Vt = jacobi(factor.matrix)
    rank = factor.rank
    return Vt[:rank].T @ ((U[: len(values), :rank].T @ values) / singular[:rank, None])


def factor_of_sigma(sigma: Float[np.ndarray, "d d"]) -> Factor:
    """A factor of a symmetric positive semidefinite matrix, from its eigenvectors after scaling to a unit diagonal.

    Eigenvalues within rounding of zero count as zero.
    """
    shrink = _powers(np.sqrt(np.abs(np.diag(sigma))))
    eigenvalues, vectors = np.linalg.eigh(shrink[:, None] * sigma * shrink)
    size = len(sigma)
    kept = np.where(eigenvalues > size * _EPS * max(eigenvalues[-1], 0.0), eigenvalues, 0.0)
    return Factor(np.sqrt(kept)[::-1, None] * vectors.T[::-1] / shrink, 2 * _EPS, bool(kept[0] > 0))


def jacobi(matrix: Float[np.ndarray, "d d"]) -> tuple[NDArray, NDArray, NDArray]:
    """Singular value decomposition U, S, V^T in decreasing order, accurate for each S_k however columns are scaled.

    Source: Drmac and Veselic (2008), LAPACK's dgejsv, whose accuracy for D1 C D2 depends on the condition of C alone.
    Columns of about one size do as well with the usual algorithm, which is faster.
    """
    size, shrink = len(matrix), powers_of_two(matrix)
    if not np.any(matrix):
        return np.eye(size), np.zeros(size), np.eye(size)
    if shrink.max() <= _ALIKE * shrink.min():
        return np.linalg.svd(matrix)
    S, U, V, work, _, _ = dgejsv(matrix, **_JACOBI)
    return U, S * (work[0] / work[1]), V.T


def powers_of_two(matrix: Float[np.ndarray, "n d"]) -> NDArray[np.float64]:
    """One power of two for each column that brings its largest entry into [1/2, 1); 1 for a column of zeros."""
    return _powers(np.max(np.abs(matrix), axis=0))


def _powers(sizes: Float[np.ndarray, " d"]) -> NDArray[np.float64]:
    return np.where(sizes > 0, np.ldexp(1.0, -np.frexp(sizes)[1]), 1.0)


def _check_sizes(name: str, columns: Float[np.ndarray, "n d"]) -> None:
    sizes = np.max(np.abs(columns), axis=0)
    wrong = np.flatnonzero((sizes > 0) & ((sizes < SMALLEST) | (sizes > LARGEST)))
    if wrong.size:
        where = f"column {wrong[0] + 1} of {name}" if columns.shape[1] > 1 or name == "X" else name
        raise InputError(
            f"{where} must be zero or have a largest entry between {SMALLEST:g} and {LARGEST:g}, "
            f"got {sizes[wrong[0]]:.6g}: change its unit or standardize it"
        )

"""A symmetric operator as a counted product, and its Krylov spaces with a basis that is orthogonal to rounding."""

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy.typing import DTypeLike, NDArray
from scipy.linalg import eigh_tridiagonal

from fathometer.evidence import InputError

Vector = NDArray[np.floating]
Product = Callable[[Float[np.ndarray, " n"]], Float[np.ndarray, " n"]]

ASYMMETRY = 1e-2
"""What is left of an operator that is meant to be symmetric, relative to it: above, it is refused; below, rounding."""
_PIECE = 1 << 16
NOT_SYMMETRIC = "the operator must be symmetric: <u, A v> and <A u, v> differ by more than rounding"


class CountedProduct:
    """The products of an operator in units of the size of its first nonzero image, so that no square overflows.

    Args:
        apply: the operator.
        dtype: of the vectors that it takes and of the images that are kept.

    Attributes:
        count: how many have been made.
        unit: a power of 2; the operator is `unit` times what is returned.
        eps: distance of 1 from the next number in the format of the images.
    """

    def __init__(self, apply: Product, dtype: DTypeLike = np.float64) -> None:
        self.dtype: np.dtype = np.dtype(dtype)
        self.count, self.unit, self.eps = 0, 1.0, float(np.finfo(self.dtype).eps)
        self._apply, self._measured = apply, False

    def __call__(self, vector: Vector) -> Vector:
        """The image of a vector.

        Raises:
            InputError: if it has another shape, or holds NaN or infinity.
        """
        image = np.asarray(self._apply(vector))
        if image.shape != vector.shape:
            raise InputError(f"the operator must keep the shape {vector.shape} of a vector, got {image.shape}")
        if np.issubdtype(image.dtype, np.floating):
            self.eps = max(self.eps, float(np.finfo(image.dtype).eps))
        owned = image.flags.owndata and image.flags.writeable and image is not vector
        image = image.astype(self.dtype, copy=not owned)
        largest = max(float(np.max(image)), -float(np.min(image)))
        if not math.isfinite(largest):
            raise InputError("the Hessian must be finite here, got NaN or infinity")
        self._measure(largest)
        self.count += 1
        return scaled(image, self.unit)

    def _measure(self, largest: float) -> None:
        if not self._measured and largest > 0:
            self.unit, self._measured = 2.0 ** np.floor(np.log2(largest)), True


def pieces(size: int) -> Iterator[slice]:
    """Parts of a vector, so that what is computed between two vectors needs no room for a third."""
    return (slice(start, start + _PIECE) for start in range(0, size, _PIECE))


def inner(left: Vector, right: Vector) -> float:
    """<u, v>, summed in float64."""
    if left.dtype == right.dtype == np.float64:
        return float(left @ right)
    return sum(float(left[p].astype(np.float64) @ right[p].astype(np.float64)) for p in pieces(len(left)))


def length(vector: Vector) -> float:
    """Norm of a vector, summed in float64."""
    return math.sqrt(inner(vector, vector)) if vector.dtype != np.float64 else float(np.linalg.norm(vector))


def scaled(vector: Vector, by: float) -> Vector:
    """Divide a vector in place."""
    vector /= vector.dtype.type(by)
    return vector


def subtract(vector: Vector, factor: float, other: Vector) -> None:
    """Take a multiple of another vector out, in place.

    Args:
        vector: is changed.
        factor: the multiple.
        other: of the same shape.
    """
    for part in pieces(len(vector)):
        vector[part] -= vector.dtype.type(factor) * other[part]


class End(NamedTuple):
    """A Ritz value at one end: no end of the spectrum lies inside it. With |A v - value v| of its unit vector v."""

    value: float
    residual: float


class Krylov:
    """The space of b, A b, A^2 b, ... and the tridiagonal matrix of A in it.

    Attributes:
        diagonal: <q_j, A q_j> of the basis q_1, ..., q_k.
        beside: norms of what A q_j leaves after orthogonalisation against q_1, ..., q_j.
    """

    def __init__(self, product: CountedProduct, start: Vector, rows: int) -> None:
        self._product, self._basis = product, np.empty((min(rows, len(start)), len(start)), product.dtype)
        self._basis[0] = start
        scaled(self._basis[0], length(start))
        self.diagonal: NDArray[np.float64] = np.empty(0)
        self.beside: NDArray[np.float64] = np.empty(0)
        self._defect = 0.0

    def __len__(self) -> int:
        return len(self.diagonal)

    def grow(self) -> None:
        """One product more: the recurrence of three terms, and what rounding leaves along the whole basis taken out."""
        k = len(self)
        newest, basis = self._basis[k], self._basis[: k + 1]
        rest = self._product(newest)
        share = inner(newest, rest)
        subtract(rest, share, newest)
        if k:
            subtract(rest, self.beside[-1], self._basis[k - 1])
        before = length(rest)
        shares = _take_out(basis, rest)
        if length(rest) < before / 2:
            _take_out(basis, rest)
        self.diagonal, self.beside = np.append(self.diagonal, share), np.append(self.beside, length(rest))
        self._note_asymmetry(shares)
        if k + 1 < len(self._basis) and self.beside[-1] > 0:
            self._basis[k + 1] = scaled(rest, self.beside[-1])

    def _note_asymmetry(self, shares: NDArray[np.float64]) -> None:
        """After three terms the image of a symmetric operator has no share in the basis.

        Raises:
            InputError: if it has more than rounding leaves.
        """
        self._defect = float(np.hypot(self._defect, np.linalg.norm(shares)))
        if self._defect > ASYMMETRY * self._scale():
            raise InputError(NOT_SYMMETRIC)

    @property
    def rounding(self) -> float:
        """How far rounding of the products moves a Ritz value, as the asymmetry of A in this basis shows."""
        return 2 * self._defect + 4 * self._product.eps * self._scale()

    @property
    def full(self) -> bool:
        """Whether the basis has no room left."""
        return len(self) == len(self._basis)

    @property
    def whole(self) -> bool:
        """Whether the space is the whole of R^n."""
        return len(self) == self._basis.shape[1]

    @property
    def exhausted(self) -> bool:
        """Whether A maps the space into itself, to rounding: no product more says anything."""
        return bool(self.beside[-1] <= 4 * self.rounding)

    def residuals(self) -> NDArray[np.float64]:
        """`beside`, with room for the rounding of the products."""
        return np.asarray(self.beside + 2 * self._product.eps * self._scale(), np.float64)

    def ends(self) -> tuple[End, End]:
        """Smallest and largest Ritz value."""
        low, high = (self._end(i) for i in (0, len(self) - 1))
        return low, high

    def top(self) -> Vector:
        """Unit Ritz vector of the largest Ritz value."""
        _, shares = eigh_tridiagonal(self.diagonal, self.beside[:-1], check_finite=False)
        return shares[:, -1] @ self._basis[: len(self)]

    def _end(self, index: int) -> End:
        values, vectors = eigh_tridiagonal(
            self.diagonal, self.beside[:-1], select="i", select_range=(index, index), check_finite=False
        )
        return End(float(values[0]), float(self.beside[-1] * abs(vectors[-1, 0])))

    def _scale(self) -> float:
        return float(np.max(np.abs(self.diagonal)) + np.max(self.beside))


def _take_out(basis: Vector, vector: Vector) -> NDArray[np.float64]:
    """Make a vector orthogonal to the rows of a basis, in place, and return its shares in them."""
    if basis.dtype == np.float64:
        shares = basis @ vector
        vector -= shares @ basis
        return shares
    shares = np.array([inner(row, vector) for row in basis])
    for part in pieces(len(vector)):
        vector[part] -= (shares @ basis[:, part].astype(np.float64)).astype(vector.dtype)
    return shares

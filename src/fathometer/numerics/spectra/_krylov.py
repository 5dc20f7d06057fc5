"""A symmetric operator as a counted product, and its Krylov spaces with a basis that is orthogonal to rounding."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.linalg import eigh_tridiagonal

from fathometer.evidence import InputError

Vector = NDArray[np.float64]
Product = Callable[[Float[np.ndarray, " n"]], Float[np.ndarray, " n"]]

ASYMMETRY = 1e-2
"""What is left of an operator that is meant to be symmetric, relative to it: above, it is refused; below, rounding."""
NOT_SYMMETRIC = "the operator must be symmetric: <u, A v> and <A u, v> differ by more than rounding"


class CountedProduct:
    """The products of an operator in units of the size of its first nonzero image, so that no square overflows.

    Attributes:
        count: how many have been made.
        unit: a power of 2; the operator is `unit` times what is returned.
        eps: distance of 1 from the next number in the format of the images.
    """

    def __init__(self, apply: Product) -> None:
        self.count, self.unit, self.eps = 0, 1.0, float(np.finfo(np.float64).eps)
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
        image = image.astype(np.float64)
        if not np.all(np.isfinite(image)):
            raise InputError("the Hessian must be finite here, got NaN or infinity")
        self._measure(image)
        self.count += 1
        return image / self.unit

    def _measure(self, image: Vector) -> None:
        largest = float(np.max(np.abs(image)))
        if not self._measured and largest > 0:
            self.unit, self._measured = 2.0 ** np.floor(np.log2(largest)), True


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
        self._product, self._basis = product, np.empty((min(rows, len(start)), len(start)))
        self._basis[0] = start / np.linalg.norm(start)
        self.diagonal, self.beside = np.empty(0), np.empty(0)
        self._defect = 0.0

    def __len__(self) -> int:
        return len(self.diagonal)

    def grow(self) -> None:
        """One product more: the recurrence of three terms, and what rounding leaves along the whole basis taken out."""
        k = len(self)
        newest, basis = self._basis[k], self._basis[: k + 1]
        rest = self._product(newest)
        share = float(newest @ rest)
        rest -= share * newest
        if k:
            rest -= self.beside[-1] * self._basis[k - 1]
        before = np.linalg.norm(rest)
        shares = basis @ rest
        rest -= shares @ basis
        if np.linalg.norm(rest) < before / 2:
            rest -= (basis @ rest) @ basis
        self.diagonal, self.beside = np.append(self.diagonal, share), np.append(self.beside, np.linalg.norm(rest))
        self._note_asymmetry(shares)
        if k + 1 < len(self._basis) and self.beside[-1] > 0:
            self._basis[k + 1] = rest / self.beside[-1]

    def _note_asymmetry(self, shares: Vector) -> None:
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

    def residuals(self) -> Vector:
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

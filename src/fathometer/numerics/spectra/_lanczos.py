"""Both ends of the spectrum of a symmetric operator: a floor that is certain, a ceiling with a stated miss chance."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import DTypeLike, NDArray

from fathometer.evidence import Estimate, InputError, Kind, Record, finite_number, whole_number
from fathometer.numerics.spectra._ceiling import filter_ceiling, krylov_ceiling, least_share
from fathometer.numerics.spectra._krylov import (
    ASYMMETRY,
    NOT_SYMMETRIC,
    CountedProduct,
    End,
    Krylov,
    Product,
    Vector,
    inner,
    length,
    pieces,
    scaled,
    subtract,
)
from fathometer.numerics.spectra._products import next_look

_DENSE = 64
_OVERFLOW = {np.float64: 1e100, np.float32: 1e15}
_LEAST_MISS = 1e-15  # so that the confidence is not 1


class SearchEnd(StrEnum):
    """Why a search for eigenvalues ended.

    WHOLE: the whole matrix was diagonalised. TOLERANCE: both intervals are as narrow as was asked. ROUNDING: more
    products would say nothing new, because of their rounding. PRODUCTS: the number of products was reached.
    INTERRUPTED: `stop` asked for it.
    """

    WHOLE = "whole"
    TOLERANCE = "tolerance"
    ROUNDING = "rounding"
    PRODUCTS = "products"
    INTERRUPTED = "interrupted"


class Ends(StrEnum):
    """Which ends of a spectrum a search is for; it says what it has of the other one."""

    BOTH = "both"
    LARGEST = "largest"
    SMALLEST = "smallest"


@dataclass(frozen=True, eq=False)
class ExtremeEigenvalues(Record):
    """Both ends of a spectrum.

    Attributes:
        smallest: smallest signed eigenvalue.
        largest: largest signed eigenvalue.
        residuals: |A v - theta v| of the two unit Ritz vectors, shape (2,); zero where the matrix was diagonalised.
        tolerance: the width of the intervals that was asked for, relative to the largest |value|.
        ended: why the search ended.
        products: how many products it took.
        ends: which of them were asked for.
    """

    smallest: Estimate
    largest: Estimate
    residuals: NDArray[np.float64]
    tolerance: float
    ended: SearchEnd
    products: int
    ends: Ends = Ends.BOTH

    @property
    def converged(self) -> bool:
        """Whether the intervals that were asked for, from floor to ceiling, are narrow enough."""
        return _narrow_enough(self.smallest, self.largest, self.tolerance, self.ends)


def extreme_eigenvalues(
    apply: Product,
    size: int,
    *,
    tolerance: float = 1e-6,
    miss: float = 1e-6,
    products: int = 1000,
    memory: int = 1 << 30,
    seed: int = 0,
    dtype: DTypeLike = np.float64,
    ends: Ends | str = Ends.BOTH,
    stop: Callable[[int], bool] | None = None,
) -> ExtremeEigenvalues:
    """Find the smallest and the largest eigenvalue of a symmetric operator from its products with vectors.

    A Krylov space of a random vector, with an orthogonal basis, serves both ends. The inner end of each interval, a
    Ritz value and also the `value`, is certain: the largest eigenvalue is not below the largest Ritz value. The outer
    end bounds what the start vector can have missed: it holds for every operator, zero eigenvalues and multiple ones
    included, and fails only if the start has less than the quantile of its share in an extreme eigenvector. Both outer
    ends hold together with probability 1 - miss over the random start. All of it up to the rounding of the products,
    whose trace in the asymmetry of the operator is added. Up to size 64 the matrix is built and diagonalised: enclosed.

    Source: derived (Christoffel's function of the spectral measure; beyond the memory, Chebyshev polynomials of the
    fourth kind on three vectors). Rate of the gap-free part as Kuczynski, Wozniakowski 1992.

    Args:
        apply: the operator; symmetric, on vectors of shape (n,) that it must not change. It returns a new array each
            time, which is changed here. It may be float32: the intervals then have room for its rounding.
        size: n, at least 1.
        tolerance: stop when both intervals are at most this wide, relative to the largest |value|; in (0, 1).
        miss: probability, at least 1e-15 and below 1, that an outer end is wrong.
        products: stop after so many products at the latest; at least 1.
        memory: bytes for the basis, 8 n for each product (4 n for float32). When they are used up the search goes on
            with three vectors, the image of the operator among them, and more slowly.
        seed: of the start vector.
        dtype: of the vectors, float64 or float32. Inner products are summed in float64 either way; the intervals have
            room for the rounding.
        ends: which of them must be known as well as that: "both", "largest" or "smallest".
        stop: is told the number of products before each of them; once it returns True the search ends with what it
            knows.

    Raises:
        InputError: if a number is out of range, or the operator gives NaN or infinity or is not symmetric.
    """
    n = whole_number("size", size, at_least=1)
    finite_number("tolerance", tolerance, above=0, below=1)
    finite_number("miss", miss, at_least=_LEAST_MISS, below=1)
    limit = whole_number("products", products, at_least=1)
    rows = max(2, whole_number("memory", memory, at_least=1) // (_float_type(dtype).itemsize * n))
    generator = np.random.default_rng(whole_number("seed", seed, at_least=0))
    product = CountedProduct(apply, dtype)
    if n <= min(_DENSE, limit):
        return _diagonalised(product, n, tolerance, Ends(ends))
    search = _Search(product, n, tolerance, miss, limit, Ends(ends), stop or (lambda _: False))
    ended = None
    while ended is None:
        search.begin(generator)
        ended = search.by_krylov(rows) or search.by_filters(rows)
    return search.result(ended)


def _float_type(dtype: DTypeLike) -> np.dtype:
    """The format of vectors.

    Raises:
        InputError: if it is neither float64 nor float32.
    """
    kind = np.dtype(dtype)
    if kind not in (np.float64, np.float32):
        raise InputError(f"dtype must be float64 or float32, got {kind}")
    return kind


def _diagonalised(product: CountedProduct, n: int, tolerance: float, ends: Ends) -> ExtremeEigenvalues:
    matrix = np.stack([product(unit) for unit in np.eye(n, dtype=product.dtype)]).astype(np.float64)
    scale = max(float(np.max(np.abs(matrix))), np.finfo(np.float64).tiny)
    matrix = matrix / scale
    if (defect := np.linalg.norm(matrix - matrix.T)) > ASYMMETRY * np.linalg.norm(matrix):
        raise InputError(NOT_SYMMETRIC)
    values = np.linalg.eigvalsh((matrix + matrix.T) / 2)[[0, -1]]
    error = defect + n * product.eps * np.max(np.abs(values))
    low, high = (Estimate.enclosed(*(np.array([v, v - error, v + error]) * scale * product.unit)) for v in values)
    return ExtremeEigenvalues(low, high, np.zeros(2), tolerance, SearchEnd.WHOLE, product.count, ends)


def _narrow_enough(smallest: Estimate, largest: Estimate, tolerance: float, ends: Ends) -> bool:
    scale = max(abs(smallest.value), abs(largest.value))
    asked = {Ends.BOTH: (smallest, largest), Ends.LARGEST: (largest,), Ends.SMALLEST: (smallest,)}[ends]
    return bool(max(end.upper - end.lower for end in asked) <= tolerance * scale)


class _Search:
    """What is known of both ends: Ritz values, and how far beyond them the spectrum can reach."""

    def __init__(
        self,
        product: CountedProduct,
        size: int,
        tolerance: float,
        miss: float,
        limit: int,
        ends: Ends,
        stop: Callable[[int], bool],
    ) -> None:
        self.product, self.size, self.tolerance, self.miss, self.limit = product, size, tolerance, miss, limit
        self.ends, self._stop, self._stopped = ends, stop, False
        self.share = least_share(size, miss / 2)
        self.low, self.high, self.rounding, self.whole = End(math.inf, 0.0), End(-math.inf, 0.0), 0.0, False

    def begin(self, generator: np.random.Generator) -> None:
        """Draw a start; what is known of the Ritz values stays."""
        self._generator, self._state = generator, generator.bit_generator.state
        generator.standard_normal(self.size, self.product.dtype.type)
        self.beyond = np.array([-math.inf, math.inf])

    def _start(self) -> Vector:
        """The start vector, drawn again instead of kept."""
        after, self._generator.bit_generator.state = self._generator.bit_generator.state, self._state
        start = self._generator.standard_normal(self.size, self.product.dtype.type)
        self._generator.bit_generator.state = after
        return scaled(start, length(start))

    def by_krylov(self, rows: int) -> SearchEnd | None:
        """Grow a Krylov space until the search ends; None if there is no memory for more."""
        space = Krylov(self.product, self._start(), rows)
        look = next_look(0, self.size)
        while True:
            space.grow()
            last = space.full or space.exhausted or self._spent
            if last or len(space) >= look:
                look = next_look(len(space), self.size)
                self._look_at(space)
                if ended := self._reason(space):
                    return ended
                if last:
                    return None

    def _look_at(self, space: Krylov) -> None:
        (low, high), beside = space.ends(), space.residuals()
        self.low, self.high = min(self.low, low), max(self.high, high)
        self.rounding, self.whole = space.rounding, space.whole
        top = krylov_ceiling(space.diagonal, beside, high.value, self.share)
        bottom = -krylov_ceiling(-space.diagonal, beside, -low.value, self.share)
        self.beyond = np.array([low.value, high.value] if space.whole else [bottom, top])

    def _reason(self, space: Krylov) -> SearchEnd | None:
        if space.whole:
            return SearchEnd.WHOLE
        if _narrow_enough(*self._estimates(), self.tolerance, self.ends):
            return SearchEnd.TOLERANCE
        if space.exhausted:
            return SearchEnd.ROUNDING
        return self._end_of_products if self._spent else None

    def by_filters(self, rows: int) -> SearchEnd | None:
        """Narrow the ends with three vectors, by longer and longer polynomials; None if the start is caught missing."""
        steps = 2 * rows
        while not self._spent:
            self._filter_top(steps)
            self._filter_bottom(steps)  # each end narrows the interval on which the polynomial of the other is small
            if self._caught:
                return self._end_of_products if self._spent else None
            if _narrow_enough(*self._estimates(), self.tolerance, self.ends):
                return SearchEnd.TOLERANCE
            steps *= 2
        return self._end_of_products

    @property
    def _caught(self) -> bool:
        """Whether a Ritz value lies beyond what the start said: then its share was too small, and it says nothing."""
        return bool(self.low.value + self.rounding < self.beyond[0] or self.beyond[1] < self.high.value - self.rounding)

    def _filter_top(self, steps: int) -> None:
        ritz, top = self._filtered(1, steps, float(self.beyond[0]) - self.rounding, self.high)
        self.high, self.beyond[1] = ritz, min(self.beyond[1], top)

    def _filter_bottom(self, steps: int) -> None:
        mirrored = End(-self.low.value, self.low.residual)
        ritz, top = self._filtered(-1, steps, -float(self.beyond[1]) - self.rounding, mirrored)
        self.low, self.beyond[0] = End(-ritz.value, ritz.residual), max(self.beyond[0], -top)

    def _filtered(self, sign: int, steps: int, low: float, known: End) -> tuple[End, float]:
        """The better Ritz value at the upper end of A or -A, and the ceiling from u = W_{k-1}(Y) b.

        The recurrence ends before it overflows, or when the search is stopped.
        """
        steps = min(steps, self.limit - self.product.count)
        shift = known.value
        if steps < 1 or shift <= low or self._stopped:
            return known, math.inf
        vector, taken = self._grown(sign, steps, low, shift)
        image, square = self.product(vector), inner(vector, vector)
        value = sign * inner(vector, image) / square
        subtract(image, sign * value, vector)
        ritz = End(value, length(image) / math.sqrt(square))
        self.rounding = max(self.rounding, 4 * self.product.eps * abs(value))
        excess = (value - shift) / (shift - low) * square + 4 * taken * self.product.eps * square
        return max(known, ritz), filter_ceiling(excess, taken, low, shift, self.share)

    def _grown(self, sign: int, steps: int, low: float, shift: float) -> tuple[Vector, int]:
        """W_{k-1}(Y) b of A or -A by its recurrence, and k: two vectors and an image are kept."""
        vector, taken = self._start(), 1
        before = -vector  # W_{-1} = -1
        ahead, back = 4 * sign / (shift - low), 2 * (shift + low) / (shift - low)
        while taken < steps and length(vector) < _OVERFLOW[self.product.dtype.type] and not self._spent:
            _advance(before, self.product(vector), vector, ahead, back)
            before, vector, taken = vector, before, taken + 1
        return vector, taken

    @property
    def _spent(self) -> bool:
        self._stopped = self._stopped or bool(self._stop(self.product.count))
        return self._stopped or self.product.count >= self.limit

    @property
    def _end_of_products(self) -> SearchEnd:
        return SearchEnd.INTERRUPTED if self._stopped else SearchEnd.PRODUCTS

    def _estimates(self) -> tuple[Estimate, Estimate]:
        error, unit = self.rounding, self.product.unit
        bottom, top = (-math.inf, math.inf) if self._caught else self.beyond
        with np.errstate(over="ignore"):
            low = np.array([self.low.value, bottom - error, self.low.value + error]) * unit
            high = np.array([self.high.value, self.high.value - error, top + error]) * unit
        kind, confidence = (Kind.ENCLOSED, None) if self.whole else (Kind.SAMPLED, 1 - self.miss)
        smallest, largest = (Estimate(value, lower, upper, kind, confidence) for value, lower, upper in (low, high))
        return smallest, largest

    def result(self, ended: SearchEnd) -> ExtremeEigenvalues:
        residuals = (np.array([self.low.residual, self.high.residual]) + self.rounding) * self.product.unit
        return ExtremeEigenvalues(*self._estimates(), residuals, self.tolerance, ended, self.product.count, self.ends)


def _advance(before: Vector, image: Vector, vector: Vector, ahead: float, back: float) -> None:
    """One step of the recurrence, in place of the oldest vector: ahead A u_j - back u_j - u_{j-1}."""
    a, b = before.dtype.type(ahead), before.dtype.type(back)
    for part in pieces(len(before)):
        before[part] = a * image[part] - b * vector[part] - before[part]

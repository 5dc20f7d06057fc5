"""What a search for extreme eigenvalues will take, before it runs."""

from dataclasses import dataclass
from enum import StrEnum

from fathometer.evidence import Record, finite_number
from fathometer.numerics import products_at_most


class Mode(StrEnum):
    """How the search keeps what it knows.

    KRYLOV: an orthogonal basis, one vector for each product. THREE_VECTORS: a few of them, then polynomials on three
    vectors. DENSE: the whole matrix.
    """

    KRYLOV = "krylov"
    THREE_VECTORS = "three vectors"
    DENSE = "dense"


@dataclass(frozen=True, eq=False)
class Plan(Record):
    """What a search takes at most: networks have gaps in their spectra, so that a third of the products is usual.

    Attributes:
        parameters: how many were chosen.
        rows: of the data; each product reads all of them.
        mode: how the search keeps what it knows.
        vectors: of that many parameters that are in memory at once beside the network, the product's own among them.
        bytes: of these vectors.
        chunk_bytes: what one chunk of rows keeps for its derivatives; 0 where that was not measured.
        products: at most.
        seconds: of one product, measured.
        chunk: rows that are computed at once; 0 where `chunk_bytes` was not measured.
        memory: bytes that were given.
    """

    parameters: int
    rows: int
    mode: Mode
    vectors: int
    bytes: int
    chunk_bytes: int
    products: int
    seconds: float
    chunk: int = 0
    memory: int = 0

    @property
    def smaller_chunk(self) -> int | None:
        """Rows at once whose derivatives fit beside the vectors; None where all do.

        Fewer rows are the remedy, not activation checkpointing: the derivative of a gradient keeps what a checkpoint
        has computed again.
        """
        left = max(0, self.memory - self.bytes)
        return max(1, self.chunk * left // self.chunk_bytes) if self.chunk_bytes > left and self.chunk > 1 else None

    @property
    def minutes(self) -> float:
        """Of all products together, at most."""
        return self.products * self.seconds / 60


_DENSE = 64
LEAST_ROWS = 2


def planned(
    size: int, itemsize: int, at_once: bool, rtol: float, miss: float, memory: int
) -> tuple[Mode, int, int, int]:
    """Mode, vectors at once, bytes of them and products at most, by the bounds that the search is held to.

    Args:
        size: number of parameters.
        itemsize: bytes of a number: 4 or 8.
        at_once: whether the data are one chunk: sums of several are kept in float64 beside the newest term.
        rtol: width of both intervals, relative to the largest |eigenvalue|.
        miss: probability that an outer end is wrong.
        memory: bytes for the vectors of the search.
    """
    finite_number("rtol", rtol, above=0, below=1)
    rows = max(LEAST_ROWS, memory // (itemsize * size))
    products = products_at_most(size, rtol, miss, rows)
    own = 1 if at_once else 1 + 8 // itemsize
    if size <= _DENSE:
        mode, kept = Mode.DENSE, size
    elif products <= rows:
        mode, kept = Mode.KRYLOV, min(products, size)
    else:
        mode, kept = Mode.THREE_VECTORS, min(rows, size)
    vectors = kept + own
    return mode, vectors, vectors * itemsize * size, min(products, size) if mode is not Mode.THREE_VECTORS else products

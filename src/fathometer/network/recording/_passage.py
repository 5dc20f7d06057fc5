"""One text on its way through one block: what a recorder hands to whoever reduces it."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Passage:
    """Tokens of one text before and after a block of a network. Padding and special tokens are left out.

    Attributes:
        text: its number, from 0.
        block: number of the block, from 0.
        before: residual stream that enters the block, shape (n, d), float32 or float64.
        after: residual stream that leaves it, shape (n, d).
        causal: whether a token sees only those before it.
        pattern: weights of the block's own attention, shape (heads, n, n), rows sum to 1 up to tokens left out; None if
            they were not asked for or the network does not give them.
        attended: what its attention adds, values and output matrix included, shape (n, d); None likewise.
    """

    text: int
    block: int
    before: NDArray[np.floating]
    after: NDArray[np.floating]
    causal: bool
    pattern: NDArray[np.floating] | None = None
    attended: NDArray[np.floating] | None = None


class Reducer(Protocol):
    """Keeps of a passage what an observable asks for, in memory that does not grow with n d."""

    def see(self, passage: Passage) -> None:
        """Take a passage in: those of a text come in the order of its blocks."""
        ...

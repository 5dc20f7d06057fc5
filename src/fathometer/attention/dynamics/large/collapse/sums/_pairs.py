"""Potential and pull from the pairs of tokens that feel each other, listed until they have moved."""

import math

import numpy as np
from jaxtyping import Float, Int
from scipy.sparse import csr_array
from scipy.spatial import KDTree

_DEPTH = 30.0
"""E-folds below the attraction of coincident tokens of one mass at which pairs are left out."""

SKIN = 0.1
"""Share of the reach by which lists are longer."""

_BLOCK = 1 << 16
"""Pairs whose distances are made together: they stay in a cache."""


class PairLists:
    """Pairs up to the distance at which attractions are negligible, and a little further.

    The list is made again when a token has moved by half of that little, so that none is missed.

    Attributes:
        beta: inverse temperature.
        made: how often lists were made.
    """

    def __init__(self, beta: float) -> None:
        """Begin without a list.

        Args:
            beta: inverse temperature, above 0.
        """
        self.beta, self.made = beta, 0
        self._travel = 0.0
        self._where: Float[np.ndarray, "n d"] = np.zeros((0, 0))
        self._first: Int[np.ndarray, " pairs"] = np.zeros(0, np.int32)
        self._second: Int[np.ndarray, " pairs"] = self._first
        self._starts: Int[np.ndarray, " n"] = self._first

    def __len__(self) -> int:
        return len(self._first)

    def __call__(
        self, points: Float[np.ndarray, "n d"], masses: Float[np.ndarray, " n"]
    ) -> tuple[Float[np.ndarray, "n d"], Float[np.ndarray, " n"]]:
        """Return the force and Z of every token."""
        self._refresh(points, masses)
        one_way = csr_array((self._weights(points), self._second, self._starts), shape=(len(points),) * 2)
        loaded = np.concatenate([masses[:, None] * points, masses[:, None]], axis=1)
        sums = one_way @ loaded + one_way.T @ loaded
        pull = sums[:, :-1]
        return pull - np.einsum("ij,ij->i", pull, points)[:, None] * points, sums[:, -1] + masses

    def _weights(self, points: Float[np.ndarray, "n d"]) -> Float[np.ndarray, " pairs"]:
        weights = np.empty(len(self._first))
        for begin in range(0, len(weights), _BLOCK):
            part = slice(begin, begin + _BLOCK)
            apart = np.take(points, self._second[part], axis=0)
            apart -= np.take(points, self._first[part], axis=0)
            weights[part] = np.exp((-self.beta / 2) * np.einsum("ij,ij->i", apart, apart))
        return weights

    def _refresh(self, points: Float[np.ndarray, "n d"], masses: Float[np.ndarray, " n"]) -> None:
        if points.shape == self._where.shape:
            moved = points - self._where
            if np.max(np.einsum("ij,ij->i", moved, moved)) <= self._travel**2:
                return
        reach = reach_of(self.beta, masses)
        self._travel = SKIN / 2 * reach
        pairs = KDTree(points).query_pairs(min((1 + SKIN) * reach, 2.0), output_type="ndarray")
        pairs = pairs[np.argsort(pairs[:, 0], kind="stable")].astype(np.int32)
        self._first, self._second = np.ascontiguousarray(pairs[:, 0]), np.ascontiguousarray(pairs[:, 1])
        self._starts = np.searchsorted(self._first, np.arange(len(points) + 1)).astype(np.int32)
        self._where = points.copy()
        self.made += 1


def reach_of(beta: float, masses: Float[np.ndarray, " n"]) -> float:
    """Distance from which on attractions are negligible for the lightest token.

    Args:
        beta: inverse temperature, above 0.
        masses: positive, shape (n,).
    """
    depth = _DEPTH + math.log(float(np.max(masses) / np.min(masses)))
    return min(2.0, math.sqrt(2 * depth / beta))

"""The rank of a matrix of floating-point numbers, without rounding."""

import numpy as np
from jaxtyping import Float, Int

_PRIME = 2**31 - 1  # products of two residues fit 63 bits


def exact_rank(matrix: Float[np.ndarray, "n d"]) -> int:
    """Rank of a matrix whose entries are taken as exact, by elimination modulo a prime.

    A float64 is an integer times a power of two. The rank modulo a prime is never above the true one, and below it
    only if the prime divides all minors of that size, which has a probability of about 1 / 2^31 for generic entries.
    """
    left = _residues(matrix)
    left = left if left.shape[0] >= left.shape[1] else left.T.copy()
    rank = 0
    for column in range(left.shape[1]):
        pivots = np.flatnonzero(left[rank:, column])
        if not pivots.size:
            continue
        left[[rank, rank + pivots[0]]] = left[[rank + pivots[0], rank]]
        pivot = left[rank] * pow(int(left[rank, column]), -1, _PRIME) % _PRIME
        rows = rank + 1 + np.flatnonzero(left[rank + 1 :, column])
        left[rows] = (left[rows] - left[rows, column, None] * pivot % _PRIME) % _PRIME
        rank += 1
        if rank == len(left):
            break
    return rank


def _residues(matrix: Float[np.ndarray, "n d"]) -> Int[np.ndarray, "n d"]:
    """Entries modulo the prime; 2^e has the residue 2^(e mod 31), since 2^31 = 1."""
    mantissas, exponents = np.frexp(matrix)
    whole = np.ldexp(mantissas, 53).astype(np.int64) % _PRIME
    return whole * (np.int64(1) << ((exponents.astype(np.int64) - 53) % 31)) % _PRIME

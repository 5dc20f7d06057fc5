"""Rows that belong together: copies of each other, or rows of one patient, user or document."""

import numpy as np
from jaxtyping import Float, Int, Shaped
from numpy.typing import NDArray

from fathometer.evidence import InputError

SEED = 20260

BLOCK = 1 << 18
"""Rows that are compared at once."""


def equal_rows(features: Float[np.ndarray, "n p"]) -> NDArray[np.int64]:
    """Number the groups of rows whose features are all equal.

    A linear hash of the bits finds the candidates cheaply; they are then compared in full. Missing values are equal.

    Args:
        features: shape (n, p), finite or NaN.

    Returns:
        Shape (n,): numbers from 0 on, in the order of the first row of each group; 0, 1, ..., n - 1 where all differ.
    """
    bits = _bits(features)
    weights = np.random.default_rng(SEED).integers(1, 2**63, bits.shape[1], np.uint64) | np.uint64(1)
    _, first, inverse = np.unique(bits @ weights, return_index=True, return_inverse=True)
    labels = first[inverse.reshape(-1)]
    suspects = np.flatnonzero(labels != np.arange(len(bits)))
    others = np.concatenate([_differ(bits, part, labels[part]) for part in _blocks(suspects)])
    if others.size:  # of one hash, but not equal: all rows of that hash are compared in full
        unclear = np.flatnonzero(np.isin(labels, labels[others]))
        whole = bits[unclear].view(np.dtype((np.void, bits.shape[1] * bits.itemsize))).reshape(-1)
        _, first, inverse = np.unique(whole, return_index=True, return_inverse=True)
        labels[unclear] = unclear[first[inverse.reshape(-1)]]
    return (np.cumsum(labels == np.arange(len(bits))) - 1)[labels]


def row_digests(features: Float[np.ndarray, "n p"]) -> NDArray[np.uint64]:
    """A number of 64 bits for each row; rows with equal features have the same, and others hardly ever.

    Args:
        features: shape (n, p), finite or NaN. Missing values are equal.
    """
    parts = np.array_split(features, len(features) // BLOCK + 1)
    return np.concatenate([_mixed(_bits(part)).sum(axis=1, dtype=np.uint64) for part in parts])


def _mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The bits of each column, stirred in a way of its own (the finaliser of SplitMix64)."""
    z = bits + np.arange(1, bits.shape[1] + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        z = (z ^ (z >> np.uint64(shift))) * np.uint64(factor)
    return z ^ (z >> np.uint64(31))


def _bits(features: Float[np.ndarray, "n p"]) -> NDArray[np.uint64]:
    """The bits of the numbers, with one zero and one NaN."""
    rows = np.ascontiguousarray(features + 0.0)  # -0 becomes 0
    for block in np.array_split(rows, len(rows) // BLOCK + 1):
        block[np.isnan(block)] = np.nan
    return rows.view(np.uint64)


def _differ(bits: NDArray[np.uint64], rows: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those of some rows that differ from the rows that they are compared with."""
    return rows[np.any(bits[rows] != bits[others], axis=1)]


def _blocks(rows: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    return np.array_split(rows, len(rows) // BLOCK + 1)


def joined_groups(numbers: Int[np.ndarray, " n"], given: Shaped[np.ndarray, " n"]) -> NDArray[np.int64]:
    """Join groups with others, so that rows are together where one or the other, or a chain of both, holds them.

    Args:
        numbers: shape (n,), group of each row, from 0 on.
        given: shape (n,), another group of each row, as text or numbers.

    Returns:
        Numbers as those of `equal_rows`.

    Raises:
        InputError: if the given groups have another shape, or one is missing.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if given.shape != numbers.shape:
        raise InputError(f"groups must have shape {numbers.shape}, got {given.shape}")
    if given.dtype.kind == "f" and not np.all(np.isfinite(given)):
        raise InputError(f"row {int(np.argmin(np.isfinite(given)))} has no group")
    kinds, others = np.unique(given, return_inverse=True)
    count = int(numbers.max(initial=-1)) + 1
    ends = (numbers, others.reshape(-1) + count)
    size = count + len(kinds)
    graph = coo_array((np.ones(len(numbers), np.int8), ends), shape=(size, size))
    return _in_order(connected_components(graph, directed=False)[1][numbers])


def _in_order(labels: Int[np.ndarray, " n"]) -> NDArray[np.int64]:
    """The same partition, numbered by the first row of each class."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[inverse.reshape(-1)]

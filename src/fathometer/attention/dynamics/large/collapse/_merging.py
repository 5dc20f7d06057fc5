"""Tokens in one small cell that contract become one cluster."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int, Shaped

_FACTORS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], np.uint64)
"""Odd numbers that spread cells over the keys: two cells of one key are told apart all the same."""

_CONTRACTS = 0.5
"""Rate, over that of a cluster on its own, at which tokens must come together to be merged: the test of the tide."""

_COINCIDENT = 1e-12

_BANDS = 100.0
"""Bands of latitude to a radian, along which points are put into order."""


class Groups(NamedTuple):
    """Tokens in the order of their groups.

    Attributes:
        order: of the tokens, shape (n,).
        starts: where groups begin in that order, shape (groups,).
    """

    order: Int[np.ndarray, " n"]
    starts: Int[np.ndarray, " groups"]

    @property
    def counts(self) -> Int[np.ndarray, " groups"]:
        """Tokens of every group."""
        return np.diff(np.append(self.starts, len(self.order)))

    def totals(self, rows: Shaped[np.ndarray, "n *q"]) -> Shaped[np.ndarray, "groups *q"]:
        """Sums of rows over the groups."""
        return np.add.reduceat(rows[self.order], self.starts, axis=0)


def cells(points: Float[np.ndarray, "n d"], side: float, shift: Float[np.ndarray, " d"], spread: int = 64) -> Groups:
    """Group points by the cubes of a shifted grid.

    Args:
        points: shape (n, d).
        side: of the cubes, at least 1e-15.
        shift: of the grid, in sides.
        spread: bits of the keys that are kept; few of them make cells share their keys.
    """
    places = np.floor(points / side + shift).astype(np.int64)
    keys = np.zeros(len(points), np.uint64)
    for k, column in enumerate(places.T):
        keys = (keys ^ column.astype(np.uint64)) * _FACTORS[k % 3]
        keys ^= keys >> np.uint64(29)
    keys >>= np.uint64(64 - spread)
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    shared = np.flatnonzero(keys[1:] == keys[:-1])
    same = np.zeros(len(keys), bool)
    same[shared + 1] = np.all(places[order[shared]] == places[order[shared + 1]], axis=1)
    return Groups(order, np.flatnonzero(~same))


def along(points: Float[np.ndarray, "n d"]) -> Int[np.ndarray, " n"]:
    """Return an order of points in which most neighbours in dimension 2 or 3 are near each other in memory.

    Args:
        points: unit rows, shape (n, d).
    """
    if points.shape[1] > 3:
        return np.arange(len(points))
    angle = np.arctan2(points[:, 1], points[:, 0])
    band = np.zeros(len(points)) if points.shape[1] == 2 else np.floor(_BANDS * np.arcsin(np.clip(points[:, 2], -1, 1)))
    return np.lexsort((angle, band))


def contracting(
    groups: Groups,
    points: Float[np.ndarray, "n d"],
    velocities: Float[np.ndarray, "n d"],
    masses: Float[np.ndarray, " n"],
    rates: Float[np.ndarray, " n"],
) -> Bool[np.ndarray, " groups"]:
    """Which groups come together at the rate of a cluster on its own, or half of it at the least.

    Args:
        groups: the groups.
        points: shape (n, d).
        velocities: shape (n, d).
        masses: shape (n,).
        rates: of contraction of a cluster on its own where the tokens are, shape (n,).
    """
    weights = masses[:, None]
    total = groups.totals(weights)
    label = np.repeat(np.arange(len(total)), groups.counts)
    apart = points[groups.order] - (groups.totals(weights * points) / total)[label]
    drift = velocities[groups.order] - (groups.totals(weights * velocities) / total)[label]
    load = masses[groups.order]
    spread = np.add.reduceat(load * np.sum(apart**2, axis=1), groups.starts)
    closing = -np.add.reduceat(load * np.sum(apart * drift, axis=1), groups.starts)
    least = _CONTRACTS * np.minimum.reduceat(rates[groups.order], groups.starts)
    return (closing > least * spread) | (spread <= _COINCIDENT**2 * total[:, 0])


def only(groups: Groups, chosen: Bool[np.ndarray, " groups"]) -> Groups:
    """Take apart the groups that are not chosen, and put all in the order of their first tokens."""
    whole = np.repeat(chosen, groups.counts)
    begins = np.zeros(len(groups.order), bool)
    begins[groups.starts] = True
    begins |= ~whole
    starts = np.flatnonzero(begins)
    counts = np.diff(np.append(starts, len(begins)))
    later = np.argsort(np.repeat(groups.order[starts], counts), kind="stable")
    return Groups(groups.order[later], np.flatnonzero(begins[later]))

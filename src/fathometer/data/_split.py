"""Splits of a table into named parts that cannot overlap."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError, Record, finite_number, whole_number


@dataclass(frozen=True, eq=False)
class Split(Record):
    """Named sets of row numbers, disjoint by construction.

    Attributes:
        rows: number of rows of the table.
        parts: row numbers by name, each in [0, rows), none of them twice anywhere, no part empty.
        seed: of the uniform shuffle that drew the parts; None if they were chosen in another way.

    Raises:
        InputError: if a part is empty, holds a row that is not in the table, or a row is used twice.
    """

    rows: int
    parts: Mapping[str, NDArray[np.int64]]
    seed: int | None = None

    def __post_init__(self) -> None:
        owner: dict[int, str] = {}
        frozen = {}
        for name, part in self.parts.items():
            indices = _indices(name, part, self.rows)
            for index in indices.tolist():
                if index in owner:
                    raise InputError(f"row {index} is in part {owner[index]!r} and again in part {name!r}")
                owner[index] = name
            frozen[name] = indices
        object.__setattr__(self, "parts", frozen)

    @property
    def sizes(self) -> dict[str, int]:
        """Number of rows by part."""
        return {name: int(part.size) for name, part in self.parts.items()}

    def part(self, name: str) -> NDArray[np.int64]:
        """Return the row numbers of one part.

        Raises:
            InputError: if there is no such part.
        """
        if name not in self.parts:
            raise InputError(f"no part {name!r}; parts: {', '.join(self.parts)}")
        return self.parts[name]

    def union(self, *names: str) -> NDArray[np.int64]:
        """Return the row numbers of several parts together, each part once, in the order named."""
        return np.concatenate([self.part(name) for name in dict.fromkeys(names)])

    def require_disjoint(self, first: Iterable[str], second: Iterable[str]) -> None:
        """Refuse a use of the data in which two roles share a part.

        Raises:
            InputError: if a part is named on both sides, or does not exist.
        """
        left, right = list(first), list(second)
        for name in (*left, *right):
            self.part(name)
        if shared := [name for name in left if name in right]:
            raise InputError(f"part {shared[0]!r} cannot serve both {' + '.join(left)} and {' + '.join(right)}")


def split_indices(n: int, fractions: Mapping[str, float], seed: int = 0) -> Split:
    """Draw disjoint parts of n rows by a uniform shuffle.

    Args:
        n: number of rows.
        fractions: positive share by name; they add up to 1. A part gets its share rounded so that all rows are used.
        seed: of the shuffle.

    Raises:
        InputError: if the fractions are not positive or do not add up to 1, or a part would be empty.
    """
    rows = whole_number("n", n, at_least=1)
    shares = [finite_number(f"fraction of {name!r}", share, above=0) for name, share in fractions.items()]
    if not math.isclose(sum(shares), 1, abs_tol=1e-9):
        raise InputError(f"fractions must add up to 1, got {sum(shares):g}")
    ends = np.rint(np.cumsum(shares) * rows).astype(int)
    order = np.random.default_rng(whole_number("seed", seed, at_least=0)).permutation(rows)
    return Split(rows, dict(zip(fractions, np.split(order, ends[:-1]), strict=True)), seed)


def split_groups(
    groups: NDArray[np.int64], fractions: Mapping[str, float], seed: int = 0, whole: Iterable[str] = ()
) -> Split:
    """Draw parts that share no group, by a uniform shuffle of the groups.

    Where every row is a group of its own, this is `split_indices`.

    Args:
        groups: shape (n,), number of the group of each row, from 0 on, as `equal_rows` gives it.
        fractions: positive share of the groups by name; they add up to 1.
        seed: of the shuffle.
        whole: parts that hold all rows of their groups; any other part holds one row of each, drawn uniformly, so that
            its rows are as independent as the groups are.

    Raises:
        InputError: as `split_indices`, with the number of groups for n.
    """
    drawn = split_indices(int(groups.max(initial=-1)) + 1, fractions, seed)
    n, count = len(groups), drawn.rows
    if n == count:
        return drawn
    lot = np.random.default_rng([seed, 1]).random(n)
    by_group = np.lexsort((lot, groups))
    chosen = by_group[np.searchsorted(groups[by_group], np.arange(count))]
    kept = set(whole)
    parts = {
        name: by_group[np.isin(groups[by_group], part)] if name in kept else chosen[part]
        for name, part in drawn.parts.items()
    }
    return Split(n, parts, seed)


def _indices(name: str, part: NDArray, rows: int) -> NDArray[np.int64]:
    given = np.array(part)
    if given.ndim != 1 or given.size == 0:
        raise InputError(f"part {name!r} of {rows} rows must hold at least one row, got shape {given.shape}")
    if not np.issubdtype(given.dtype, np.integer):
        raise InputError(f"part {name!r} must hold whole row numbers, got {given.dtype}")
    if given.min() < 0 or given.max() >= rows:
        raise InputError(f"part {name!r} must hold rows in [0, {rows}), got {given.min()} to {given.max()}")
    indices = given.astype(np.int64)
    indices.setflags(write=False)
    return indices

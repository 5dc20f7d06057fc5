"""Splits of a table into named parts that cannot overlap."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

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
        frozen = {name: _indices(name, part, self.rows) for name, part in self.parts.items()}
        _require_once(frozen)
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


@dataclass(frozen=True, eq=False)
class StratifiedSplit(Split):
    """Parts in which every class has its share of the groups: each row of a part but the first is from another group.

    A part p whose share is f_p has ceil(f_p N_c) of the N_c groups of each class c. The first part has the rest.

    Attributes:
        fractions: share of each part.
        groups: number N of groups that the parts were drawn from.
    """

    fractions: Mapping[str, float] = field(default_factory=dict)
    groups: int = 0

    def effective_size(self, name: str) -> Fraction:
        """Return f N of a part, which no class falls short of: it has at least that share of each class's groups.

        Raises:
            InputError: if there is no such part, or it is the first, which has the rest.
        """
        if name not in list(self.fractions)[1:]:
            raise InputError(f"part {name!r} has no share of every class; parts: {', '.join(list(self.fractions)[1:])}")
        return _share(self.fractions[name]) * self.groups


def data_seed(digest: str) -> int:
    """Return a seed in [0, 2^32) that the SHA-256 digest of the data fixes, so that nobody chooses it.

    Args:
        digest: 64 hexadecimal digits.

    Raises:
        InputError: if it is no such digest.
    """
    if not re.fullmatch(r"[0-9a-fA-F]{64}", digest):
        raise InputError(f"a SHA-256 digest has 64 hexadecimal digits, got {digest[:80]!r}")
    return int(digest[:8], 16)


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
    groups: NDArray[np.int64],
    fractions: Mapping[str, float],
    seed: int = 0,
    whole: Iterable[str] = (),
    stratify: NDArray | None = None,
) -> Split:
    """Draw parts that share no group, by a uniform shuffle of the groups.

    Where every row is a group of its own, this is `split_indices`.

    Args:
        groups: shape (n,), number of the group of each row, from 0 on, as `equal_rows` gives it.
        fractions: positive share of the groups by name; they add up to 1.
        seed: of the shuffle.
        whole: parts that hold all rows of their groups; any other part holds one row of each, drawn uniformly, so that
            its rows are as independent as the groups are.
        stratify: shape (n,), class of each row. The class of a group is that of its drawn row. Within each class the
            groups are shuffled on their own: each part but the first gets its share, rounded up, the first the rest.

    Raises:
        InputError: as `split_indices`, with the number of groups for n; if the first part would lose a class.
    """
    n = len(groups)
    if stratify is not None and np.shape(stratify) != (n,):
        raise InputError(f"classes to stratify by must have shape {(n,)}, got {np.shape(stratify)}")
    drawn = split_indices(int(groups.max(initial=-1)) + 1, fractions, seed)
    count = drawn.rows
    if n == count and stratify is None:
        return drawn
    lot = np.random.default_rng([seed, 1]).random(n)
    by_group = np.lexsort((lot, groups))
    chosen = by_group[np.searchsorted(groups[by_group], np.arange(count))]
    of_groups = drawn.parts if stratify is None else _stratified(np.asarray(stratify)[chosen], fractions, seed)
    kept = set(whole)
    parts = {
        name: by_group[np.isin(groups[by_group], part)] if name in kept else chosen[part]
        for name, part in of_groups.items()
    }
    return Split(n, parts, seed) if stratify is None else StratifiedSplit(n, parts, seed, dict(fractions), count)


def _stratified(classes: NDArray, fractions: Mapping[str, float], seed: int) -> dict[str, NDArray[np.int64]]:
    """Groups of each part, in the order of the shuffle, with its share of each class.

    Raises:
        InputError: if the first part would lose a class.
    """
    order = np.random.default_rng(seed).permutation(len(classes))
    kinds, codes = np.unique(classes[order], return_inverse=True)
    owner = np.zeros(len(classes), np.int32)
    for code, kind in enumerate(kinds.tolist()):
        members = np.flatnonzero(codes.reshape(-1) == code)
        sizes = [math.ceil(_share(fractions[name]) * len(members)) for name in list(fractions)[1:]]
        if sum(sizes) >= len(members):
            raise InputError(
                f"class {kind!r} has {len(members)} groups of rows, too few for part {next(iter(fractions))!r} to keep"
                f" one beside {sum(sizes)} in the others: give more rows, or do not stratify"
            )
        owner[members[: sum(sizes)]] = np.repeat(np.arange(1, len(fractions)), sizes)
    return {name: order[owner == place] for place, name in enumerate(fractions)}


def _share(fraction: float) -> Fraction:
    """A share as the decimal number that it was written as, so that .1 of 30 is 3 and not more."""
    return Fraction(repr(float(fraction)))


def _require_once(parts: Mapping[str, NDArray[np.int64]]) -> None:
    """Refuse a row that is used twice.

    Raises:
        InputError: if there is one; the first is named.
    """
    together = np.concatenate([np.empty(0, np.int64), *parts.values()])
    again = np.ones(len(together), bool)
    again[np.unique(together, return_index=True)[1]] = False
    if np.any(again):
        place = int(np.argmax(again))
        names = np.repeat(list(parts), [len(part) for part in parts.values()])
        owner = names[np.argmax(together == together[place])]
        raise InputError(f"row {together[place]} is in part {str(owner)!r} and again in part {str(names[place])!r}")


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

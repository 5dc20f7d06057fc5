"""What is independent in a table: its rows, or groups of rows that are copies of each other or belong together."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import ArrayLike, NDArray

from fathometer.data import equal_rows, joined_groups
from fathometer.evidence import InputError, Record


@dataclass(frozen=True, eq=False)
class Copies(Record):
    """The rows of a table, and the groups that a certificate counts.

    Attributes:
        rows: number of rows.
        repeated: rows whose features are those of an earlier row.
        other_label: rows of those whose label is another one than that of the first row with these features.
        given: whether the user named groups.
        allowed: whether there are copies and they were split row by row, at the user's wish.
        groups: number of groups that the split kept whole; rows if each is one of its own.
        sha256: of the number of the group of each row.
    """

    rows: int
    repeated: int
    other_label: int
    given: bool
    allowed: bool
    groups: int
    sha256: str

    @property
    def grouped(self) -> bool:
        """Whether the certificates count groups, which are fewer than rows."""
        return self.groups < self.rows


@dataclass(frozen=True)
class Grouped:
    """Groups with what is said about them.

    Attributes:
        numbers: shape (n,), of the group of each row, from 0 on.
        copies: what was found.
    """

    numbers: Int[np.ndarray, " n"]
    copies: Copies


def grouped_rows(
    x: Float[np.ndarray, "n p"], codes: NDArray[Any], minimum: int, given: ArrayLike | None = None, allow: bool = False
) -> Grouped:
    """Find which rows are independent.

    Args:
        x: features, finite.
        codes: shape (n,), number or sign of the class of each row.
        minimum: number of groups that a certificate needs.
        given: shape (n,), group of each row; None if there is none.
        allow: whether copies are taken as rows of their own.

    Raises:
        InputError: if the given groups do not fit, or there are fewer groups than `minimum`.
    """
    equal = equal_rows(x)
    alone = np.arange(len(x)) if allow else equal
    numbers = alone if given is None else joined_groups(alone, _read(given))
    copies = Copies(
        rows=len(x),
        repeated=len(x) - _count(equal),
        other_label=int(np.sum(codes != codes[np.unique(equal, return_index=True)[1][equal]])),
        given=given is not None,
        allowed=bool(allow) and _count(equal) < len(x),
        groups=_count(numbers),
        sha256=hashlib.sha256(np.ascontiguousarray(numbers, "<i8").tobytes()).hexdigest(),
    )
    if copies.groups < minimum:
        raise InputError(too_few_groups(copies, minimum))
    return Grouped(numbers, copies)


def too_few_groups(copies: Copies, minimum: int) -> str:
    """Why there is no certificate."""
    what = "form {} groups" if copies.given else "are copies of {} different ones"
    return (
        f"a certificate needs at least {minimum} independent rows, got {copies.groups}: {copies.rows} rows "
        f"{what.format(copies.groups)}; if rows were drawn independently and are equal by chance, allow copies "
        "(--allow-copies, allow_copies=True)"
    )


def require_apart(groups: Int[np.ndarray, " n"], test_rows: int) -> None:
    """Refuse a given test part that shares a group with the other rows.

    Raises:
        InputError: if it does.
    """
    first = len(groups) - test_rows
    shared = np.flatnonzero(np.isin(groups[first:], groups[:first]))
    if shared.size:
        row = first + int(shared[0])
        other = int(np.argmax(groups[:first] == groups[row]))
        raise InputError(
            f"row {row} of the given test part repeats row {other} or belongs to its group ({shared.size} such rows); "
            "take them out, or allow copies (--allow-copies, allow_copies=True)"
        )


def sampling_notes(copies: Copies, test_rows: int = 0, stratified: bool = False) -> tuple[str, ...]:
    """How the parts came about, one sentence each.

    Args:
        copies: what is known of them.
        test_rows: so many rows at the end are the test part; 0 if it was drawn.
        stratified: whether rows were split class by class.
    """
    what = "groups of rows" if copies.grouped else "rows"
    split = "shuffled uniformly and split once" + (", class by class" if stratified else "")
    if test_rows:
        drawn = (
            f"the last {test_rows} rows are the test part, as the source gives them and in its order; the other {what} "
            f"{split}; the certificates speak about rows drawn like these others"
        )
    else:
        drawn = f"{what} {split}; the certificates speak about rows drawn like these"
    return drawn, *_copies_notes(copies)


def _copies_notes(copies: Copies) -> tuple[str, ...]:
    repeats = f"{copies.repeated} rows repeat the features of another row ({copies.other_label} with another label)"
    if copies.allowed:
        return (
            f"COPIES ALLOWED: {repeats} and were split row by row; if they are copies and were not drawn independently,"
            " m is overstated and the certificates do not hold",
        )
    if not copies.grouped:
        return ()
    origin = "groups as given" if copies.given else "groups of copies"
    return (
        *((repeats,) if copies.repeated else ()),
        f"{copies.rows} rows are {copies.groups} {origin}: none is split, and each counts once: but for the part that "
        "trains first, a part holds one row of a group, drawn uniformly; m counts groups",
    )


def _count(numbers: NDArray[np.int64]) -> int:
    return int(numbers.max(initial=-1)) + 1


def _read(given: ArrayLike) -> NDArray[Any]:
    groups = np.asarray(given)
    if groups.dtype.kind not in "biufU":
        raise InputError(f"groups must be text, true/false or numbers, got {groups.dtype}")
    return groups

"""Rows with classes: read, split into parts that cannot overlap, and scaled by what the prior may see."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import ArrayLike, NDArray

from fathometer.data import Split, split_groups
from fathometer.evidence import InputError, Record, whole_number
from fathometer.generalization.learning.linear._model import read_classes, require_labels
from fathometer.generalization.learning.networks._settings import NetworkSettings
from fathometer.generalization.ledger._copies import Copies, grouped_rows, require_apart

MINIMUM_ROWS = 60
WHOLE = ("prior",)
"""Parts that hold all rows of a group."""

CLIP = 4.0
"""Standard deviations at which every scaled feature is cut off."""

Rows = Float[np.ndarray, "n p"]
Codes = Int[np.ndarray, " n"]


@dataclass(frozen=True, eq=False)
class InputScaling(Record):
    """An affine map of the columns, fixed by reference rows, then a cut at `CLIP` and a projection onto a ball.

    Attributes:
        centre: shape (p,), means of the columns on the reference rows.
        spread: shape (p,), positive: their standard deviations there, 1 for a constant column.
        reach: radius of the ball: the largest norm of a reference row after both.
    """

    centre: NDArray[np.float64]
    spread: NDArray[np.float64]
    reach: float

    @classmethod
    def of(cls, reference: Rows) -> "InputScaling":
        """The map that the reference rows fix."""
        centre, spread = reference.mean(axis=0), reference.std(axis=0)
        spread = np.where(spread > 1e-12 * np.abs(centre), spread, 1)
        norms = np.linalg.norm(np.clip((reference - centre) / spread, -CLIP, CLIP), axis=1)
        return cls(centre, spread, max(float(norms.max()), float(np.finfo(float).tiny)))

    def apply(self, x: Rows) -> Rows:
        """Map rows into the ball of radius `reach`, whatever they are."""
        scaled = np.clip((x - self.centre) / self.spread, -CLIP, CLIP)
        norms = np.linalg.norm(scaled, axis=1, keepdims=True)
        return scaled * np.minimum(1, self.reach / np.maximum(norms, self.reach)) * (1 - 4 * np.finfo(float).eps)


@dataclass(frozen=True)
class ClassRows:
    """Rows of one role.

    Attributes:
        x: shape (n, p), scaled.
        y: shape (n,), number of the class.
    """

    x: Rows
    y: Codes


@dataclass(frozen=True)
class ClassProblem:
    """A classification problem, split and scaled.

    Attributes:
        split: which rows serve for what.
        groups: shape (n,), group of each row.
        copies: what the groups are.
        raw: shape (n, p), as it was given.
        scaling: fixed by the prior part.
        x: shape (n, p), scaled, float64.
        y: shape (n,), number of the class.
        classes: number of classes.
    """

    split: Split
    groups: Int[np.ndarray, " n"]
    copies: Copies
    raw: Rows
    scaling: InputScaling
    x: Rows
    y: Codes
    classes: int

    def rows(self, *parts: str) -> ClassRows:
        """The rows of some parts together."""
        index = self.split.union(*parts)
        return ClassRows(self.x[index], self.y[index])


def class_problem(
    features: ArrayLike,
    labels: ArrayLike,
    settings: NetworkSettings,
    seed: int,
    test_rows: int,
    groups: ArrayLike | None = None,
    allow_copies: bool = False,
) -> ClassProblem:
    """Read, split and scale.

    Args:
        features: shape (n, p).
        labels: shape (n,).
        settings: which give the shares of the parts.
        seed: of the shuffle.
        test_rows: so many rows at the end are the test part; 0 draws one.
        groups: shape (n,), group of each row; None if only copies belong together.
        allow_copies: count rows with equal features one by one.

    Raises:
        InputError: if features are not a finite matrix with enough rows, labels are of one kind or no labels, there are
            too few groups, a class has no row in the prior part, or the prior part is constant.
    """
    x, codes, kinds = read_classes(features, labels, MINIMUM_ROWS)
    require_labels(labels, kinds)
    grouped = grouped_rows(x, codes, MINIMUM_ROWS, groups, allow_copies)
    split = network_split(len(x), settings, seed, test_rows, grouped.numbers)
    prior = split.part("prior")
    absent = np.setdiff1d(np.arange(len(kinds)), codes[prior])
    if absent.size:
        raise InputError(
            f"class {str(kinds[absent[0]])!r} has no row among the {prior.size} of the prior part, "
            "so that no model could learn it; give more rows of it or leave it out"
        )
    if not np.ptp(x[prior], axis=0).any():
        raise InputError(f"features are constant on the {prior.size} rows of the prior part")
    scaling = InputScaling.of(x[prior])
    return ClassProblem(
        split, grouped.numbers, grouped.copies, x, scaling, scaling.apply(x), codes.astype(np.int64), len(kinds)
    )


def network_split(
    n: int, settings: NetworkSettings, seed: int = 0, test_rows: int = 0, groups: NDArray[np.int64] | None = None
) -> Split:
    """The parts that a network of these settings uses.

    No group has rows in two parts. The prior part holds all rows of its groups; the others hold one of each.

    Args:
        n: number of rows.
        settings: with the shares.
        seed: of the uniform shuffle.
        test_rows: so many rows at the end are the test part, given and not drawn; 0 draws one.
        groups: shape (n,), number of the group of each row, as `fathometer.data.equal_rows` gives it; None if every row
            is one of its own.

    Raises:
        InputError: if a part would be empty, or the given test part shares a group with the other rows.
    """
    numbers = np.arange(n) if groups is None else groups
    given = whole_number("test_rows", test_rows, at_least=0, at_most=max(n - MINIMUM_ROWS, 0))
    if not given:
        return split_groups(numbers, settings.shares, seed, WHOLE)
    require_apart(numbers, given)
    total = sum(share for name, share in settings.shares.items() if name != "test")
    shares = {name: share / total for name, share in settings.shares.items() if name != "test"}
    drawn = split_groups(numbers[: n - given], shares, seed, WHOLE)
    kept = np.unique(numbers[n - given :], return_index=True)[1]
    return Split(n, dict(drawn.parts) | {"test": n - given + np.sort(kept)}, seed)


def require_unseen(rows: NDArray[np.int64], seen: NDArray[np.int64], groups: Int[np.ndarray, " n"], role: str) -> None:
    """Refuse to certify on rows that something was learnt from, or that belong to the group of one that was.

    Args:
        rows: numbers of the rows that are to certify.
        seen: numbers of the rows that something was learnt from.
        groups: shape (n,), group of each row of the data.
        role: what has learnt, for the message.

    Raises:
        InputError: if there is one, or the seen rows are no rows of the data.
    """
    if seen.size and not (seen.min() >= 0 and seen.max() < len(groups)):
        raise InputError(f"the {role} must have seen rows in [0, {len(groups)}), got {seen.min()} to {seen.max()}")
    shared = np.sort(rows[np.isin(groups[rows], groups[seen])])
    if shared.size:
        raise InputError(
            f"row {shared[0]} was seen by the {role} and cannot certify it ({shared.size} such rows); "
            "take the rows from network_split"
        )

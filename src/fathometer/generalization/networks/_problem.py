"""Rows with classes: read, split into parts that cannot overlap, and scaled by what the prior may see."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import ArrayLike, NDArray

from fathometer.data import Split, split_indices
from fathometer.evidence import InputError, Record, whole_number
from fathometer.generalization._linear_model import read_classes
from fathometer.generalization.networks._settings import NetworkSettings

MINIMUM_ROWS = 60
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
        scaling: fixed by the prior part.
        x: shape (n, p), scaled, float64.
        y: shape (n,), number of the class.
        classes: number of classes.
    """

    split: Split
    scaling: InputScaling
    x: Rows
    y: Codes
    classes: int

    def rows(self, *parts: str) -> ClassRows:
        """The rows of some parts together."""
        index = self.split.union(*parts)
        return ClassRows(self.x[index], self.y[index])


def class_problem(
    features: ArrayLike, labels: ArrayLike, settings: NetworkSettings, seed: int, test_rows: int
) -> ClassProblem:
    """Read, split and scale.

    Raises:
        InputError: if features are not a finite matrix with enough rows, labels are of one kind, a class has no row in
            the prior part, or the prior part is constant.
    """
    x, codes, kinds = read_classes(features, labels, MINIMUM_ROWS)
    if len(kinds) < 2:
        raise InputError(f"labels must be of at least two kinds, got 1: {kinds[0]}")
    split = network_split(len(x), settings, seed, test_rows)
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
    return ClassProblem(split, scaling, scaling.apply(x), codes.astype(np.int64), len(kinds))


def network_split(n: int, settings: NetworkSettings, seed: int = 0, test_rows: int = 0) -> Split:
    """The parts that a network of these settings uses.

    Args:
        n: number of rows.
        settings: with the shares.
        seed: of the uniform shuffle.
        test_rows: so many rows at the end are the test part, given and not drawn; 0 draws one.

    Raises:
        InputError: if a part would be empty.
    """
    given = whole_number("test_rows", test_rows, at_least=0, at_most=max(n - MINIMUM_ROWS, 0))
    if not given:
        return split_indices(n, settings.shares, seed)
    total = sum(share for name, share in settings.shares.items() if name != "test")
    shares = {name: share / total for name, share in settings.shares.items() if name != "test"}
    drawn = split_indices(n - given, shares, seed)
    return Split(n, dict(drawn.parts) | {"test": np.arange(n - given, n)}, seed)


def require_unseen(rows: NDArray[np.int64], seen: NDArray[np.int64], role: str) -> None:
    """Refuse to certify on rows that something was learnt from.

    Raises:
        InputError: if a row is among those that were seen.
    """
    shared = np.intersect1d(rows, seen)
    if shared.size:
        raise InputError(
            f"row {shared[0]} was seen by the {role} and cannot certify it ({shared.size} such rows); "
            "take the rows from network_split"
        )

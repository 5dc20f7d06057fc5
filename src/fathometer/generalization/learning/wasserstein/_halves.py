"""Training and test half of a public set: as published, or as the theorems ask."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from fathometer.data import PublicSet
from fathometer.evidence import InputError

PUBLISHED_SHUFFLE = ("letter", "tictactoe")
"""Sets that the authors' code shuffles; all others stay in their order."""

PUBLISHED_SEED = 42


@dataclass(frozen=True)
class Halves:
    """Two halves of a set, features of norm at most 1, in float32.

    Attributes:
        name: of the set.
        classes: number of classes.
        x: shape (m, p), training features.
        y: shape (m,), training labels.
        x_test: shape (k, p), test features.
        y_test: shape (k,), test labels.
    """

    name: str
    classes: int
    x: Float[np.ndarray, "m p"]
    y: Int[np.ndarray, " m"]
    x_test: Float[np.ndarray, "k p"]
    y_test: Int[np.ndarray, " k"]


def published_halves(data: PublicSet) -> Halves:
    """Split as the authors' code does: the first half is the test half, and the largest norm of both is the scale.

    One training row is dropped when the number of rows is odd.
    """
    x = data.features.astype(np.float32)
    return _split(data, x / np.max(np.linalg.norm(x, axis=1)), _published_order(data))


def honest_halves(data: PublicSet, seed: int) -> Halves:
    """Split a uniform shuffle; features are divided by a constant fixed in advance, and longer ones are projected.

    Raises:
        InputError: if the set has no documented range that fixes the constant.
    """
    if not np.isfinite(data.reach):
        raise InputError(f"the columns of {data.name} have no documented range, which the scale of its features needs")
    x = data.features / data.reach
    x = x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1)
    return _split(data, shortened(x), np.random.default_rng(seed).permutation(len(x)))


def shortened(x: Float[np.ndarray, "n p"]) -> Float[np.ndarray, "n p"]:
    """In float32, rounded towards zero, so that no norm grows."""
    narrow = x.astype(np.float32)
    return np.where(np.abs(narrow.astype(np.float64)) > np.abs(x), np.nextafter(narrow, np.float32(0)), narrow)


def _published_order(data: PublicSet) -> Int[np.ndarray, " n"]:
    order = np.arange(len(data.labels))
    if data.name in PUBLISHED_SHUFFLE:
        np.random.RandomState(PUBLISHED_SEED).shuffle(order)  # the published generator
    return order


def _split(data: PublicSet, x: Float[np.ndarray, "n p"], order: Int[np.ndarray, " n"]) -> Halves:
    half = len(order) // 2
    test, train = order[:half], order[len(order) - half :]
    return Halves(data.name, data.classes, x[train], data.labels[train], x[test], data.labels[test])

"""A network in few bytes: quantised weights, written by an entropy coder, and read back by a decoder that is fixed.

The decoder is this module and its coder; it knows the names and shapes of the arrays, and the network that differences
are taken from, before any row is seen. A file is one byte that says how the numbers are to be read, the levels of each
array, and one stream of a whole number for each weight. All of it counts: |c| is eight times the size of the file. A
code of |c| bits, made prefix-free by 2 floor(log2(|c| + 1)) + 1 bits for its length, has the weight 2^-(|c| + these)
under a law on networks that no row decides.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from math import prod

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError
from fathometer.network.certificates.coding._arithmetic import read, written

Arrays = Mapping[str, NDArray[np.floating]]
Shapes = Mapping[str, tuple[int, ...]]

LARGEST_INDEX = 127
MOST_LEVELS = 16
FARTHEST = 1e37
"""Larger numbers are cut off: levels are float32."""

ROUNDS = 30
"""Of Lloyd's iteration."""


class Form(IntEnum):
    """How the indices of a file become numbers: multiples of a step of each array, or entries of its codebook."""

    GRID = 0
    CODEBOOK = 1


@dataclass(frozen=True)
class Scheme:
    """How an encoder quantises; the decoder need not know it, as the file says what it made.

    Attributes:
        form: grid or codebook.
        size: step of the grid in standard deviations of an array, or entries of the codebook.
        dead: numbers are rounded towards zero by this part of a step, in [0, .5): fewer bits, more distortion.
    """

    form: Form
    size: float
    dead: float = 0.0

    @property
    def spoken(self) -> str:
        """In a few words."""
        if self.form is Form.CODEBOOK:
            return f"codebook of {int(self.size)} levels for each array"
        return f"grid of {self.size:g} standard deviations of each array" + (", dead zone" if self.dead else "")


SCHEMES = (
    *(Scheme(Form.GRID, step, dead) for step in (0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0) for dead in (0.0, 0.2)),
    *(Scheme(Form.CODEBOOK, levels) for levels in (2, 3, 4, 8, 16)),
)
"""What is tried. The file pays for the choice, as it holds all that the decoder needs."""


def encode(arrays: Arrays, scheme: Scheme) -> bytes:
    """Quantise arrays and write them.

    Args:
        arrays: finite, by name; the decoder must be given their shapes in the same order.
        scheme: of the quantiser.
    """
    flat = [np.clip(np.asarray(array, np.float64).ravel(), -FARTHEST, FARTHEST) for array in arrays.values()]
    made = [_on_grid(each, scheme) if scheme.form is Form.GRID else _in_codebook(each, scheme) for each in flat]
    return bytes([scheme.form]) + b"".join(levels for _, levels in made) + written(indices for indices, _ in made)


def decode(code: bytes, shapes: Shapes) -> dict[str, NDArray[np.float64]]:
    """Read a file back.

    Args:
        code: as `encode` wrote it.
        shapes: of the arrays, by name.

    Raises:
        InputError: if it is no such file, or one of other arrays.
    """
    try:
        form, at, levels = Form(code[0]), 1, []
        for _ in shapes:
            found, at = _levels(code, at, form)
            levels.append(found)
        parts = read(code[at:], [prod(shape) for shape in shapes.values()], 2 * LARGEST_INDEX)
        numbers = [_numbers(part, found, form) for part, found in zip(parts, levels, strict=True)]
    except (ValueError, IndexError) as error:
        raise InputError(f"the code of the network cannot be read: {error}") from error
    return {name: part.reshape(shape) for (name, shape), part in zip(shapes.items(), numbers, strict=True)}


def code_bits(code: bytes) -> int:
    """|c| + 2 floor(log2(|c| + 1)) + 1: what a file of |c| bits costs once its length is coded too."""
    length = 8 * len(code)
    return length + 2 * ((length + 1).bit_length() - 1) + 1


def _on_grid(values: NDArray[np.float64], scheme: Scheme) -> tuple[NDArray[np.int64], bytes]:
    """Indices 0, 1, -1, 2, -2, ... as 0, 1, 2, 3, 4, ..., and the step as float32."""
    reach = float(np.abs(values).max(initial=0.0))
    spread = float(np.sqrt(np.mean(values**2))) if values.size else 0.0
    step = np.float32(max(scheme.size * spread, reach / LARGEST_INDEX * (1 + 1e-6)))
    if not step > 0:
        return np.zeros(values.size, np.int64), np.float32(0).tobytes()
    whole = np.floor(np.abs(values) / float(step) + 0.5 - scheme.dead)
    indices = np.minimum(whole, LARGEST_INDEX).astype(np.int64)
    return 2 * indices - ((values > 0) & (indices > 0)), step.tobytes()


def _in_codebook(values: NDArray[np.float64], scheme: Scheme) -> tuple[NDArray[np.int64], bytes]:
    """Nearest entries of a codebook by Lloyd's iteration from quantiles, its entries as float32, the frequent first."""
    if not values.size:
        return np.zeros(0, np.int64), bytes([1]) + np.float32(0).tobytes()
    centres = np.unique(np.quantile(values, (np.arange(int(scheme.size)) + 0.5) / int(scheme.size)).astype(np.float32))
    for _ in range(ROUNDS):
        nearest = _nearest(values, centres)
        counts = np.bincount(nearest, minlength=centres.size)
        means = np.bincount(nearest, values, minlength=centres.size) / np.maximum(counts, 1)
        centres = np.unique(np.where(counts, means, centres).astype(np.float32))
    nearest = _nearest(values, centres)
    order = np.argsort(-np.bincount(nearest, minlength=centres.size), kind="stable")
    place = np.empty(centres.size, np.int64)
    place[order] = np.arange(centres.size)
    return place[nearest], bytes([centres.size]) + centres[order].astype("<f4").tobytes()


def _nearest(values: NDArray[np.float64], centres: NDArray[np.float32]) -> NDArray[np.int64]:
    """Of sorted centres."""
    return np.searchsorted((centres[1:].astype(np.float64) + centres[:-1]) / 2, values)


def _levels(code: bytes, at: int, form: Form) -> tuple[NDArray[np.float64], int]:
    """What the indices of one array mean, and where the next ones begin.

    Raises:
        ValueError: if a level is not finite, or missing.
    """
    count = 1 if form is Form.GRID else code[at]
    at += form is Form.CODEBOOK
    levels = np.frombuffer(code, "<f4", count, at).astype(np.float64)
    if not np.all(np.isfinite(levels)):
        raise ValueError("a level is not finite")
    return levels, at + 4 * count


def _numbers(indices: NDArray[np.int64], levels: NDArray[np.float64], form: Form) -> NDArray[np.float64]:
    """The weights.

    Raises:
        ValueError: if an index is beyond the codebook.
    """
    if form is Form.GRID:
        whole = (indices + 1) // 2
        return np.where(indices % 2 == 1, whole, -whole) * levels[0]
    if indices.size and indices.max() >= levels.size:
        raise ValueError("an index is beyond the codebook")
    return levels[indices]

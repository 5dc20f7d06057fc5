"""A network as the rest of this package sees it, whatever framework it comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from math import prod
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError


@dataclass(frozen=True)
class Block:
    """A named array of parameters, and its place in the vector of all that were chosen.

    Attributes:
        name: as the framework gives it, with dots.
        shape: of the array.
        start: its first entry in the vector.
    """

    name: str
    shape: tuple[int, ...]
    start: int

    @property
    def size(self) -> int:
        """How many parameters it has."""
        return prod(self.shape)

    @property
    def part(self) -> slice:
        """Its entries in the vector."""
        return slice(self.start, self.start + self.size)


class Network(Protocol):
    """What every adapter offers.

    Attributes:
        framework: "torch", "jax" or "onnx".
        name: what was brought, in a few words: a class, a function, a file.
        model: the object itself, as a loss receives it: callable on a batch.
    """

    framework: str
    name: str
    model: Any

    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """Shapes of the trainable arrays by name; shared ones once, frozen ones not."""
        ...

    def scores(self, inputs: Any) -> NDArray[np.float64]:
        """What it gives for rows, in evaluation mode and without gradients: shape (rows, outputs)."""
        ...


def blocks_of(shapes: Mapping[str, Sequence[int]], pattern: str = "*") -> tuple[Block, ...]:
    """The arrays whose name matches a pattern, one after another in one vector.

    Args:
        shapes: of all trainable arrays, by name.
        pattern: as in a shell, several separated by commas.

    Raises:
        InputError: if there is none.
    """
    patterns = pattern.split(",")
    blocks, start = [], 0
    for name, shape in shapes.items():
        if any(fnmatchcase(name, each.strip()) for each in patterns):
            blocks.append(Block(name, tuple(shape), start))
            start += blocks[-1].size
    if not blocks:
        raise InputError(f"parameters {pattern!r} must name some of {sorted(shapes)}")
    return tuple(blocks)

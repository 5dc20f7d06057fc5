"""The cells of a specification: their order, their parameters and their addresses."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

from fathometer.study.engines._engine import Cell
from fathometer.study.spec._tables import plain

ADDRESS_DIGITS = 32
"""Hexadecimal digits of an address: 128 bits."""


@dataclass(frozen=True)
class Space:
    """What varies and what does not. Cells are counted with the first axis slowest and the seed fastest.

    Attributes:
        fixed: values of the parameters that do not vary, defaults included.
        axes: values by parameter; cells have every combination.
        samples: points of parameters that vary together; empty if nothing was sampled.
        seeds: each other than all others.
    """

    fixed: Mapping[str, Any]
    axes: Mapping[str, tuple[Any, ...]]
    samples: tuple[Mapping[str, Any], ...]
    seeds: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """How many values there are along each axis, how many samples (1 if there are none), and how many seeds."""
        return (*map(len, self.axes.values()), max(1, len(self.samples)), len(self.seeds))

    def __len__(self) -> int:
        return math.prod(self.shape)


class Cells(Sequence[Cell]):
    """The cells of a space, made when they are asked for, so that a million of them take no room.

    Args:
        space: of parameters and seeds.
        about: part of every address: the computation and its code.
        stand_ins: what stands for a value in the address, by parameter and value: the digest of a file for its name.
    """

    def __init__(self, space: Space, about: Mapping[str, Any], stand_ins: Mapping[tuple[str, str], str]) -> None:
        self._space, self._shape, self._count = space, space.shape, len(space)
        self._stand_ins = stand_ins
        self._about = json.dumps(about, sort_keys=True)
        self._fixed = {name: self._text(name, value) for name, value in space.fixed.items()}
        self._axes = [[{name: self._text(name, v)} for v in values] for name, values in space.axes.items()]
        points = space.samples or ({},)
        self._samples = [{name: self._text(name, value) for name, value in point.items()} for point in points]
        self._names = sorted({*space.fixed, *space.axes, *points[0]})

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Cell: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Cell]: ...
    def __getitem__(self, index: int | slice) -> Cell | Sequence[Cell]:
        if isinstance(index, slice):
            return tuple(self[k] for k in range(*index.indices(len(self))))
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        places = self._places(index % len(self))
        space = self._space
        parameters = dict(space.fixed)
        for (name, values), place in zip(space.axes.items(), places, strict=False):
            parameters[name] = values[place]
        parameters |= space.samples[places[-2]] if space.samples else {}
        return Cell(self._address(places), parameters, space.seeds[places[-1]])

    def address(self, index: int) -> str:
        """The address of a cell alone, which is quicker than the cell."""
        return self._address(self._places(index))

    def _places(self, index: int) -> list[int]:
        places = []
        for size in reversed(self._shape):
            index, place = divmod(index, size)
            places.append(place)
        return places[::-1]

    def _address(self, places: Sequence[int]) -> str:
        texts = dict(self._fixed)
        for axis, place in zip(self._axes, places, strict=False):
            texts |= axis[place]
        texts |= self._samples[places[-2]]
        parameters = ",".join([texts[name] for name in self._names])
        text = f"{self._about}{{{parameters}}}{self._space.seeds[places[-1]]}"
        return hashlib.sha256(text.encode()).hexdigest()[:ADDRESS_DIGITS]

    def _text(self, name: str, value: Any) -> str:
        given = json.dumps(plain(value), sort_keys=True)
        return f"{json.dumps(name)}:{self._stand_ins.get((name, given), given)}"

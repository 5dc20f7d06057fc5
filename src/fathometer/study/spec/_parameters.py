"""Parameters: what a value may be. One gate for whatever a specification, a page or a notebook gives."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError, finite_array


@dataclass(frozen=True)
class Real:
    """A finite number in [low, high]."""

    low: float
    high: float
    default: float

    def read(self, name: str, value: Any) -> float:
        """Return the number.

        Raises:
            InputError: if it is none, or out of range.
        """
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or not self.low <= value <= self.high:
            raise InputError(f"{name} must be a number from {self.low:g} to {self.high:g}, got {value!r}")
        return float(value)


@dataclass(frozen=True)
class Whole:
    """A whole number in [low, high]."""

    low: int
    high: int
    default: int

    def read(self, name: str, value: Any) -> int:
        """Return the number.

        Raises:
            InputError: if it is none, or out of range.
        """
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
            raise InputError(f"{name} must be a whole number from {self.low} to {self.high}, got {value!r}")
        return int(Real(self.low, self.high, self.default).read(name, value))


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    options: tuple[str, ...]
    default: str

    def read(self, name: str, value: Any) -> str:
        """Return the word.

        Raises:
            InputError: if it is none of them.
        """
        if value not in self.options:
            known = ", ".join(self.options[:12]) + (", ..." if len(self.options) > 12 else "")
            raise InputError(f"{name} must be one of {known}, got {value!r}")
        return value


@dataclass(frozen=True)
class Switch:
    """True or false."""

    default: bool = False

    def read(self, name: str, value: Any) -> bool:
        """Return it.

        Raises:
            InputError: if it is neither.
        """
        if not isinstance(value, bool):
            raise InputError(f"{name} must be true or false, got {value!r}")
        return value


@dataclass(frozen=True)
class Numbers:
    """A list of at most `most` numbers, or of rows of numbers if `ndim` is 2; None where it is left out."""

    most: int
    ndim: int = 1
    default: None = None

    def read(self, name: str, value: Any) -> NDArray[np.float64] | None:
        """Return them as an array.

        Raises:
            InputError: if they are no such numbers, or more.
        """
        if value is None:
            return None
        if not isinstance(value, list) or len(value) > self.most:
            raise InputError(f"{name} must be a list of at most {self.most} {'rows' if self.ndim > 1 else 'numbers'}")
        return finite_array(name, value, self.ndim)


@dataclass(frozen=True)
class Word:
    """A name of small letters, digits and underscores."""

    default: str

    def read(self, name: str, value: Any) -> str:
        """Return the word.

        Raises:
            InputError: if it is none.
        """
        if not isinstance(value, str) or not re.fullmatch(r"[a-z0-9_]{1,80}", value):
            raise InputError(f"{name} must be a name of letters, digits and underscores, got {str(value)[:80]!r}")
        return value


@dataclass(frozen=True)
class Text:
    """One line of at most 1000 characters: the name of a file, of a set or of a column; empty for none."""

    default: str = ""

    def read(self, name: str, value: Any) -> str:
        """Return the text.

        Raises:
            InputError: if it is none.
        """
        if not isinstance(value, str) or len(value) > 1000 or not (value == "" or value.isprintable()):
            raise InputError(f"{name} must be one line of at most 1000 characters, got {str(value)[:80]!r}")
        return value


Parameter = Real | Whole | Choice | Switch | Numbers | Word | Text


def read_parameters(parameters: Mapping[str, Parameter], given: Any) -> dict[str, Any]:
    """Return the value of each parameter, its default where none is given.

    Args:
        parameters: what each may be.
        given: the values by name.

    Raises:
        InputError: if a name is unknown or a value is not allowed.
    """
    if not isinstance(given, Mapping):
        raise InputError("the parameters must be an object")
    for name in given:
        if name not in parameters:
            raise InputError(f"no parameter is called {name!r}; known: {', '.join(parameters) or 'none'}")
    return {
        name: parameter.read(name, given[name]) if name in given else parameter.default
        for name, parameter in parameters.items()
    }

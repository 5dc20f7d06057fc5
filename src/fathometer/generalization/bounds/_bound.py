"""Bounds as objects: what is assumed, what is certified, and a formula."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError, Record, Source, finite_array, finite_number, whole_number
from fathometer.numerics import Narrow, Wide

Evaluation = tuple[Narrow, Mapping[str, Wide | Narrow]]
"""The value of a bound, rounded outward, and its readable pieces, rounded to nearest."""


class Certifies(StrEnum):
    """Whose risk a bound speaks about."""

    GIBBS = "Gibbs risk"
    ONE = "one predictor"
    DRAW = "one draw"
    ALL = "all predictors"
    VOTE = "majority vote"


class KeyKind(StrEnum):
    """The kind of number that a key takes. SEQUENCE: real numbers, one for each data point."""

    INTEGER = "integer"
    REAL = "real"
    SEQUENCE = "sequence"


@dataclass(frozen=True, eq=False)
class Key(Record):
    """One number that a bound needs.

    Attributes:
        name: as it is written in `key=value`.
        description: one line, with the unit if there is one.
        kind: integer, real or a sequence of reals, whose range is that of each member.
        above: strict lower end of the range, or None.
        at_least: lower end of the range, or None.
        below: strict upper end of the range, or None.
        required: whether it must be given.
        default: what stands in when it is not given; None if the bound then finds a value itself.
        may_diverge: whether inf is allowed; the bound then diverges.
    """

    name: str
    description: str
    kind: KeyKind = KeyKind.REAL
    above: float | None = None
    at_least: float | None = None
    below: float | None = None
    at_most: float | None = None
    required: bool = True
    default: float | None = None
    may_diverge: bool = False

    def read(self, value: Any) -> float | NDArray[np.float64]:
        """Read a number, or for a sequence an array or text such as "0,0.5,1", given from outside.

        Raises:
            InputError: if it is not of the right kind in the allowed range.
        """
        if self.kind is KeyKind.SEQUENCE:
            return self._read_sequence(value)
        if self.may_diverge and _is_infinite(value):
            return math.inf
        if self.kind is KeyKind.INTEGER:
            top = None if self.at_most is None else int(self.at_most)
            return whole_number(self.name, value, at_least=int(self.at_least or 0), at_most=top)
        return finite_number(self.name, value, **self._limits())

    def _read_sequence(self, value: Any) -> NDArray[np.float64]:
        parts = [finite_number(self.name, part) for part in value.split(",")] if isinstance(value, str) else value
        numbers = finite_array(self.name, parts)
        if numbers.size == 0:
            raise InputError(f"{self.name} must hold at least one number")
        for extreme in (numbers.min(), numbers.max()):
            finite_number(f"each of {self.name}", extreme, **self._limits())
        return numbers

    def _limits(self) -> dict[str, float]:
        names = ("above", "at_least", "below", "at_most")
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}

    @property
    def allowed(self) -> str:
        """The range in words, such as "integer >= 1"."""
        signs = {"above": ">", "at_least": ">=", "below": "<", "at_most": "<="}
        limits = " and ".join(f"{signs[name]} {limit:g}" for name, limit in self._limits().items())
        return f"{self.kind} {limits}".strip()


@dataclass(frozen=True, eq=False, kw_only=True)
class Bound(Record):
    """A bound on the risk of a predictor that holds with probability at least 1 - delta over the sample.

    Attributes:
        id: unique in the catalogue.
        title: a few words.
        statement: what holds, for whom and with which quantifiers, in one sentence.
        certificate: the formula in the names of its keys, in one line.
        certifies: whose risk.
        loss: what is assumed of the loss.
        data: what is assumed of the sample.
        divergence: how the posterior is compared with the prior; empty if there is none.
        prior: what the prior may depend on; empty if there is none.
        source: where it comes from; the remark says how the formula was checked.
        keys: the numbers it is made from, delta included.
        evaluate: from wide numbers or arrays by key (None for a key that was left out) to value and terms; sequences
            run along the last axis.
        top: largest value of the loss; a bound that reaches it is vacuous.
    """

    id: str
    title: str
    statement: str
    certificate: str
    certifies: Certifies
    loss: str
    data: str
    divergence: str = ""
    prior: str = ""
    source: Source
    keys: tuple[Key, ...]
    evaluate: Callable[..., Evaluation]
    top: float = 1.0

    def read(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Check numbers given by key and fill in the defaults.

        Raises:
            InputError: if a key is unknown or missing, or a value is not in its range.
        """
        names = [key.name for key in self.keys]
        if unknown := sorted(set(values) - set(names)):
            raise InputError(f"{self.id} has no key {unknown[0]!r}; keys: {', '.join(names)}")
        if missing := [key for key in self.keys if key.required and key.name not in values]:
            raise InputError(f"{self.id} needs {missing[0].name}: {missing[0].description} ({missing[0].allowed})")
        return {key.name: key.read(values[key.name]) if key.name in values else key.default for key in self.keys}


@dataclass(frozen=True, eq=False)
class BoundValue(Record):
    """A bound, evaluated.

    Attributes:
        bound: id of the bound.
        value: never below the exact value of the formula; None where it diverges.
        terms: readable pieces by name, rounded to nearest, in the order of the formula.
        vacuous: whether the value says no more than that the loss is bounded.
        delta: the probability with which the bound may fail.
        explanation: one sentence.
    """

    bound: str
    value: float | None
    terms: Mapping[str, float]
    vacuous: bool
    delta: float
    explanation: str


UNVERIFIED = "unverified constants"
"""How the source remark of a bound begins whose constants were neither derived here nor checked; no ledger uses one."""


def _is_infinite(value: Any) -> bool:
    try:
        return float(value) == math.inf
    except (TypeError, ValueError):
        return False

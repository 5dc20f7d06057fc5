"""Estimates: numbers that cannot be written down without their error."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.evidence.values._axis import Axis
from fathometer.evidence.values._input import InputError, finite_number
from fathometer.evidence.values._record import Record
from fathometer.evidence.values._shown import text_down, text_ends, text_near, text_up
from fathometer.evidence.values._statistics import mean_interval, share_interval

Number = float | NDArray[np.float64]

NEARLY_CERTAIN = 1 - 1e-6
"""Confidence of an interval that a theorem is held against."""


class Kind(StrEnum):
    """What the interval of an estimate is worth.

    EXACT: a closed form, correct to rounding. ENCLOSED: the interval is proved to contain the quantity.
    SAMPLED: it contains the quantity with a stated confidence. HEURISTIC: it usually does.
    """

    EXACT = "exact"
    ENCLOSED = "enclosed"
    SAMPLED = "sampled"
    HEURISTIC = "heuristic"


@dataclass(frozen=True, eq=False)
class Estimate(Record):
    """A number, or an array of them, with an interval that says how well it is known.

    Build one with `Estimate.exact`, `Estimate.enclosed`, `Estimate.sampled` or `Estimate.heuristic`, and from draws
    with `Estimate.mean_of` or `Estimate.share_of`. An unknown value is NaN with the interval (-inf, inf); an event that
    has not happened by `t` is inf with (t, inf).

    Attributes:
        value: float, or float64 array of any shape.
        lower: same shape, at most `value`.
        upper: same shape, at least `value`.
        kind: what the interval is worth.
        confidence: probability in (0, 1) that the interval covers; given for SAMPLED and for no other kind.
        along: what the first dimension runs along; None for a scalar or an unordered array.

    Raises:
        InputError: if shapes differ, the interval is not around the value, or the confidence does not fit the kind.
    """

    value: Number
    lower: Number
    upper: Number
    kind: Kind
    confidence: float | None = None
    along: Axis | None = None

    def __post_init__(self) -> None:
        value, lower, upper = (np.array(v, dtype=np.float64) for v in (self.value, self.lower, self.upper))
        if not value.shape == lower.shape == upper.shape:
            raise InputError(
                f"value, lower, upper must have one shape, got {value.shape}, {lower.shape}, {upper.shape}"
            )
        unknown = np.isnan(value) | np.isnan(lower) | np.isnan(upper)
        value, lower, upper = (np.where(unknown, v, x) for v, x in ((np.nan, value), (-np.inf, lower), (np.inf, upper)))
        if np.any((lower > value) | (value > upper)):
            raise InputError(f"an estimate must lie in its interval, got {value} outside [{lower}, {upper}]")
        if self.along is not None and (value.ndim == 0 or len(self.along) != value.shape[0]):
            raise InputError(
                f"an estimate along {len(self.along)} points must have that length, got shape {value.shape}"
            )
        object.__setattr__(self, "kind", Kind(self.kind))
        if (self.kind is Kind.SAMPLED) != (self.confidence is not None):
            raise InputError(
                f"confidence belongs to sampled estimates and only to them, got {self.confidence} ({self.kind})"
            )
        if self.confidence is not None:
            finite_number("confidence", self.confidence, above=0, below=1)
        for name, array in (("value", value), ("lower", lower), ("upper", upper)):
            array.setflags(write=False)
            object.__setattr__(self, name, float(array) if array.ndim == 0 else array)

    @classmethod
    def exact(cls, value: ArrayLike, along: Axis | None = None) -> "Estimate":
        """A closed form, correct to rounding; infinite values are allowed."""
        array = np.asarray(value, np.float64)
        return cls(array, array, array, Kind.EXACT, along=along)

    @classmethod
    def enclosed(cls, value: ArrayLike, lower: ArrayLike, upper: ArrayLike, along: Axis | None = None) -> "Estimate":
        """A value in an interval that is proved to contain the quantity.

        Args:
            value: number or array of any shape.
            lower: at most `value`, of the same shape or one number for all.
            upper: at least `value`, likewise.
            along: what the first dimension runs along; None for a scalar or an unordered array.
        """
        return cls(*_alike(value, lower, upper), Kind.ENCLOSED, along=along)

    @classmethod
    def sampled(
        cls, value: ArrayLike, lower: ArrayLike, upper: ArrayLike, confidence: float, along: Axis | None = None
    ) -> "Estimate":
        """A value in an interval that contains the quantity with probability `confidence`.

        Args:
            value: number or array of any shape.
            lower: at most `value`, of the same shape or one number for all.
            upper: at least `value`, likewise.
            confidence: in (0, 1), of each element.
            along: what the first dimension runs along; None for a scalar or an unordered array.
        """
        return cls(*_alike(value, lower, upper), Kind.SAMPLED, confidence, along)

    @classmethod
    def mean_of(cls, values: ArrayLike, confidence: float = 0.95) -> "Estimate":
        """Mean of independent draws over the last axis, with its two-sided Student interval.

        The interval is exact for Gaussian draws, and for others in the limit of many.

        Args:
            values: shape (..., n); what is not finite is left out. A mean of nothing is unknown, of one draw open.
            confidence: in (0, 1).

        Raises:
            InputError: if the values have no axis or the confidence is not in (0, 1).
        """
        array = np.asarray(values, np.float64)
        if array.ndim == 0:
            raise InputError(f"a mean needs an array of draws, got {array}")
        return cls.sampled(*mean_interval(array, confidence), confidence)

    @classmethod
    def share_of(cls, hits: ArrayLike, confidence: float = 0.95, maybe: ArrayLike | None = None) -> "Estimate":
        """Share of independent draws that hit, with Clopper and Pearson's interval of the probability to do so.

        The interval covers at least as often as it says, for any probability and number of draws.

        Args:
            hits: shape (..., n), n >= 1: which draws hit.
            confidence: in (0, 1).
            maybe: same shape: which may have hit where that is not clear; they widen the interval.

        Raises:
            InputError: if there are no draws or the confidence is not in (0, 1).
        """
        sure = np.asarray(hits, bool)
        if sure.ndim == 0 or sure.shape[-1] == 0:
            raise InputError(f"a share needs at least one draw, got shape {sure.shape}")
        possible = sure if maybe is None else sure | np.asarray(maybe, bool)
        counts = np.sum(sure, axis=-1), np.sum(possible, axis=-1)
        ends = share_interval(*counts, sure.shape[-1], confidence)
        return cls.sampled(np.mean(sure, axis=-1), *ends, confidence)

    @classmethod
    def heuristic(cls, value: ArrayLike, lower: ArrayLike, upper: ArrayLike, along: Axis | None = None) -> "Estimate":
        """A value in an interval that usually contains the quantity.

        Args:
            value: number or array of any shape.
            lower: at most `value`, of the same shape or one number for all.
            upper: at least `value`, likewise.
            along: what the first dimension runs along; None for a scalar or an unordered array.
        """
        return cls(*_alike(value, lower, upper), Kind.HEURISTIC, along=along)

    @classmethod
    def of(cls, value: "Estimate | ArrayLike") -> "Estimate":
        """Return an estimate unchanged and take a bare number as exact."""
        return value if isinstance(value, Estimate) else cls.exact(value)

    @classmethod
    def stack(cls, estimates: "Sequence[Estimate]", along: Axis | None = None) -> "Estimate":
        """Put estimates of one shape and kind behind each other along a new first dimension.

        Raises:
            InputError: if there are none, or their shapes, kinds or confidences differ.
        """
        kinds = {(estimate.kind, estimate.confidence, estimate.shape) for estimate in estimates}
        if len(kinds) != 1:
            raise InputError(f"estimates must be of one shape, kind and confidence, got {sorted(map(str, kinds))}")
        kind, confidence, _ = kinds.pop()
        value, lower, upper = (np.stack([getattr(e, end) for e in estimates]) for end in _OPEN)
        return cls(value, lower, upper, kind, confidence, along)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the value; () for a scalar."""
        return np.shape(self.value)

    def to_json(self) -> dict[str, Any]:
        """Return {value, lower, upper, kind, ...}; null is NaN, an open lower end or an open upper end."""
        data: dict[str, Any] = {name: _finite(getattr(self, name)) for name in _OPEN}
        infinite = {
            name: np.where(np.isinf(getattr(self, name)), np.sign(getattr(self, name)), 0).tolist()
            for name, default in _OPEN.items()
            if np.any(np.isinf(getattr(self, name)) & (np.asarray(getattr(self, name)) != default))
        }
        data["kind"] = str(self.kind)
        if self.confidence is not None:
            data["confidence"] = self.confidence
        if self.along is not None:
            data["along"] = self.along.to_json()
        return data | ({"infinite": infinite} if infinite else {})

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Estimate":
        """Build the estimate that `to_json` described.

        Raises:
            InputError: if a key is missing or the numbers do not make an estimate.
        """
        try:
            parts = {name: np.array(data[name], np.float64) for name in _OPEN}
            kind, along = Kind(data["kind"]), data.get("along")
        except (TypeError, KeyError, ValueError) as error:
            raise InputError(f"Estimate cannot be read: {error}") from error
        for name, default in _OPEN.items():
            sign = np.asarray(data.get("infinite", {}).get(name, np.zeros(parts[name].shape)))
            parts[name] = np.where(
                np.isnan(parts[name]), np.where(sign, np.copysign(np.inf, sign), default), parts[name]
            )
        return cls(**parts, kind=kind, confidence=data.get("confidence"), along=along and Axis.from_json(along))

    def __str__(self) -> str:
        if self.shape and np.size(self.value):
            return f"{self.shape} values from {text_down(np.min(self.value))} to {text_up(np.max(self.value))}"
        return f"{self.shape} values" if self.shape else self.text()

    def text(self, digits: int = 6) -> str:
        """Write a scalar to nearest, and its interval rounded outward if it has a width."""
        ends = (
            ""
            if self.kind is Kind.EXACT or self.lower == self.upper
            else f" {text_ends(self.lower, self.upper, digits)}"
        )
        return f"{text_near(self.value, digits)}{ends}"


_OPEN = {"value": math.nan, "lower": -math.inf, "upper": math.inf}


def _alike(value: ArrayLike, lower: ArrayLike, upper: ArrayLike) -> tuple[NDArray, NDArray, NDArray]:
    shape = np.shape(value)
    parts = (np.asarray(part, np.float64) for part in (value, lower, upper))
    return tuple(np.broadcast_to(part, shape) if part.ndim == 0 else part for part in parts)  # type: ignore[return-value]


def _finite(values: Number) -> Any:
    """Nested lists with None for what is not finite."""
    array = np.asarray(values, np.float64)
    if array.ndim == 0:
        return float(array) if np.isfinite(array) else None
    return [_finite(item) for item in array]

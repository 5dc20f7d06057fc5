"""The catalogue of bounds and its one entrance from outside."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from fathometer.evidence import InputError, text_confidence, text_up
from fathometer.generalization.bounds import BOUNDS
from fathometer.generalization.bounds._bound import UNVERIFIED, Bound, BoundValue
from fathometer.numerics import wide


def catalogue() -> tuple[Bound, ...]:
    """Return every bound, in a fixed order."""
    return BOUNDS


def bound(name: str) -> Bound:
    """Return the bound with that id.

    Raises:
        InputError: if there is none.
    """
    for candidate in BOUNDS:
        if candidate.id == name:
            return candidate
    raise InputError(f"no bound is called {name!r}; known: {', '.join(b.id for b in BOUNDS)}")


def evaluate_bound(name: str, /, **values: Any) -> BoundValue:
    """Evaluate one bound of the catalogue at numbers given by key.

    Args:
        name: id of the bound.
        **values: numbers, or their decimal text, by key; `bound(name).keys` lists them.

    Raises:
        InputError: if the bound or a key is unknown, a key is missing, or a value is not in its range.
    """
    chosen = bound(name)
    numbers = chosen.read(values)
    delta = float(numbers["delta"] or 0)
    if infinite := [key for key, number in numbers.items() if np.ndim(number) == 0 and number == math.inf]:
        return BoundValue(name, None, {}, True, delta, f"diverges, because {infinite[0]} is infinite")
    certified, terms = chosen.evaluate(**{key: None if v is None else wide(v) for key, v in numbers.items()})
    pieces = {term: float(number) for term, number in terms.items() if np.isfinite(float(number))}
    if not np.isfinite(certified):
        return BoundValue(name, None, {}, True, delta, "overflows: larger than any float64")
    value, vacuous = float(certified), bool(certified >= chosen.top)
    if chosen.top < value <= chosen.top * (1 + 4 * np.finfo(float).eps):
        value = chosen.top  # no risk is larger, so that rounding outward ends here
    return BoundValue(name, value, pieces, vacuous, delta, _sentence(chosen, value, vacuous, delta))


def catalogue_rows() -> list[dict[str, Any]]:
    """Return one row for each bound, for a table: what it states, of whom, on what assumptions, with its keys."""
    return [_row(candidate) for candidate in BOUNDS]


def _row(candidate: Bound) -> dict[str, Any]:
    reference = candidate.source.reference
    return {
        "id": candidate.id,
        "title": candidate.title,
        "statement": candidate.statement,
        "certificate": candidate.certificate,
        "certifies": str(candidate.certifies),
        "loss": candidate.loss,
        "data": candidate.data,
        "divergence": candidate.divergence,
        "prior": candidate.prior,
        "keys": {key.name: _key_text(key) for key in candidate.keys},
        "source": f"{reference.authors} ({reference.year}), {candidate.source.statement}",
        "provenance": candidate.source.remark,
    }


def _key_text(key: Any) -> str:
    ending: Mapping[bool, str] = {
        True: "",
        False: "; optional" if key.default is None else f"; default {key.default:g}",
    }
    return f"{key.description} ({key.allowed}{ending[key.required]})"


def _sentence(chosen: Bound, value: float, vacuous: bool, delta: float) -> str:
    remark = f" ({UNVERIFIED})" if chosen.source.remark.startswith(UNVERIFIED) else ""
    if vacuous:
        return f"vacuous: {text_up(value)} says no more than that the loss is at most {chosen.top:g}"
    sure = text_confidence(delta)
    return f"with probability at least {sure} the risk ({chosen.certifies}) is at most {text_up(value)}{remark}"

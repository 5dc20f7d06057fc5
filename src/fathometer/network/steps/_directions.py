"""Directions in which a step is taken: w - s u for a vector u."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError, finite_array, finite_number
from fathometer.network.steps._edge_rules import EdgeRule

GRADIENT = "gradient"
_NAMED = {
    "sgd": {"momentum": 0.0, "nesterov": 0.0},
    "rmsprop": {"alpha": 0.99, "eps": 1e-8},
    "adam": {"b1": 0.9, "b2": 0.999, "eps": 1e-8},
}
NAMES = f"{GRADIENT}, {', '.join(_NAMED)}, or one of these with settings, such as sgd:momentum=0.9"
_LEAST = 1e-150
"""Length of a direction, whose square is a number."""


@dataclass(frozen=True, eq=False)
class Direction:
    """Where a step leads: from w to w - s u.

    Attributes:
        name: in a word or two.
        vector: u, shape (size,).
        slope: <gradient, u>, the rate at which the loss falls; None if it is not known.
        taken: the s that training takes: a learning rate, or 1 for an update as it is; None if no training is known.
        rule: how far training by this update is stable; None if no rule is known.

    Raises:
        InputError: if the vector is zero, shorter than 1e-150 or not finite.
    """

    name: str
    vector: NDArray[np.floating]
    slope: float | None = None
    taken: float | None = None
    rule: EdgeRule | None = None

    def __post_init__(self) -> None:
        if not np.all(np.isfinite(self.vector)):
            raise InputError(f"the direction {self.name} must be finite, got NaN or infinity")
        if not np.any(self.vector):
            raise InputError(f"the direction {self.name} is zero here: no step along it changes anything")
        if not np.linalg.norm(np.asarray(self.vector, np.float64)) > _LEAST:
            raise InputError(
                f"the direction {self.name} must be longer than {_LEAST:g}, got {np.max(np.abs(self.vector)):g} at most"
            )


def by_vector(vector: Any, size: int) -> Direction:
    """A direction that is given as it is.

    Args:
        vector: shape (size,).
        size: how many parameters were chosen.

    Raises:
        InputError: if it has another shape, is zero or not finite.
    """
    given = finite_array("direction", vector)
    if given.shape != (size,):
        raise InputError(f"direction must have shape ({size},), one entry for each parameter, got {given.shape}")
    return Direction("vector", given)


def by_name(text: str, gradient: NDArray[np.floating]) -> Direction:
    """The gradient, or the first update of an optimiser that has just been made, with learning rate 1.

    Args:
        text: `gradient`, `sgd`, `rmsprop` or `adam`; settings follow a colon: `sgd:momentum=0.9,nesterov=1`.
        gradient: of the loss, shape (size,).

    Raises:
        InputError: if the name or a setting is unknown, or the gradient is zero or not finite.
    """
    name, settings = _parsed(text)
    given = np.asarray(gradient, np.float64)
    direction = Direction(GRADIENT, given, _dot(given, given), rule=EdgeRule.descent())
    if name == GRADIENT:
        return direction
    vector, rule = _first_update(name, settings, given)
    return Direction(text, vector, _dot(given, vector), rule=rule)


def _first_update(
    name: str, settings: dict[str, float], g: NDArray[np.float64]
) -> tuple[NDArray[np.float64], EdgeRule]:
    if name == "sgd":
        momentum, nesterov = settings["momentum"], bool(settings["nesterov"])
        rule = EdgeRule.nesterov(momentum) if nesterov else EdgeRule.heavy_ball(momentum)
        return (1 + momentum * nesterov) * g, rule
    if name == "rmsprop":
        return g / (np.sqrt(1 - settings["alpha"]) * np.abs(g) + settings["eps"]), EdgeRule.rmsprop()
    return g / (np.abs(g) + settings["eps"]), EdgeRule.adam(settings["b1"])


def _parsed(text: str) -> tuple[str, dict[str, float]]:
    name, _, rest = text.partition(":")
    if name not in (GRADIENT, *_NAMED) or (name == GRADIENT and rest):
        raise InputError(f"direction must be {NAMES}, got {text!r}")
    settings = dict(_NAMED.get(name, {}))
    for part in rest.split(",") if rest else ():
        key, _, value = (word.strip() for word in part.partition("="))
        if key not in settings:
            raise InputError(f"{name} has no setting {key!r}; it has {', '.join(settings)}")
        limits = {"at_least": 0.0} if key == "eps" else {"at_least": 0.0, "at_most": 1.0}
        settings[key] = finite_number(f"{name}'s {key}", value, **limits)
    return name, settings


def _dot(a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
    return float(np.asarray(a, np.float64) @ np.asarray(b, np.float64))

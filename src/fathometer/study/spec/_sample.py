"""Points drawn from ranges of parameters: at random, or by Sobol's sequence, which fills the space evenly."""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError, whole_number
from fathometer.study.spec._grid import between, range_ends, settled
from fathometer.study.spec._parameters import Parameter, Whole
from fathometer.study.spec._tables import only_keys, plain

METHODS = ("sobol", "random")
MOST_POINTS = 10**6
_SETTINGS = ("count", "method", "seed")

Point = Mapping[str, Any]


def sample_points(parameters: Mapping[str, Parameter], given: Mapping[str, Any]) -> tuple[Point, ...]:
    """Draw the points of a sampler; points that are equal count once.

    Args:
        parameters: of the computation.
        given: count, method and seed, and for each parameter that is drawn a range or a list.

    Raises:
        InputError: if a setting or a range is not allowed, or nothing is drawn.
    """
    ranges = {name: given[name] for name in given if name not in _SETTINGS}
    if not ranges:
        raise InputError("[sample] must have a range or a list for at least one parameter")
    if "count" not in given:
        raise InputError("[sample] must have the key 'count'")
    count = whole_number("[sample] count", given["count"], at_least=1, at_most=MOST_POINTS)
    seed = whole_number("[sample] seed", given.get("seed", 0), at_least=0, at_most=2**32 - 1)
    method = given.get("method", "sobol")
    if method not in METHODS:
        raise InputError(f"[sample] method must be one of {', '.join(METHODS)}, got {method!r}")
    unit = _unit_cube(method, count, len(ranges), seed)
    drawn = [_drawn(parameters[name], name, ranges[name], unit[:, k]) for k, name in enumerate(ranges)]
    points = (dict(zip(ranges, values, strict=True)) for values in zip(*drawn, strict=True))
    return tuple({repr([plain(value) for value in point.values()]): point for point in points}.values())


def _unit_cube(method: str, count: int, dim: int, seed: int) -> NDArray[np.float64]:
    """Points in [0, 1)^dim, of shape (count, dim)."""
    rng = np.random.default_rng(seed)
    if method == "random":
        return rng.random((count, dim))
    from scipy.stats import qmc  # slow to import

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that powers of two are more even: the user chose the number
        even = qmc.Sobol(dim, scramble=False).random(count)
    return (even + rng.random(dim)) % 1.0  # a shift by the seed keeps them even


def _drawn(parameter: Parameter, name: str, given: Any, unit: NDArray[np.float64]) -> list[Any]:
    where = f"[sample] {name}"
    if isinstance(given, Mapping):
        only_keys(where, given, ("from", "to", "scale"))
        return _from_range(parameter, *range_ends(parameter, where, given), unit)
    if not isinstance(given, list | tuple) or not given:
        raise InputError(f"{where} must be a range {{from, to, scale}} or a list that is not empty, got {given!r}")
    options = [settled(parameter, where, value) for value in given]
    return [options[int(part * len(options))] for part in unit]


def _from_range(parameter: Parameter, low: float, high: float, factors: bool, unit: NDArray[np.float64]) -> list[Any]:
    whole = isinstance(parameter, Whole)
    first, last = (low - 0.5, high + 0.5) if whole else (low, high)  # each whole number gets an equal part
    numbers = first * (last / first) ** unit if factors else first + (last - first) * unit
    return [between(parameter, float(number), low, high) for number in numbers]

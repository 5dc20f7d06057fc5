"""Descent on a balanced scalar network beyond its largest stable step: cycles, doublings, chaos, and the end of it.

Everything is a root of the map w -> w - step f'(w), f = (w^L - 1)^2, with step = (2 + mu) / (2 L^2).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from fathometer.deep_linear.model.starts._line_descent import DEEPEST_LINE
from fathometer.evidence import Estimate, InputError, Record, finite_number, whole_number

FEIGENBAUM = 4.669201609102990
"""Limit of the ratios of successive distances between doublings, for every map with one quadratic maximum."""
MOST_DOUBLINGS = 8
_FIRST = 0.7  # mu below which the first superstable cycle lies, at every depth
_SCAN, _HIGHEST = 400, 40.0
_CLOSE, _ROUNDS, _PARTS = 1e-14, 60, 12
_RETURNS = 1e-9  # of a weight, whose size is about 1


@dataclass(frozen=True, eq=False)
class Cycle(Record):
    """Points that descent visits in turn.

    Attributes:
        points: weights w, shape (period,), each the next step of the one before, the last before the first.
        multiplier: product of the derivatives of the step there: the cycle is stable where it is inside (-1, 1).
    """

    points: NDArray[np.float64]
    multiplier: float


@dataclass(frozen=True, eq=False)
class Doublings(Record):
    """Where the long-run behaviour of descent on (w^L - 1)^2 changes, as mu = step S - 2.

    Attributes:
        excess: shape (n,): where cycles of period 1, 2, 4, ... lose stability by a multiplier -1; the first is 0.
        ratios: shape (n - 2,): distances between successive ones, each over the next.
        chaos: where doublings accumulate.
        leaves: where the image of the top of the map reaches 0: descent no longer stays on the side of its minimum.
        diverges: where the top of the map reaches the outer unstable orbit of period 2: from there on some starts next
            to the minimum run to infinity.
    """

    excess: NDArray[np.float64]
    ratios: NDArray[np.float64]
    chaos: Estimate
    leaves: float
    diverges: float


def stepped(w: float, depth: int, excess: float) -> float:
    """One step of descent.

    Args:
        w: the weight of every layer.
        depth: L, at least 1.
        excess: mu = step S - 2.
    """
    return w - (2 + excess) / depth * (w**depth - 1) * w ** (depth - 1)


def step_slope(w: float, depth: int, excess: float) -> float:
    """Derivative of a step.

    Args:
        w: the weight of every layer.
        depth: L, at least 2.
        excess: mu = step S - 2.
    """
    curved = (2 * depth - 1) * w ** (2 * depth - 2) - (depth - 1) * w ** (depth - 2)
    return 1 - (2 + excess) / depth * curved


@cache
def doublings(depth: int, count: int = 6) -> Doublings:
    """Find the doublings and what follows them.

    Args:
        depth: L, from 2 to 64.
        count: of doublings, from 3 to 8.

    Raises:
        InputError: if a number is out of range.
    """
    whole_number("count", count, at_least=3, at_most=MOST_DOUBLINGS)
    at = np.array([0.0] + [_end_of(depth, k) for k in range(1, count)])
    gaps = np.diff(at)
    guesses = at[1:] + gaps / (FEIGENBAUM - 1)
    off = abs(guesses[-1] - guesses[-2])
    chaos = Estimate.heuristic(guesses[-1], guesses[-1] - off, guesses[-1] + off)
    leaves = _first_root(lambda mu: _composed(_top(depth, mu), depth, mu, 2), float(guesses[-1]))
    diverges = _first_root(lambda mu: _returned(depth, mu), leaves)
    return Doublings(at, gaps[:-1] / gaps[1:], chaos, leaves, diverges)


def scalar_cycle(depth: int, excess: float, period: int) -> Cycle:
    """The cycle of the cascade with this period.

    Args:
        depth: L, from 2 to 64.
        excess: mu = step S - 2, beyond the doubling at which the cycle is born.
        period: 1, 2, 4, ..., 128.

    Raises:
        InputError: if a number is out of range, there is no such cycle, or it is lost on the way to this step.
    """
    k = int(math.log2(whole_number("period", period, at_least=1, at_most=2 ** (MOST_DOUBLINGS - 1))))
    if 2**k != period:
        raise InputError(f"period must be a power of 2, got {period}")
    born = 0.0 if k == 1 else _end_of(depth, k - 1) if k else -2.0
    mu = finite_number("excess", excess, above=born)
    found = _cycle(depth, _continued(depth, k, mu), mu, period)
    if not _is_whole(found, depth, mu):
        raise InputError(f"the cycle of period {period} cannot be followed up to excess {mu:g}")
    return found


def _is_whole(cycle: Cycle, depth: int, mu: float) -> bool:
    """Whether a cycle returns, and not already after half its period."""
    points = cycle.points.tolist()
    returns = abs(stepped(points[-1], depth, mu) - points[0]) <= _RETURNS
    return returns and (len(points) == 1 or abs(points[len(points) // 2] - points[0]) > _RETURNS)


def _cycle(depth: int, first: float, mu: float, period: int) -> Cycle:
    points = [first]
    for _ in range(period - 1):
        points.append(stepped(points[-1], depth, mu))
    return Cycle(np.array(points), math.prod(step_slope(w, depth, mu) for w in points))


def _composed(w: float, depth: int, mu: float, times: int) -> float:
    try:
        for _ in range(times):
            w = stepped(w, depth, mu)
    except OverflowError:
        return math.inf
    return w


def _top(depth: int, mu: float) -> float:
    """Where the map is largest between 0 and 1."""
    return brentq(lambda w: step_slope(w, depth, mu), 1e-9, 1.0, xtol=1e-16, rtol=1e-15)  # type: ignore[return-value]


def _missed(depth: int, mu: float, period: int) -> float:
    top = _top(depth, mu)
    return _composed(top, depth, mu, period) - top


@cache
def _superstable(depth: int, k: int) -> float:
    """Mu at which the cycle of period 2^k contains the top of the map, so that its multiplier is 0."""
    whole_number("depth", depth, at_least=2, at_most=DEEPEST_LINE)
    if k == 0:
        return -1.0
    if k == 1:
        return _first_root(lambda mu: _missed(depth, mu, 2), 0.01, _FIRST)
    last, before = _superstable(depth, k - 1), _superstable(depth, k - 2)
    gap = (last - before) / (FEIGENBAUM if k > 2 else 3.0)
    return _first_root(lambda mu: _missed(depth, mu, 2**k), last + 0.1 * gap, last + 1.3 * gap)


@cache
def _end_of(depth: int, k: int) -> float:
    """Mu at which the cycle of period 2^k loses its stability."""
    low, high = _superstable(depth, k), _superstable(depth, k + 1)

    def beyond(mu: float) -> float:
        return _cycle(depth, _continued(depth, k, mu), mu, 2**k).multiplier + 1

    return brentq(beyond, low, high, xtol=1e-15, rtol=1e-15)  # type: ignore[return-value]


def _continued(depth: int, k: int, excess: float) -> float:
    """The point next to the top of the cycle of period 2^k, from where it is superstable in twelve parts."""
    start = _superstable(depth, k)
    w = _top(depth, start)
    for mu in np.linspace(start, excess, _PARTS + 1)[1:]:
        w = _closed(w, depth, float(mu), 2**k)
    return w


def _closed(w: float, depth: int, mu: float, period: int) -> float:
    """Newton's method for a point that returns after `period` steps."""
    for _ in range(_ROUNDS):
        cycle = _cycle(depth, w, mu, period)
        move = (stepped(float(cycle.points[-1]), depth, mu) - w) / (1 - cycle.multiplier)
        w += move
        if abs(move) < _CLOSE:
            break
    return w


def _returned(depth: int, mu: float) -> float:
    """The image of the top two steps later, less itself: zero where it lies on an orbit of period 2."""
    top = stepped(_top(depth, mu), depth, mu)
    return _composed(top, depth, mu, 2) - top


def _first_root(function: Callable[[float], float], low: float, high: float = _HIGHEST) -> float:
    """The smallest root above `low`: a scan for the first change of sign, and bisection."""
    grid = np.linspace(low, high, _SCAN + 1)[1:]
    signs = np.sign([function(float(mu)) for mu in grid])
    changes = np.flatnonzero(np.diff(signs))
    if not changes.size:
        return math.nan
    return brentq(function, *grid[changes[0] : changes[0] + 2], xtol=1e-15, rtol=1e-15)  # type: ignore[return-value]

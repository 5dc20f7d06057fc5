"""When gradient flow of a balanced network leaves the saddle at zero: how far it can be from a straight line."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp

from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.predictions._early_phase import angle_to_slope, early_log_time
from fathometer.evidence import Estimate, finite_array, finite_number

_PRECISE = 1e-11
_ROOM = 1e-8
_LOST = 1e-3


def escape_bracket(problem: DeepLinear, product: ArrayLike, radius: float) -> Estimate:
    """Bracket for the time at which the product of a balanced network first has a norm, on the risk itself.

    Derived: with ds = |x|^{L-1} dt, x = |w|^{1/L} w / |w| obeys dx/ds = G - 2 sigma w. So x stays within E(s) of the
    straight line x(0) + G s, where E' = 2 lambda_max (|x(0) + G s| + E)^L, and time is the integral of |x|^{1-L} ds.

    Args:
        problem: a plain network of depth 2 or more; sigma w_star must not be zero.
        product: w at time 0, shape (d,), not zero.
        radius: above |w(0)|.

    Returns:
        Enclosed, with 1e-8 of it for an integrator, around the time on the straight line; the upper end is inf
        where E outgrows the line.

    Raises:
        InputError: if a value is out of range.
    """
    start = finite_array("product", product, ndim=1)
    cosine, sine, slope = angle_to_slope(problem, start)
    norm, depth = float(np.linalg.norm(start)), problem.depth
    goal = (finite_number("radius", radius, above=norm) / norm) ** (1 / depth)
    curvature = 2 * problem.regression.lambda_max * norm / slope
    centre = math.exp(early_log_time(problem, start, math.log(norm), math.log(radius)).value)
    unit = norm ** (2 / depth - 1) / slope
    low, high = (unit * time for time in _times_to(goal, cosine, sine, depth, curvature))
    return Estimate.enclosed(centre, min(low, centre), max(high, centre))


def _times_to(goal: float, cosine: float, sine: float, depth: int, curvature: float) -> tuple[float, float]:
    """Shortest and longest time to |x| = goal, in units where |x(0)| = |G| = 1."""

    def line(s: float) -> float:
        return math.hypot(sine, cosine + s)

    def rates(s: float, y: NDArray[np.float64]) -> list[float]:
        near, far = line(s) - y[0], line(s) + y[0]
        return [curvature * far**depth, far ** (1 - depth), near ** (1 - depth) if near > 0 else 0.0]

    def fast(s: float, y: NDArray[np.float64]) -> float:
        return line(s) + y[0] - goal

    def slow(s: float, y: NDArray[np.float64]) -> float:
        return goal - line(s) + y[0]

    def lost(s: float, y: NDArray[np.float64]) -> float:
        return line(s) - y[0] - _LOST * line(s)

    slow.terminal = lost.terminal = True  # type: ignore[attr-defined]
    fast.direction, slow.direction = 1, -1  # type: ignore[attr-defined]
    span, steps = (0.0, 4 * (goal + 1)), {"method": "DOP853", "rtol": _PRECISE, "atol": 1e-14}
    solved = solve_ivp(rates, span, np.zeros(3), events=(fast, slow, lost), **steps)
    first, last, _ = solved.y_events
    low = float(first[0][1]) * (1 - _ROOM) if len(first) else 0.0
    return low, float(last[0][2]) * (1 + _ROOM) if len(last) else math.inf

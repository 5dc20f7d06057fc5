"""How gradient flow of a balanced network leaves the saddle at zero, in closed form and in logarithms."""

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import quad

from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.predictions._small_start import require_plain
from fathometer.evidence import Estimate, InputError, finite_array, finite_number

ESCAPED = 0.05
"""A network has escaped from the saddle when the norm of its product is this share of the norm of w_star."""


def early_cosine(problem: DeepLinear, direction: ArrayLike, log_growth: float = 0.0) -> Estimate:
    """Cosine of the angle between the product and G = 2 sigma w_star, once the product has grown by e^log_growth.

    Derived: while w is small, x = |w|^{1/L} w / |w| obeys dx/dt = |x|^{L-1} G. It moves on a straight line along G, so
    |w| sin^L of the angle is conserved.

    Args:
        problem: a plain network of depth 2 or more; sigma w_star must not be zero.
        direction: of the product at time 0, shape (d,), not zero.
        log_growth: at least 0; a product that starts at an obtuse angle shrinks first.

    Raises:
        InputError: if a value is out of range.
    """
    cosine, sine, _ = angle_to_slope(problem, direction)
    growth = finite_number("log_growth", log_growth, at_least=0)
    if growth == 0:
        return Estimate.exact(cosine)
    return Estimate.exact(math.sqrt(max(0.0, 1 - (sine * math.exp(-growth / problem.depth)) ** 2)))


def early_log_time(
    problem: DeepLinear, direction: ArrayLike, log_norm: float, log_radius: float = math.inf
) -> Estimate:
    """Logarithm of the time that the product takes to grow from |w| = e^log_norm to e^log_radius, while it is small.

    Derived: along the straight line of `early_cosine`, time = kappa^{2-L} / |G| int sin^{L-3} from the final angle to
    the initial one, with kappa = |w|^{1/L} sin. For L >= 3 the time to any radius is finite, and almost all of it
    passes next to the saddle.

    Args:
        problem: a plain network of depth 2 or more; sigma w_star must not be zero.
        direction: of the product at time 0, shape (d,), not zero.
        log_norm: of the product at time 0; e^log_norm may be too small for a float.
        log_radius: above log_norm; inf for the whole escape of networks of depth 3 or more.

    Returns:
        Exact to the precision of a quadrature; inf if the product never grows (it starts opposite to G), or for depth 2
        and an infinite radius.

    Raises:
        InputError: if a value is out of range.
    """
    cosine, sine, slope = angle_to_slope(problem, direction)
    start = finite_number("log_norm", log_norm)
    if not log_radius > start:
        raise InputError(f"log_radius must be > log_norm = {start:g}, got {log_radius}")
    depth, shrunk = problem.depth, math.exp((start - log_radius) / problem.depth)
    if sine == 0:
        integral = _straight(depth, shrunk) if cosine > 0 else math.inf
    else:
        integral = _turning(depth, sine, cosine, shrunk)
    return Estimate.exact((2 / depth - 1) * start - math.log(slope) + integral)


def _straight(depth: int, shrunk: float) -> float:
    """Log of the integral of s^{1-L} ds from 1 to 1 / shrunk, for a start along G."""
    if depth == 2:
        return math.log(-math.log(shrunk)) if shrunk > 0 else math.inf
    return math.log(-math.expm1((depth - 2) * math.log(shrunk)) if shrunk > 0 else 1.0) - math.log(depth - 2)


def _turning(depth: int, sine: float, cosine: float, shrunk: float) -> float:
    """Log of sin^{2-L} of the initial angle times the integral of sin^{L-3} between the angles."""
    first, last = math.atan2(sine, cosine), math.asin(sine * shrunk)
    if depth == 2:
        return math.log(_log_tangent(first) - _log_tangent(last)) if last > 0 else math.inf
    log_top = math.log(math.sin(min(first, math.pi / 2)))
    area = quad(
        lambda angle: math.exp((depth - 3) * (math.log(math.sin(angle)) - log_top)),
        last,
        first,
        points=[math.pi / 2] if first > math.pi / 2 else None,
        epsabs=0.0,
        epsrel=1e-13,
    )[0]
    return (2 - depth) * math.log(sine) + (depth - 3) * log_top + math.log(area)


def _log_tangent(angle: float) -> float:
    return math.log(math.tan(angle / 2))


def angle_to_slope(problem: DeepLinear, direction: ArrayLike) -> tuple[float, float, float]:
    """Cosine and sine of the angle between a direction and G = 2 sigma w_star, and |G|.

    Raises:
        InputError: if the network or the direction is of another kind.
    """
    require_plain(problem)
    data = problem.regression
    slope, vector = 2 * data.sigma @ data.w_star, finite_array("direction", direction, ndim=1)
    if problem.depth == 1 or not np.any(slope):
        raise InputError("the saddle at zero needs depth 2 or more and a sigma w_star that is not zero")
    if vector.shape != slope.shape or not np.any(vector):
        raise InputError(f"direction must be {slope.size} numbers, not all zero")
    unit, goal = vector / np.linalg.norm(vector), slope / np.linalg.norm(slope)
    cosine = float(unit @ goal)
    return cosine, float(np.linalg.norm(unit - cosine * goal)), float(np.linalg.norm(slope))

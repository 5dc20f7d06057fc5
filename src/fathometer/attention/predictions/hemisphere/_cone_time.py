"""How long tokens in an open hemisphere can take to become one cluster: the cone lemma, with the width at every moment.

In the chart y_i = x_i / <x_i, w> both models read dy_i/dt = sum_j b_ij (y_j - y_i) with b_ij = a_ij h_j / h_i, where
h_i = <x_i, w> and a_ij >= m_j exp(-beta (1 - <x_i, x_j>)). If all chart distances are at most u, then

    1 - <x_i, x_j> <= 2 u^2 / (4 + u^2)    (a segment of length u is seen under at most 2 arctan(u/2) from its distance)
    h_j / h_i      >= max(r_0, exp(-arsinh(u/2)))

and masses sum to 1, so that the width in every direction, and with it the diameter u, falls at the rate

    rho(u) = max(r_0, exp(-arsinh(u/2))) exp(-2 beta u^2 / (4 + u^2)),    which tends to 1 with u.

The time from u = D to u = c is at most the integral of 1 / (u rho(u)) over (c, D): here over s = log u, where the log
of the integrand is a convex function plus one that is convex below u = 2 and concave above. Chords of what is convex
and tangents of what is concave, on cells that end at 2, bound it from above; their exponentials integrate in closed
form.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from fathometer.attention.model._system import Model
from fathometer.attention.observables.clusters._clusters import default_resolution

Vector = Float[np.ndarray, " s"]

_CELLS = 1024
_EFOLDS = 60.0
"""E-folds below the first integrand that are resolved finely."""
_ROUNDING = 1e-12
"""Room for roundings in a log time, beside those of the exponent."""


class ConeCourse(NamedTuple):
    """How narrow the chart is at the latest.

    Attributes:
        widths: shape (s,), descending from the first width to the last.
        log_times: log of the time by which the chart is at most that wide, shape (s,); -inf for the first.
    """

    widths: Vector
    log_times: Vector


def chart_width(chord: float) -> float:
    """Width of the chart below which all chords are below `chord`, in (0, 2): 2 tan(t/2) for the angle t."""
    return chord / math.sqrt(1 - chord**2 / 4)


def contraction(width: float, margin: float, beta: float) -> float:
    """Rate rho(u) that the chart contracts at, at least, while it is at most that wide; rounded down.

    Args:
        width: u, at least 0.
        margin: r_0, in (0, 1].
        beta: inverse temperature, >= 0.
    """
    exponent = min(math.asinh(width / 2), -math.log(margin)) + beta * _fall(width)
    return math.exp(-exponent - _rounding(exponent))


def fastest_contraction(width: float, beta: float, model: Model) -> float:
    """Rate that the chart contracts at, at most, while it is at most that wide; rounded up.

    b_ij <= m_j exp(arsinh(u/2)) / Z_i, with Z_i = 1 for USA and Z_i >= exp(-2 beta u^2 / (4 + u^2)) for SA.

    Args:
        width: u, at least 0.
        beta: inverse temperature, >= 0.
        model: SA or USA.
    """
    exponent = math.asinh(width / 2) + (beta * _fall(width) if model is Model.SA else 0.0)
    return math.exp(exponent + _rounding(exponent))


def cone_course(margin: float, width: float, beta: float, last: float | None = None) -> ConeCourse:
    """Bound the width of the chart at every time, for tokens of any masses in any dimension, SA and USA.

    Args:
        margin: r_0 = min_i <x_i, w> at the start, or less, in (0, 1].
        width: diameter D of the chart at the start, or more; cut at 2 sqrt(1/r_0^2 - 1), which none exceeds.
        beta: inverse temperature, >= 0.
        last: width at which the course ends; if not given, the one where all chords are 0.1/sqrt(max(1, beta)).

    Returns:
        The course; of one entry, at time 0, if the chart is as narrow as that at the start.
    """
    end = chart_width(default_resolution(beta)) if last is None else last
    start = min(width, 2 * math.sqrt(max(1 / margin**2 - 1, 0.0))) * (1 + 1e-14)
    if start <= end:
        return ConeCourse(np.array([start]), np.array([-np.inf]))
    nodes = _nodes(start, end, margin, beta)
    logs = _log_of_cells(nodes, margin, beta)[::-1]
    top = float(np.max(logs))
    elapsed = np.logaddexp.accumulate(logs) + _rounding(top)
    return ConeCourse(np.exp(nodes[::-1]), np.concatenate([[-np.inf], elapsed]))


def cone_log_time(margin: float, width: float, beta: float, last: float | None = None) -> float:
    """Log of the time by which the tokens are one cluster at the latest; -inf if they are so at the start.

    Args:
        margin: as for `cone_course`.
        width: as for `cone_course`.
        beta: inverse temperature, >= 0.
        last: as for `cone_course`.
    """
    return float(cone_course(margin, width, beta, last).log_times[-1])


def _fall(widths: Any) -> Any:
    """Largest 1 - <x, y> of tokens within a distance of the chart."""
    return 2 * widths**2 / (4 + widths**2)


def _log_lift(widths: Vector) -> Vector:
    """Largest log of h_i / h_j of tokens within a distance of the chart, wherever they are."""
    return np.arcsinh(widths / 2)


def _nodes(start: float, end: float, margin: float, beta: float) -> Vector:
    """Logs of widths: evenly, finely near the first width, and where its parts change their shape."""
    low, high = math.log(end), math.log(start)
    steepest = max(16 * beta * start**2 / (4 + start**2) ** 2, 1.0)
    fine = high - np.linspace(0, min(high - low, _EFOLDS / steepest), _CELLS + 1)
    marks = np.log([2.0, (1 / margin - margin) if margin < 1 else 2.0])
    nodes = np.unique(np.concatenate([np.linspace(low, high, _CELLS + 1), fine, marks]))
    return nodes[(nodes >= low) & (nodes <= high)]


def _log_of_cells(nodes: Vector, margin: float, beta: float) -> Float[np.ndarray, " cells"]:
    """Logs of upper bounds of the integral over every cell between two nodes."""
    widths, lengths = np.exp(nodes), np.diff(nodes)
    lift = np.minimum(_log_lift(widths), -math.log(margin))
    fall = beta * _fall(widths)
    middle = np.exp((nodes[1:] + nodes[:-1]) / 2)
    rise = beta * 16 * middle**2 / (4 + middle**2) ** 2 * lengths  # of the tangent in the middle
    concave = middle > 2
    low = lift[:-1] + np.where(concave, beta * _fall(middle) - rise / 2, fall[:-1])
    high = lift[1:] + np.where(concave, beta * _fall(middle) + rise / 2, fall[1:])
    gap = np.maximum(high - low, 1e-12)
    return np.log(lengths) + high + np.log(-np.expm1(-gap) / gap)


def _rounding(exponent: float) -> float:
    return _ROUNDING + 16 * np.finfo(float).eps * abs(exponent)

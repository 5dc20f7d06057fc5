"""Gradient flow of a balanced network, as a closed equation for its product in d dimensions."""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from fathometer.deep_linear.dynamics.flow._clock import Course, Limits, Method, Motion, Records, run_out
from fathometer.deep_linear.dynamics.flow._flow_record import (
    PACKAGES,
    ending_events,
    excess_estimate,
    follow,
    follow_again,
    moved_course,
    read_schedule,
    relative_estimate,
    stopped,
    time_axis,
)
from fathometer.deep_linear.model._flow_problem import BalancedFlow
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.predictions.sharpness._balanced_spectrum import balanced_path_sharpness
from fathometer.evidence import (
    Estimate,
    Origin,
    Provenance,
    Trajectory,
    finite_array,
    finite_number,
    widened,
)
from fathometer.numerics import LOOSER


def balanced_flow(
    problem: DeepLinear,
    product: ArrayLike,
    times: ArrayLike | None = None,
    *,
    until: float = math.inf,
    points: int = 200,
    convergence: float = 1e-12,
    tolerance: float = 1e-11,
    stiff: bool = False,
) -> Trajectory:
    """Integrate dw/dt = -|w|^{2-2/L} (g + (L-1) u <u, g>), u = w / |w|, with an adaptive method of order 8.

    Derived: in x = |w|^{1/L} u, the only non-zero row of the first layer in its own basis, it reads
    dx/dt = -|x|^{L-1} g. See `flow` for the clock; the source of the equation is Arora, Cohen and Hazan (2018).

    Args:
        problem: a plain network.
        product: w at time 0, shape (d,), not zero.
        times: where to observe, as for `flow`; equal distances on the clock if it is None.
        until: end of the run if `times` is None.
        points: number of observations if `times` is None.
        convergence: relative excess risk at which the run ends, in [0, 1).
        tolerance: relative error of a step, in [1e-13, 1e-6].
        stiff: whether to take an implicit method, for very ill-conditioned data; see `flow`.

    Returns:
        Along time: state w, observed `excess_risk` and `sharpness` (of the whole network); events as for `flow`.

    Raises:
        InputError: if a value is out of range, shapes do not fit, or the run ends before the first of `times`.
    """
    start = BalancedFlow(problem, finite_array("product", product))
    schedule, explained = (
        read_schedule(times, until, points, convergence, tolerance, stiff),
        problem.regression.explained,
    )
    scale = explained if explained > 0 else float(_excess(problem, start.product))
    course = _course(start)
    run, at, rows = follow(course, schedule, scale)
    axis, again = time_axis(at), follow_again(course, schedule, scale, at)
    provenance = Provenance.here(packages=PACKAGES, device=jax.default_backend())

    def seen(rows: Float[Array, "T d"]) -> Trajectory:
        w = _products(problem, np.asarray(rows))
        top = np.asarray(balanced_path_sharpness(problem, w).value)
        observed = {
            "excess_risk": excess_estimate(_excess(problem, w), explained, schedule.tolerance, axis),
            "sharpness": relative_estimate(top, problem.depth * schedule.tolerance, axis),
        }
        return Trajectory(start, axis, {"w": w}, Origin.SIMULATED, observed, ending_events(run), provenance)

    return seen(rows).checked([] if again is None else [seen(again)])


def balanced_escape_time(
    problem: DeepLinear, product: ArrayLike, radius: float, *, tolerance: float = 1e-11
) -> Estimate:
    """Time at which the product of a balanced network first reaches a norm.

    Args:
        problem: a plain network.
        product: w at time 0, shape (d,), not zero.
        radius: above |w(0)|.
        tolerance: relative error of a step, in [1e-13, 1e-6].

    Returns:
        Heuristic, with 100 tolerances of the time as error bars, or what a second run gives if that is more; inf
        from the end of the run on if it converges to a minimizer or rests before.

    Raises:
        InputError: if a value is out of range or shapes do not fit.
    """
    start = BalancedFlow(problem, finite_array("product", product))
    goal = finite_number("radius", radius, above=float(np.linalg.norm(start.product)))
    precision = finite_number("tolerance", tolerance, at_least=1e-13, at_most=1e-6)
    course = _course(start, goal ** (1 / problem.depth))
    ways = ((course, precision), (moved_course(course), LOOSER * precision))
    time, again = (_escape(problem, way, goal, error) for way, error in ways)
    return widened(time, [again])


def _escape(problem: DeepLinear, course: Course, goal: float, precision: float) -> Estimate:
    limits, method = Limits(jnp.zeros(()), jnp.asarray(math.inf)), Method(jnp.asarray(precision))
    run = run_out(course, limits, method)
    if not run.converged:
        return Estimate.enclosed(math.inf, float(run.time), math.inf)
    clocks = np.asarray(run.clocks)[np.isfinite(np.asarray(run.clocks))]

    def missing(clock: float) -> float:
        return goal - float(np.linalg.norm(_products(problem, np.asarray(at(clock).states))))

    def at(clock: float) -> Records:
        return stopped(course, np.array([clock]), method)

    time = float(at(float(brentq(missing, clocks[-2], clocks[-1], xtol=1e-14))).times[0])  # type: ignore[arg-type]
    slack = 100 * precision * time
    return Estimate.heuristic(time, time - slack, time + slack)


def balanced_velocity(problem: DeepLinear, product: ArrayLike) -> NDArray[np.float64]:
    """Right-hand side -|w|^{2-2/L} (g + (L-1) u <u, g>) of the equation of `balanced_flow`.

    Args:
        problem: a plain network.
        product: w, shape (..., d), not zero.
    """
    w = np.asarray(product, np.float64)
    slope = 2 * (w - problem.regression.w_star) @ problem.regression.sigma
    norm = np.linalg.norm(w, axis=-1, keepdims=True)
    along = np.sum(w * slope, axis=-1, keepdims=True) / norm**2 * w
    return -(norm ** (2 - 2 / problem.depth)) * (slope + (problem.depth - 1) * along)


class BalancedSetting(NamedTuple):
    """What the law of a balanced network depends on, and the radius |x| at which it has escaped; 0 for none."""

    sigma: Float[Array, "d d"]
    w_star: Float[Array, " d"]
    depth: Float[Array, ""]
    curvature: Float[Array, ""]  # 2 L lambda_max
    radius: Float[Array, ""]


def balanced_law(row: Float[Array, " d"], setting: BalancedSetting) -> Motion:
    """Velocity -|x|^{L-1} g of the first layer x; the clock runs at the pace of x and that near a minimizer.

    With a radius, what is missing to it takes the place of the excess risk.
    """
    norm = jnp.linalg.norm(row)
    gain = norm ** (setting.depth - 1)
    error = gain * row - setting.w_star
    half_slope = setting.sigma @ error
    velocity = -2 * gain * half_slope
    pace = jnp.where(norm > 0, jnp.linalg.norm(velocity) / jnp.where(norm > 0, norm, 1.0), 0.0)
    left = jnp.where(setting.radius > 0, setting.radius - norm, error @ half_slope)
    return Motion(velocity, pace + setting.curvature * gain**2, left)


def _course(start: BalancedFlow, radius: float = 0.0) -> Course:
    """What is followed from a start, up to a radius |x| if one is given."""
    data, depth = start.network.regression, start.network.depth
    numbers = data.sigma, data.w_star, float(depth), 2 * depth * data.lambda_max, radius
    return Course(balanced_law, _row(start), BalancedSetting(*map(jnp.asarray, numbers)))


def _row(start: BalancedFlow) -> Float[Array, " d"]:
    """X = |w|^{1/L - 1} w."""
    norm = float(np.linalg.norm(start.product))
    return jnp.asarray(start.product / norm * norm ** (1 / start.network.depth))


def _products(problem: DeepLinear, rows: Float[np.ndarray, "T d"]) -> Float[np.ndarray, "T d"]:
    return rows * np.linalg.norm(rows, axis=-1, keepdims=True) ** (problem.depth - 1)


def _excess(problem: DeepLinear, w: Float[np.ndarray, "*batch d"]) -> Float[np.ndarray, "*batch"]:
    return np.asarray(np.sum(((w - problem.regression.w_star) @ problem.regression.half.T) ** 2, axis=-1))

"""How tokens in caps move: the three steps by which metastability is proved, on any state of tokens in caps."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from fathometer.attention.model._field import velocity
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.attention.observables.caps._widths import axis_times
from fathometer.evidence import AtLeast, Axis, Estimate, Problem, Trajectory

_ROUNDING = 4e-15


def drift_of_lowest(trajectory: Trajectory) -> Estimate:
    """d/dt <x_i, w_q> of the token of each cap that is farthest from its centre w_q, the smallest one, for each state.

    Exact for the state as given, up to rounding: what is said holds for every state in the caps.
    """
    cloud = SeparatedCloud.expect(trajectory.problem)
    heights, rates = _heights_and_rates(trajectory)
    own = cloud.members
    lowest = [_at_lowest(heights[:, own == q, q], rates[:, own == q, q]) for q in np.unique(own)]
    return _rounded(np.min(lowest, axis=0), trajectory.axis)


def excess_tightening(trajectory: Trajectory, sign: float = -1.0) -> Estimate:
    """Rate d rho_q/dt less (2 / n) rho_q (1 - rho_q) exp(-beta (1 - rho_q)), the smallest over the caps.

    For each state. Here rho_q is the smallest <x_i, x_j> in a cap, and its derivative is that of the pair that attains
    it. Caps with one token do not count.

    Args:
        trajectory: with states "points"; its problem is a `SeparatedCloud`.
        sign: of the exponent; 1 is how it is printed where the stopping time is defined.
    """
    cloud = SeparatedCloud.expect(trajectory.problem)
    groups = [np.flatnonzero(cloud.members == q) for q in range(len(cloud.centres))]
    rates = [_tightening(trajectory, group, sign) for group in groups if len(group) > 1]
    return _rounded(np.min(rates, axis=0) if rates else np.full(len(trajectory.axis), np.nan), trajectory.axis)


def not_below(log_bound: float, problem: Problem, axis: Axis | None) -> AtLeast:
    """At least -exp(log_bound) until T_2, and nothing after.

    Args:
        log_bound: log of how far below 0 the quantity may be.
        problem: a `SeparatedCloud`.
        axis: of time or log time.

    Raises:
        InputError: if the axis is another one, or none.
    """
    until = axis_times(axis) <= SeparatedCloud.expect(problem).log_exit_time.value
    return AtLeast(np.where(until, -np.exp(log_bound), -np.inf))


@partial(jax.jit, static_argnames="model")
def _velocities(states, masses, beta, model):
    return jax.lax.map(lambda points: velocity(points, masses, beta, model), states)


def _moving(trajectory: Trajectory) -> tuple[Float[np.ndarray, "t n d"], Float[np.ndarray, "t n d"]]:
    system, points = SeparatedCloud.expect(trajectory.problem).system, trajectory.states["points"]
    arrays = map(jnp.asarray, (points, system.masses, system.beta))
    return points, np.asarray(_velocities(*arrays, system.model))


def _heights_and_rates(trajectory: Trajectory) -> tuple[Float[np.ndarray, "t n k"], Float[np.ndarray, "t n k"]]:
    centres = SeparatedCloud.expect(trajectory.problem).centres
    points, speeds = _moving(trajectory)
    return points @ centres.T, speeds @ centres.T


def _tightening(trajectory: Trajectory, group: Int[np.ndarray, " g"], sign: float) -> Float[np.ndarray, " t"]:
    cloud = SeparatedCloud.expect(trajectory.problem)
    first, second = (group[index] for index in np.triu_indices(len(group), 1))
    points, speeds = _moving(trajectory)
    gaps = np.sum((points[:, first] - points[:, second]) ** 2, axis=-1) / 2
    rates = -np.sum((points[:, first] - points[:, second]) * (speeds[:, first] - speeds[:, second]), axis=-1)
    widest = np.max(gaps, axis=1)
    pull = 2 / len(points[0]) * widest * (1 - widest) * np.exp(sign * cloud.system.beta * widest)
    return _at_lowest(-gaps, rates) - pull


def _at_lowest(keys: Float[np.ndarray, "t m"], values: Float[np.ndarray, "t m"]) -> Float[np.ndarray, " t"]:
    return np.take_along_axis(values, np.argmin(keys, axis=1)[:, None], axis=1)[:, 0]


def _rounded(values: Float[np.ndarray, " t"], axis: Axis) -> Estimate:
    return Estimate.heuristic(values, values - _ROUNDING, values + _ROUNDING, along=axis)

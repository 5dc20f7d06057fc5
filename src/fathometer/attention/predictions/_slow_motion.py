"""How slowly two clusters approach each other, to leading order in beta."""

import numpy as np
from jaxtyping import Float

from fathometer.attention.model._hessian import pull_slope
from fathometer.attention.model._system import Model, ParticleSystem, read_model
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.attention.model.caps._slow_manifold import FLATNESS, plain_slow_manifold_constant, relative_leak
from fathometer.attention.observables._two_tokens import antipodal_deviation
from fathometer.attention.observables.caps._slow_manifold import ROOT_ERROR, initial_root_deficit
from fathometer.attention.observables.caps._widths import axis_times
from fathometer.attention.observables.paths._polyak_lojasiewicz import smallest_arc
from fathometer.attention.predictions._closed_forms import log_tangent_ratio, two_cluster_log_time
from fathometer.evidence import Axis, Estimate, InputError, finite_array, finite_number

LINEAR_UP_TO = 0.05
"""Deviation from antipodal, in radians, below which the escape is linear to 2 %."""


def log_closing_rate(gap: float, beta: float, masses: tuple[float, float], model: Model | str) -> Estimate:
    """Log of -dw/dt for two isolated clusters at the angle w.

    USA: (m_1 + m_2) q sin w; SA: q sin w (m_1/(m_2 + m_1 q) + m_2/(m_1 + m_2 q)); q = exp(-beta (1 - cos w)) (derived).

    Args:
        gap: w in radians, in (0, pi).
        beta: inverse temperature, >= 0.
        masses: shares of the total mass 1.
        model: SA or USA.

    Raises:
        InputError: if a value is not as above.
    """
    (first, second), gap = _shares(masses), finite_number("gap", gap, above=0, below=np.pi)
    log_q = -2 * finite_number("beta", beta, at_least=0) * np.sin(gap / 2) ** 2
    q = np.exp(log_q)
    sa = read_model(model) is Model.SA
    pull = first / (second + first * q) + second / (first + second * q) if sa else first + second
    return Estimate.exact(log_q + np.log(np.sin(gap) * pull))


def log_prefactor(gap: float, masses: tuple[float, float], model: Model | str) -> float:
    """Log of m_1 m_2 / ((m_1^2 + m_2^2) sin^2 w) for SA and of 1 / ((m_1 + m_2) sin^2 w) for USA.

    Args:
        gap: w in radians, in (0, pi).
        masses: shares of the total mass 1.
        model: SA or USA.

    Raises:
        InputError: if the masses or the model are not as above.
    """
    first, second = _shares(masses)
    sa = read_model(model) is Model.SA
    weight = first * second / (first**2 + second**2) if sa else 1 / (first + second)
    return float(np.log(weight) - 2 * np.log(np.sin(gap)))


def leading_coalescence_log_time(gap: float, beta: float, masses: tuple[float, float], model: Model | str) -> Estimate:
    """Log of the time in which two isolated clusters merge, for large beta.

    To leading order beta (1 - cos w) - log(beta) + `log_prefactor`. The bars are twice the next two terms,
    2 cos w / (beta sin^2 w) and (8 cos^2 w + 2 sin^2 w) / (beta^2 sin^4 w) (derived by Laplace's method at the starting
    gap; at a right angle the first of them is zero); heuristic. `two_cluster_log_time` has all digits.

    Args:
        gap: w at time 0 in radians, in (0, pi).
        beta: inverse temperature, > 0.
        masses: shares of the total mass 1.
        model: SA or USA.

    Raises:
        InputError: if a value is not as above.
    """
    gap, beta = finite_number("gap", gap, above=0, below=np.pi), finite_number("beta", beta, above=0)
    value = 2 * beta * np.sin(gap / 2) ** 2 - np.log(beta) + log_prefactor(gap, masses, model)
    cosine, reach = np.cos(gap), beta * np.sin(gap) ** 2
    error = 4 * abs(cosine) / reach + (16 * cosine**2 + 4 * np.sin(gap) ** 2) / reach**2
    return Estimate.heuristic(value, value - error, value + error)


def partition_shift(gap: float, contact: float, beta: float, masses: tuple[float, float]) -> float:
    """What the partition functions of SA add to `leading_coalescence_log_time`, relative to its bars (derived).

    With q = exp(-beta (1 - cos w)), P = m_1 m_2 and S = m_1^2 + m_2^2 the time is the integral over w of
    (P/(S q) + r)/sin w with 0 <= r <= 1: the second term is at most log(tan(w/2)/tan(contact/2)).

    Args:
        gap: w at time 0 in radians, in (0, pi).
        contact: gap at the end in radians, in (0, gap).
        beta: inverse temperature, > 0.
        masses: shares of the total mass 1.
    """
    time = leading_coalescence_log_time(gap, beta, masses, Model.SA)
    added = np.logaddexp(0.0, np.log(log_tangent_ratio(gap, contact)) - time.value)
    return float(added / (time.upper - time.value))


def limit_merge_fraction(masses: tuple[float, float], model: Model | str) -> float:
    """Share of the gap that the first cluster travels, in the limit of large beta.

    It is m_2^2/(m_1^2 + m_2^2) for SA and m_2/(m_1 + m_2) for USA (derived).
    """
    first, second = np.power(_shares(masses), 2 if read_model(model) is Model.SA else 1)
    return float(second / (first + second))


def escape_rate(system: ParticleSystem) -> float:
    """Growth rate of the deviation of two tokens from antipodal, linearised (derived).

    q = exp(-2 beta) for USA, q (m_1/(m_2 + m_1 q) + m_2/(m_1 + m_2 q)) for SA.
    """
    return float(np.exp(_log_escape_rate(system)))


def _log_escape_rate(system: ParticleSystem) -> float:
    (first, second), q = system.masses, float(np.exp(-2 * system.beta))
    share = 1.0 if system.model is Model.USA else first / (second + first * q) + second / (first + second * q)
    return float(np.log(share) - 2 * system.beta)


def escape_range(
    system: ParticleSystem, log_times: Float[np.ndarray, " t"]
) -> tuple[Float[np.ndarray, " t"], Float[np.ndarray, " t"]]:
    """Growth of the log of the deviation of two tokens from antipodal, rate times time to 2 %, while it is below 0.05.

    No limits after that, and none at all if tokens that never move would be within all of them.
    """
    with np.errstate(over="ignore"):
        growth = np.exp(_log_escape_rate(system) + log_times)
    linear = growth <= np.log(LINEAR_UP_TO / antipodal_deviation(system.points))
    growth = np.where(linear, growth, 0.0)
    room = 0.02 * (growth + 1e-3)
    room = np.where(linear & np.any(growth > room), room, np.inf)
    return growth - room, growth + room


def pairing_limit_log_time(gap: float, contact: float, beta: float) -> float:
    """Log of the time from a gap w to contact if a pair moved as dx_1/ds = P x_2, dt = exp(beta (1 - cos w)) ds.

    Printed as the limit of the closest pair (Geshkovski et al. 2024): its cosine is tanh(2 s + const). It is not, for
    the pull grows by exp(beta (1 - cos w)) while the gap closes.

    Args:
        gap: w at time 0 in radians, in (0, pi).
        contact: gap at the end in radians, in (0, gap).
        beta: inverse temperature, >= 0.
    """
    elapsed = (np.arctanh(np.cos(contact)) - np.arctanh(np.cos(gap))) / 2
    return float(2 * beta * np.sin(gap / 2) ** 2 + np.log(elapsed))


def cluster_pl_constant(system: ParticleSystem) -> float:
    """Polyak-Lojasiewicz constant of tokens on the circle within an arc r that is below the interaction range.

    The smallest mass times the smallest slope of the pull on [0, r], from v^T Hess E v =
    -(1/2) sum_ij m_i m_j g(theta_i - theta_j) (v_i - v_j)^2 (derived).
    """
    slopes = pull_slope(np.linspace(0, smallest_arc(system.points), 1000), system.beta)
    return float(np.min(slopes) * np.min(system.masses))


def slow_manifold_constant(cloud: SeparatedCloud) -> float:
    """Kappa = 0.97 (1 - 2 q)/(1 + 2 q) min_q n_q / n^2 of the energy around the slow manifold, q the `relative_leak`.

    Off the slow manifold, with tokens within `reach` of each other, E inside the caps is strongly concave across it
    with 0.97 min_q n_q / n^2 =: mu, so that the squares of the forces inside are at least 2 mu D, D what the caps miss.
    Leaks are at most q times these forces: |grad E|^2 >= (1 - q)^2 2 mu D, and E(v) - E <= (1 + 2 q) D with v every cap
    collapsed to its mean angle (derived). It is at most `plain_slow_manifold_constant`, to which it tends but for 3 %.
    """
    leak = relative_leak(cloud)
    return FLATNESS * (1 - 2 * leak) / (1 + 2 * leak) * plain_slow_manifold_constant(cloud)


def relaxation_bound(
    cloud: SeparatedCloud, axis: Axis | None, kappa: float, constant: float
) -> Float[np.ndarray, " t"]:
    """exp(-kappa n t) f(0) + C exp(-lambda beta / 2), with room for the solver, until T_2; no bound after.

    f = sqrt(E(v) - E), v with every cap collapsed. With the `slow_manifold_constant` as kappa and C = 1 it holds: off
    the slow manifold d f^2/ds <= -2 kappa f^2 in the time s = n t of steepest ascent, on it f <= exp(-lambda beta / 2)
    (derived).

    Args:
        cloud: tokens in caps on the circle, under USA.
        axis: of time or log time.
        kappa: rate, > 0.
        constant: C >= 0.

    Raises:
        InputError: if the axis is another one, or none.
    """
    log_times, floor = axis_times(axis), constant * np.exp(-cloud.rate * cloud.system.beta / 2)
    with np.errstate(over="ignore"):
        decay = np.exp(-kappa * len(cloud.system.points) * np.exp(log_times))
    bound = decay * initial_root_deficit(cloud) + floor + 2 * ROOT_ERROR
    return np.where(log_times <= cloud.log_exit_time.value, bound, np.inf)


def contact_log_time(gap: float, contact: float, beta: float, masses: tuple[float, float], model: Model) -> float:
    """Log of the time in which two isolated clusters close their gap to contact; -inf if they are in contact already.

    Args:
        gap: angle in radians, in [0, pi).
        contact: angle in radians at which they are in contact, > 0.
        beta: inverse temperature, >= 0.
        masses: shares of the total mass 1.
        model: SA or USA.

    Raises:
        InputError: if a value is not as above.
    """
    return -np.inf if gap <= contact else float(two_cluster_log_time(gap, contact, beta, masses, model).value)


def _shares(masses: tuple[float, float]) -> tuple[float, float]:
    array = finite_array("masses", masses, ndim=1)
    if array.shape != (2,) or np.any(array <= 0) or array.sum() > 1 + 1e-12:
        raise InputError(f"masses must be two positive shares of the total mass 1, got {array.tolist()}")
    return float(array[0]), float(array[1])

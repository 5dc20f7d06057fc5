"""How slowly two clusters approach each other, to leading order in beta."""

import numpy as np

from fathometer.attention.model._system import Model, read_model
from fathometer.attention.predictions._closed_forms import two_cluster_log_time
from fathometer.evidence import Estimate, InputError, finite_array, finite_number


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
    """Log of m_1 m_2 / ((m_1^2 + m_2^2) sin^2 w) for SA and of 1 / ((m_1 + m_2) sin^2 w) for USA."""
    first, second = _shares(masses)
    sa = read_model(model) is Model.SA
    weight = first * second / (first**2 + second**2) if sa else 1 / (first + second)
    return float(np.log(weight) - 2 * np.log(np.sin(gap)))


def leading_coalescence_log_time(gap: float, beta: float, masses: tuple[float, float], model: Model | str) -> Estimate:
    """Log of the time in which two isolated clusters merge, for large beta.

    To leading order beta (1 - cos w) - log(beta) + `log_prefactor`. The bars are twice the next two terms,
    2 cos w / (beta sin^2 w) and (8 cos^2 w + 2 sin^2 w) / (beta^2 sin^4 w) (derived by Laplace's method at the starting
    gap; at a right angle the first of them is zero); heuristic. `two_cluster_log_time` has all digits. Arguments as for
    `log_closing_rate`, beta > 0.

    Raises:
        InputError: if a value is not as above.
    """
    gap, beta = finite_number("gap", gap, above=0, below=np.pi), finite_number("beta", beta, above=0)
    value = 2 * beta * np.sin(gap / 2) ** 2 - np.log(beta) + log_prefactor(gap, masses, model)
    cosine, reach = np.cos(gap), beta * np.sin(gap) ** 2
    error = 4 * abs(cosine) / reach + (16 * cosine**2 + 4 * np.sin(gap) ** 2) / reach**2
    return Estimate.heuristic(value, value - error, value + error)


def limit_merge_fraction(masses: tuple[float, float], model: Model | str) -> float:
    """Share of the gap that the first cluster travels, in the limit of large beta.

    It is m_2^2/(m_1^2 + m_2^2) for SA and m_2/(m_1 + m_2) for USA (derived).
    """
    first, second = np.power(_shares(masses), 2 if read_model(model) is Model.SA else 1)
    return float(second / (first + second))


def contact_log_time(gap: float, contact: float, beta: float, masses: tuple[float, float], model: Model) -> float:
    """Log of the time from one gap to another; -inf if the clusters are in contact already."""
    return -np.inf if gap <= contact else float(two_cluster_log_time(gap, contact, beta, masses, model).value)


def _shares(masses: tuple[float, float]) -> tuple[float, float]:
    array = finite_array("masses", masses, ndim=1)
    if array.shape != (2,) or np.any(array <= 0) or array.sum() > 1 + 1e-12:
        raise InputError(f"masses must be two positive shares of the total mass 1, got {array.tolist()}")
    return float(array[0]), float(array[1])

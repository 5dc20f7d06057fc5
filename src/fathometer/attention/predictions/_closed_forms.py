"""Motions that are known in closed form, as quadratures in log domain.

All of them are one integral. On the logit scale z = log((1 + (n - 1) rho) / (1 - rho)) of the cosine rho between n
equiangular tokens, the time is the integral of exp(u) times a factor of order 1, where u = beta (1 - rho) falls from
u_0 as u_0 - u = u_0 (1 - e^-delta) / (1 + a e^-delta), delta = z - z_0, a = (n - 1) e^-z_0. No digits are lost in
u_0 - u, and exp(u_0) is factored out. Two clusters at the angle w are n = 2, rho = cos w.
"""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from fathometer.attention.model._system import Model, read_model
from fathometer.evidence import Estimate, InputError, finite_array, finite_number, whole_number

Vector = NDArray[np.float64]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_EFOLDS = np.arange(0.0, 62.0, 2.0)


def two_cluster_log_time(
    gap_start: float, gap_end: float, beta: float, masses: tuple[float, float], model: Model | str
) -> Estimate:
    """Natural logarithm of the time in which two isolated clusters close their angle from one gap to another.

    The gap w obeys dw/dt = -M q sin w for USA and -q sin w (m_1/(m_2 + m_1 q) + m_2/(m_1 + m_2 q)) for SA, with
    M = m_1 + m_2 and q = exp(-beta (1 - cos w)) (derived; both clusters stay on a great circle). Exact to 2e-15 plus
    four roundings of the result, however close the two gaps are.

    Args:
        gap_start: angle in radians, below pi.
        gap_end: angle in radians, between 0 and `gap_start`, both excluded.
        beta: inverse temperature, >= 0.
        masses: shares of the total mass 1; other clusters are taken to be infinitely slow.
        model: SA or USA.

    Raises:
        InputError: if a value is not as above.
    """
    start, end, beta = _gaps(gap_start, gap_end, beta)
    first, second = _shares(masses)
    product, squares = first * second, first**2 + second**2

    def log_factor(u: Vector) -> Vector:
        q = np.exp(-u)
        return np.log(product * (1 + q**2) + squares * q) - np.log(squares + 2 * product * q)

    constant = read_model(model) is Model.USA
    factor = (lambda u: np.full_like(u, -np.log(first + second))) if constant else log_factor
    top, odds = 2 * beta * np.sin(start / 2) ** 2, np.tan(start / 2) ** 2
    return Estimate.exact(_log_integral(top, odds, 2 * log_tangent_ratio(start, end), factor) - np.log(2))


def log_tangent_ratio(start: float, end: float) -> float:
    """Log of tan(start / 2) / tan(end / 2) for angles 0 < end < start < pi, with all digits also where it is small."""
    return float(np.log1p(np.sin((start - end) / 2) / (np.cos(start / 2) * np.sin(end / 2))))


def two_cluster_merge_fraction(
    gap_start: float, beta: float, masses: tuple[float, float], model: Model | str
) -> Estimate:
    """Share of the gap that the first cluster has travelled when two isolated clusters have met.

    USA: m_2/(m_1 + m_2). SA: the mean over w in (0, gap_start) of m_2 (m_2 + m_1 q)/(m_1^2 + m_2^2 + 2 m_1 m_2 q),
    which tends to m_2^2/(m_1^2 + m_2^2) for large beta (derived).

    Args:
        gap_start: angle in radians, in (0, pi).
        beta: inverse temperature, >= 0.
        masses: shares of the total mass 1; other clusters are taken to be infinitely slow.
        model: SA or USA.

    Raises:
        InputError: if a value is not as above.
    """
    start, _, beta = _gaps(gap_start, gap_start / 2, beta)
    first, second = _shares(masses)
    if read_model(model) is Model.USA:
        return Estimate.exact(second / (first + second))
    reach = np.sqrt(2 * (40 + abs(np.log(first / second))) / max(beta, 1.0))
    nodes, weights = _gauss(np.unique(np.append(np.minimum(np.linspace(0, 4 * reach, 80), start), start)))
    q = np.exp(-2 * beta * np.sin(nodes / 2) ** 2)
    share = second * (second + first * q) / (first**2 + second**2 + 2 * first * second * q)
    return Estimate.exact(np.sum(weights * share) / start)


def equiangular_log_time(cosine_start: float, cosine_end: float, n: int, beta: float, model: Model | str) -> Estimate:
    """Natural logarithm of the time in which n tokens with one common cosine go from one value of it to another.

    The cosine rho obeys d rho/dt = 2 q (1 - rho) (1 + (n - 1) rho) / D with q = exp(-beta (1 - rho)), D = n for USA and
    D = 1 + (n - 1) q for SA (Geshkovski et al. 2023, section on high dimension; derived in closed form).

    Args:
        cosine_start: above -1/(n - 1).
        cosine_end: above `cosine_start`, below 1.
        n: number of tokens of equal mass, >= 2.
        beta: inverse temperature, >= 0.
        model: SA or USA.

    Raises:
        InputError: if a value is not as above.
    """
    n = whole_number("n", n, at_least=2)
    start = finite_number("cosine_start", cosine_start, above=-1 / (n - 1), below=1)
    end = finite_number("cosine_end", cosine_end, above=start, below=1)
    beta = finite_number("beta", beta, at_least=0)
    free = float(1 + (n - 1) * Fraction(start))
    length = np.log1p(n * (end - start) / ((1 - end) * free))
    return Estimate.exact(logit_log_time(length, start, n, beta, model))


def logit_log_time(length: float, start: float, n: int, beta: float, model: Model | str) -> float:
    """Natural logarithm of the time in which the logit of the common cosine grows by a length.

    Args:
        length: growth of the logit, positive.
        start: common cosine, in (-1/(n - 1), 1).
        n: number of tokens, at least 2.
        beta: inverse temperature, at least 0.
        model: SA or USA.
    """
    free = float(1 + (n - 1) * Fraction(start))
    sa = read_model(model) is Model.SA
    factor = (lambda u: np.log1p((n - 1) * np.exp(-u)) - np.log(n)) if sa else np.zeros_like
    return _log_integral(beta * (1 - start), (n - 1) * (1 - start) / free, length, factor) - np.log(2)


def collapse_log_time(start: float, deficit_end: float, beta: float) -> Estimate:
    """Natural logarithm of the time in which du/dt = u (1 - u) exp(beta (u - 1)) brings 1 - u down to a value.

    The comparison equation inside a cluster (Geshkovski, Koubbi, Polyanskiy and Rigollet 2024, proof of the main
    theorem).

    Args:
        start: initial u, in (0, 1).
        deficit_end: final 1 - u, above 0 and below the initial one.
        beta: inverse temperature, >= 0.

    Raises:
        InputError: if a value is not as above.
    """
    start = finite_number("start", start, above=0, below=1)
    end = finite_number("deficit_end", deficit_end, above=0, below=1 - start)
    beta = finite_number("beta", beta, at_least=0)
    if (rise := float(1 - Fraction(start) - Fraction(end))) <= 0:
        raise InputError(f"deficit_end must be below 1 - start, got {end:g} at start = {start:g}")
    length = np.log1p(rise / (start * end))
    return Estimate.exact(_log_integral(beta * (1 - start), (1 - start) / start, length, np.zeros_like))


def collapse_log_time_bound(start: float, exponent: float, beta: float) -> float:
    """Log of exp(beta (1 - u_0)) / u_0 + beta^2 c e / (beta - 1), which the time down to 1 - u = exp(-c beta) obeys.

    For the equation of `collapse_log_time` (Geshkovski, Koubbi, Polyanskiy and Rigollet 2024, scalar lemma).

    Args:
        start: initial u, in (0, 1).
        exponent: c > 0.
        beta: inverse temperature, > 1.
    """
    approach = beta * (1 - start) - np.log(start)
    decay = np.log(beta**2 * exponent / (beta - 1)) + 1
    return float(np.logaddexp(approach, decay))


def _log_integral(top: float, a: float, length: float, log_factor: Callable[[Vector], Vector]) -> float:
    """Log of the integral over delta in (0, length) of exp(u) times the factor, u as in the module's text, u_0 = top.

    Gauss quadrature on pieces of at most 1 in delta and 2 in u, down to 60 e-folds below the top.
    """
    falls = _EFOLDS[top > _EFOLDS] / top if top > 0 else np.zeros(1)
    marks = np.log1p(a * falls) - np.log1p(-falls)
    grid = np.linspace(0, length, int(np.ceil(length)) + 1)
    nodes, weights = _gauss(np.unique(np.append(grid, marks[marks < length])))
    fall = top * -np.expm1(-nodes) / (1 + a * np.exp(-nodes))
    return top + float(np.log(weights @ np.exp(log_factor(top - fall) - fall)))


def _gauss(marks: Float[np.ndarray, " marks"]) -> tuple[Float[np.ndarray, " nodes"], Float[np.ndarray, " nodes"]]:
    """Nodes and weights of 16-point Gauss quadrature on every piece between two marks."""
    half = np.diff(marks)[:, None] / 2
    return (marks[:-1, None] + half * (1 + _NODES)).ravel(), (half * _WEIGHTS).ravel()


def _gaps(gap_start: float, gap_end: float, beta: float) -> tuple[float, float, float]:
    start = finite_number("gap_start", gap_start, above=0, below=np.pi)
    end = finite_number("gap_end", gap_end, above=0, below=start)
    return start, end, finite_number("beta", beta, at_least=0)


def _shares(masses: tuple[float, float]) -> tuple[float, float]:
    array = finite_array("masses", masses, ndim=1)
    if array.shape != (2,) or np.any(array <= 0) or array.sum() > 1 + 1e-12:
        raise InputError(f"masses must be two positive shares of the total mass 1, got {array.tolist()}")
    return float(array[0]), float(array[1])

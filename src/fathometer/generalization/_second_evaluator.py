"""The bounds of the linear ledger a second time, from SciPy's own routines and no code of the catalogue."""

from collections.abc import Callable

import numpy as np
from scipy import optimize, special


def kl_upper(risk: float, c: float) -> float:
    """The p in [risk, 1] with kl(risk||p) = c, by Brent's method."""
    if _kl(risk, _BELOW_ONE) <= c:
        return 1.0
    return _root(lambda p: _kl(risk, p) - c, risk, _BELOW_ONE)


def kl_lower(risk: float, c: float) -> float:
    """The p in [0, risk] with kl(risk||p) = c, by symmetry."""
    return 1 - kl_upper(1 - risk, c)


def binomial_upper(errors: int, n: int, delta: float) -> float:
    """The p with P(Bin(n, p) <= errors) = delta, by Brent's method."""
    return 1.0 if errors == n else _root(lambda p: float(special.bdtr(errors, n, p)) - delta, 0, 1)


def gauss_width(lipschitz: float, radius: float, dim: int, m: int, delta: float) -> float:
    """Where 4 L a_d sqrt(2 m K) = d B^2 / (sigma (d sigma^2 + B^2)), by Brent's method on ln sigma."""

    def slope(t: float) -> float:
        sigma = np.exp(t)
        left = np.log(4 * lipschitz * _mean_norm(dim)) + np.log(2 * m * _gauss_budget(sigma, radius, dim, m, delta)) / 2
        return left - np.log(dim) - 2 * np.log(radius) + t + np.log(dim * sigma**2 + radius**2)

    start = float(np.log(radius))
    return float(np.exp(_root(slope, start - 60, start + 30)))


def evaluate(bound: str, inputs: dict[str, float]) -> float:
    """The value of one of the bounds of the linear ledger, to about 12 digits."""
    return _FORMULAS[bound](**inputs)


def _test_binomial(errors: int, n: int, delta: float) -> float:
    return binomial_upper(errors, n, delta)


def _occam(risk: float, hypotheses: int, m: int, delta: float) -> float:
    return kl_upper(risk, np.log(hypotheses / delta) / m)


def _maurer_seeger(risk: float, kl: float, m: int, delta: float) -> float:
    return kl_upper(risk, (kl + np.log(2 * np.sqrt(m) / delta)) / m)


def _w1_route_a(risk: float, lipschitz: float, distance: float, m: int, delta: float) -> float:
    return risk + 2 * lipschitz * distance + np.sqrt(np.log(1 / delta) / (2 * m))


def _risk_transport(risk: float, lipschitz: float, distance: float, m: int, delta: float) -> float:
    return kl_upper(risk, np.log(1 / delta) / m) + lipschitz * distance


def _w1_glm_local(risk: float, lipschitz: float, distance: float, m: int, delta: float, base_radius: float) -> float:
    shell = 0
    while base_radius * 2**shell < distance:
        shell += 1
    rate = (2 + np.sqrt(2 * np.log(2 * (shell + 1) * (shell + 2) / delta))) / np.sqrt(m)
    return risk + np.sqrt(np.log(2 / delta) / (2 * m)) + lipschitz * base_radius * 2**shell * rate


def _smooth_gauss(risk: float, lipschitz: float, radius: float, dim: int, m: int, delta: float) -> float:
    sigma = gauss_width(lipschitz, radius, dim, m, delta)
    complexity = np.sqrt(_gauss_budget(sigma, radius, dim, m, delta) / (2 * m))
    return risk + 2 * lipschitz * sigma * _mean_norm(dim) + complexity


def _smooth_mean(risk: float, kl: float, lipschitz: float, sigma: float, dim: int, m: int, delta: float) -> float:
    return _maurer_seeger(risk, kl, m, delta) + lipschitz * sigma * _mean_norm(dim)


def _kl(q: float, p: float) -> float:
    return float(special.rel_entr(q, p) + special.rel_entr(1 - q, 1 - p))


def _mean_norm(dim: int) -> float:
    return float(np.sqrt(2) * special.poch(dim / 2, 0.5))


def _gauss_budget(sigma: float, radius: float, dim: int, m: int, delta: float) -> float:
    return dim / 2 * np.log(1 + radius**2 / (dim * sigma**2)) + np.log(2 * np.sqrt(m) / delta)


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    return float(optimize.root_scalar(function, bracket=(low, high), method="brentq", xtol=1e-16, rtol=1e-15).root)


_BELOW_ONE = float(np.nextafter(1, 0))
_FORMULAS: dict[str, Callable[..., float]] = {
    "test_binomial": _test_binomial,
    "occam": _occam,
    "maurer_seeger": _maurer_seeger,
    "w1_route_a": _w1_route_a,
    "risk_transport": _risk_transport,
    "w1_glm_local": _w1_glm_local,
    "smooth_gauss": _smooth_gauss,
    "smooth_mean": _smooth_mean,
}

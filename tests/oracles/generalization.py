"""Bounds in 50-digit arithmetic, by bisection and direct summation: slow, and independent of the package."""

from collections.abc import Callable

import mpmath as mp

DIGITS = 50


def high_precision(function: Callable) -> Callable:
    def wrapped(*args: float) -> mp.mpf:
        with mp.workdps(DIGITS):
            return function(*(mp.mpf(x) for x in args))

    return wrapped


def _bisect(inside: Callable, low: mp.mpf, high: mp.mpf) -> mp.mpf:
    """The point where `inside` stops to be true."""
    for _ in range(170):
        middle = (low + high) / 2
        low, high = (middle, high) if inside(middle) else (low, middle)
    return high


def _kl(q: mp.mpf, p: mp.mpf) -> mp.mpf:
    if (p == 0 and q > 0) or (p == 1 and q < 1):
        return mp.inf
    return (q * mp.log(q / p) if q else mp.mpf(0)) + ((1 - q) * mp.log((1 - q) / (1 - p)) if q < 1 else mp.mpf(0))


def _upper(q: mp.mpf, c: mp.mpf) -> mp.mpf:
    return _bisect(lambda p: _kl(q, p) <= c, q, mp.mpf(1))


def _c_m(kl: mp.mpf, m: mp.mpf, delta: mp.mpf) -> mp.mpf:
    return (kl + mp.log(2 * mp.sqrt(m) / delta)) / m


kl = high_precision(_kl)
kl_inverse_upper = high_precision(_upper)


@high_precision
def kl_inverse_lower(q, c):
    if q == 0:
        return q
    log_p = _bisect(lambda t: _kl(q, mp.exp(t)) > c, mp.log(q) - c / q - 2 / q, mp.log(q))
    return mp.exp(log_p)


@high_precision
def test_binomial(errors, n, delta):
    k, size = int(errors), int(n)
    if k == size:
        return mp.mpf(1)
    terms = [mp.binomial(size, j) for j in range(k + 1)]
    return _bisect(
        lambda p: mp.fsum(t * p**j * (1 - p) ** (size - j) for j, t in enumerate(terms)) >= delta, mp.mpf(0), mp.mpf(1)
    )


@high_precision
def test_kl(risk, n, delta):
    return _upper(risk, mp.log(1 / delta) / n)


@high_precision
def occam(risk, hypotheses, m, delta):
    return _upper(risk, mp.log(hypotheses / delta) / m)


@high_precision
def mcallester(risk, kl, m, delta):
    return risk + mp.sqrt(_c_m(kl, m, delta) / 2)


@high_precision
def maurer_seeger(risk, kl, m, delta):
    return _upper(risk, _c_m(kl, m, delta))


@high_precision
def pb_quad(risk, kl, m, delta):
    c = _c_m(kl, m, delta)
    return risk + c + 2 * mp.sqrt((risk + c / 2) * c / 2)


@high_precision
def pinsker_refined(risk, kl, m, delta):
    c = _c_m(kl, m, delta)
    return risk + mp.sqrt(2 * risk * c) + 2 * c


@high_precision
def coinbet_kl(risk, kl, m, delta):
    kt = mp.sqrt(mp.pi) * mp.gamma(m + 1) / mp.gamma(m + mp.mpf(1) / 2)
    return _upper(risk, (kl + mp.log(kt / delta)) / m)


@high_precision
def smooth_gauss(risk, lipschitz, radius, dim, m, delta, sigma):
    mean_norm = mp.sqrt(2) * mp.gamma((dim + 1) / 2) / mp.gamma(dim / 2)
    kl = dim / 2 * mp.log(1 + radius**2 / (dim * sigma**2))
    return risk + 2 * lipschitz * sigma * mean_norm + mp.sqrt((kl + mp.log(2 * mp.sqrt(m) / delta)) / (2 * m))


@high_precision
def risk_transport(risk, lipschitz, distance, m, delta):
    return _upper(risk, mp.log(1 / delta) / m) + lipschitz * distance


@high_precision
def w1_route_a(risk, lipschitz, distance, m, delta, blocks):
    return risk + 2 * lipschitz * distance + mp.sqrt(blocks * mp.log(blocks / delta) / (2 * m))

"""The bounds of the ledgers a second time, from SciPy's own routines and no code of the catalogue."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

from fathometer.evidence import Estimate

CONFIDENCE = 0.95
"""Of the intervals around measured risks."""


def kl_upper(risk: float, c: float) -> float:
    """The p in [risk, 1] with kl(risk||p) = c, by Brent's method."""
    if _kl(risk, _BELOW_ONE) <= c:
        return 1.0
    return _root(lambda p: _kl(risk, p) - c, risk, _BELOW_ONE)


def kl_lower(risk: float, c: float) -> float:
    """The p in [0, risk] with kl(risk||p) = c, by symmetry."""
    return 1 - kl_upper(1 - risk, c)


def binomial_upper(errors: int, n: int, delta: float) -> float:
    """The p with P(Bin(n, p) <= errors) = 1 - I_p(errors + 1, n - errors) = delta, by Brent's method.

    Args:
        errors: in [0, n].
        n: number of points, at least 1.
        delta: in (0, 1).
    """
    return 1.0 if errors == n else _root(lambda p: float(special.betaincc(errors + 1, n - errors, p)) - delta, 0, 1)


def error_rate(errors: NDArray) -> Estimate:
    """Error rate with its two-sided Clopper-Pearson interval, from zeros and ones of shape (n,)."""
    k, n, tail = int(errors.sum()), errors.size, (1 - CONFIDENCE) / 2
    lower, upper = 1 - binomial_upper(n - k, n, tail), binomial_upper(k, n, tail)
    return Estimate.sampled(k / n, min(lower, k / n), max(upper, k / n), CONFIDENCE)


def mean_loss(losses: NDArray) -> Estimate:
    """Mean of losses in [0, 1], of shape (n,), with its two-sided kl-Chernoff interval."""
    mean, c = float(np.clip(losses.mean(), 0, 1)), np.log(2 / (1 - CONFIDENCE)) / losses.size
    lower, upper = kl_lower(mean, c), kl_upper(mean, c)
    return Estimate.sampled(mean, min(lower, mean), max(upper, mean), CONFIDENCE)


def gauss_width(lipschitz: float, radius: float, dim: int, m: int, delta: float) -> float:
    """Where 4 L a_d sqrt(2 m K) = d B^2 / (sigma (d sigma^2 + B^2)), by Brent's method on ln sigma.

    Args:
        lipschitz: L, of the loss in the parameters, positive.
        radius: B, of the ball around the centre.
        dim: d, number of parameters.
        m: sample size.
        delta: in (0, 1).
    """

    def slope(t: float) -> float:
        sigma = np.exp(t)
        left = np.log(4 * lipschitz * mean_norm(dim)) + np.log(2 * m * _gauss_budget(sigma, radius, dim, m, delta)) / 2
        return left - np.log(dim) - 2 * np.log(radius) + t + np.log(dim * sigma**2 + radius**2)

    start = float(np.log(radius))
    return float(np.exp(_root(slope, start - 60, start + 30)))


def ball_width(lipschitz: float, radius: float, dim: int, m: int, delta: float) -> float:
    """Where 4 L sqrt(2 m K) eps (eps + B) = (d + 1) B, by Brent's method on ln eps.

    Args:
        lipschitz: L, of the loss in the parameters, positive.
        radius: B, of the ball around the centre.
        dim: d, number of parameters.
        m: sample size.
        delta: in (0, 1).
    """

    def slope(t: float) -> float:
        eps = np.exp(t)
        root = np.sqrt(2 * m * _ball_budget(eps, radius, dim, m, delta))
        return float(np.log(4 * lipschitz * root * (eps + radius)) + t - np.log((dim + 1) * radius))

    start = float(np.log(radius))
    return float(np.exp(_root(slope, start - 100, start + 100)))


def net_width(lipschitz: float, radius: float, dim: int, m: int, delta: float) -> float:
    """Where 2 L sqrt(2 m K) eps (eps + 2 B) = d B, by Brent's method on ln eps.

    Args:
        lipschitz: L, of the loss in the parameters, positive.
        radius: B, of the ball around the centre.
        dim: d, number of parameters.
        m: sample size.
        delta: in (0, 1).
    """

    def slope(t: float) -> float:
        eps = np.exp(t)
        root = np.sqrt(2 * m * _net_budget(eps, radius, dim, delta))
        return float(np.log(2 * lipschitz * root * (eps + 2 * radius)) + t - np.log(dim * radius))

    start = float(np.log(radius))
    return float(np.exp(_root(slope, start - 60, start + 30)))


def evaluate(bound: str, inputs: Mapping[str, Any]) -> float:
    """The value of one of the bounds of the ledgers, to about 12 digits."""
    return _FORMULAS[bound](**inputs)


def _test_binomial(errors: int, n: int, delta: float) -> float:
    return binomial_upper(errors, n, delta)


def _occam(risk: float, hypotheses: int, m: int, delta: float) -> float:
    return kl_upper(risk, np.log(hypotheses / delta) / m)


def _occam_binomial(errors: int, n: int, weight: float, delta: float, bits: int = 0) -> float:
    if bits > 900:
        return kl_upper(errors / n, (bits * np.log(2) - np.log(weight * delta)) / n)
    return binomial_upper(errors, n, delta * weight * 0.5**bits)


def _stratified_kl(total: float, rows: int, share: float, classes: int, delta: float) -> float:
    n = share * rows
    return kl_upper(min(total / n, 1.0), np.log((1 - share) ** (1 - classes) / delta) / n)


def _test_split_binomial(values: list[float], counts: list[int], n: int, delta: float) -> float:
    parts = [binomial_upper(int(k), n, delta / len(counts)) for k in counts]
    return _above_0(values, parts)


def _split_kl(values: list[float], shares: list[float], kl: float, m: int, delta: float) -> float:
    return _above_0(values, [_maurer_seeger(share, kl, m, delta / len(shares)) for share in shares])


def _above_0(values: list[float], tails: list[float]) -> float:
    """The mean of a variable with these values, whose tails P(X >= value) are given."""
    last = [*tails[1:], 0.0]
    return float(sum(value * (tail - beyond) for value, tail, beyond in zip(values, tails, last, strict=True)))


def _supermart_nonneg(risk: float, second_moment: float, kl: float, m: int, delta: float, lam: float) -> float:
    return float(risk + (kl + np.log(1 / delta)) / (lam * m) + lam * second_moment / 2)


def _group_gap(hits: list[float], counts: list[float], delta: float) -> float:
    ends = [_two_sided(k, n, delta / (2 * len(hits))) for k, n in zip(hits, counts, strict=True)]
    return max(upper for _, upper in ends) - min(lower for lower, _ in ends)


def _calibration_error(stated: list[float], hits: list[float], counts: list[float], delta: float) -> float:
    """The linear programme by its dual: min over t of t + sum_b max(low_b (d_b - t), high_b (d_b - t))."""
    cells, n = len(stated), sum(counts)
    rates = [_two_sided(k, m, 0.8 * delta / (2 * cells)) for k, m in zip(hits, counts, strict=True)]
    away = [max(high - claim, claim - low) for claim, (low, high) in zip(stated, rates, strict=True)]
    weights = [_two_sided(m, n, 0.2 * delta / (2 * cells)) for m in counts]

    def dual(t: float) -> float:
        return t + sum(max(low * (d - t), high * (d - t)) for (low, high), d in zip(weights, away, strict=True))

    return min(1.0, min(map(dual, away)))


def _two_sided(hits: float, n: float, tail: float) -> tuple[float, float]:
    if n == 0:
        return 0.0, 1.0
    return 1 - binomial_upper(int(n - hits), int(n), tail), binomial_upper(int(hits), int(n), tail)


def _test_betting_losses(losses: ArrayLike, delta: float) -> float:
    return _coinbet(losses, 0.0, delta)


def _coinbet(losses: ArrayLike, kl: float, delta: float) -> float:
    """The mean at which the average wealth of 64 bets of fixed weights on 1 is e^kl/delta, by Brent's method."""
    x = np.asarray(losses, np.float64)
    weights = (1 - np.cos((np.arange(64) + 0.5) * np.pi / 64)) / 2

    def excess(mean: float) -> float:
        ratios = np.outer(1 - weights, (1 - x) / (1 - mean)) + np.outer(weights, x / mean)
        return float(special.logsumexp(np.log(ratios).sum(axis=1)) - np.log(64) + np.log(delta) - kl)

    start = max(float(x.mean()), 1e-300)
    return 1.0 if start >= _BELOW_ONE or excess(_BELOW_ONE) <= 0 else _root(excess, start, _BELOW_ONE)


def _simultaneous_binomial(errors: int, n: int, cells: int, delta: float) -> float:
    return binomial_upper(errors, n, delta / cells)


def _vote_first_order(risk: float, kl: float, m: int, delta: float) -> float:
    return 2 * _maurer_seeger(risk, kl, m, delta)


def _vote_tandem(tandem: float, kl: float, m: int, delta: float) -> float:
    return 4 * _maurer_seeger(tandem, 2 * kl, m, delta)


def _vote_c_bound(risk: float, tandem: float, kl: float, m: int, delta: float) -> float:
    """The largest value of Cantelli's inequality over the interval of the mean, at its ends and at its peak."""
    c = (kl + np.log(4 * np.sqrt(m) / delta)) / m
    low, high, second = kl_lower(risk, c), kl_upper(risk, c), _maurer_seeger(tandem, 2 * kl, m, delta / 2)
    if high >= 0.5 or second <= low**2 or low <= 2 * second <= high:
        return 4 * second
    cantelli = [(second - mean**2) / (second - mean**2 + (0.5 - mean) ** 2) for mean in (low, high) if second > mean**2]
    return min(max(cantelli), 4 * second)


def _compression_binomial(errors: int, size: int, m: int, delta: float) -> float:
    if (budget := _compression_budget(size, m, delta)) > 690:
        return kl_upper(errors / (m - size), budget / (m - size))
    return binomial_upper(errors, m - size, float(np.exp(-budget)))


def _compression_kl(risk: float, size: int, m: int, delta: float) -> float:
    return kl_upper(risk, _compression_budget(size, m, delta) / (m - size))


def _compression_budget(size: int, m: int, delta: float) -> float:
    return float(-np.log(m + 1) - special.betaln(size + 1, m - size + 1) + np.log((size + 1) * (size + 2) / delta))


def _maurer_exact(risk: float, kl: float, m: int, delta: float) -> float:
    """The constant as the sum of P(Bin(m, k/m) = k) over k."""
    from scipy import stats

    k = np.arange(m + 1)
    return kl_upper(risk, (kl + np.log(stats.binom.pmf(k, m, k / m).sum() / delta)) / m)


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
    return risk + 2 * lipschitz * sigma * mean_norm(dim) + complexity


def _smooth_mean(risk: float, kl: float, lipschitz: float, sigma: float, dim: int, m: int, delta: float) -> float:
    return _maurer_seeger(risk, kl, m, delta) + lipschitz * sigma * mean_norm(dim)


def _smooth_ball(risk: float, lipschitz: float, radius: float, dim: int, m: int, delta: float, eps: float) -> float:
    complexity = np.sqrt(_ball_budget(eps, radius, dim, m, delta) / (2 * m))
    return risk + 2 * lipschitz * eps * (1 - 1 / (dim + 1)) + complexity


def _disint_rivasplata(risk: float, log_ratio: float, m: int, delta: float) -> float:
    return kl_upper(risk, max(log_ratio + np.log(2 * np.sqrt(m)) - np.log(delta), 0) / m)


def _test_kl(risk: float, n: int, delta: float) -> float:
    return kl_upper(risk, np.log(1 / delta) / n)


def _test_betting(errors: int, n: int, delta: float) -> float:
    """The p above errors/n where the wealth B(k+1/2, n-k+1/2) / (pi p^k (1-p)^(n-k)) of the bettor is 1/delta."""
    mixture = special.betaln(errors + 0.5, n - errors + 0.5) - np.log(np.pi)

    def log_wealth(p: float) -> float:
        return float(mixture - special.xlogy(errors, p) - special.xlog1py(n - errors, -p) + np.log(delta))

    if errors == n:
        return 1.0
    return _root(log_wealth, max(errors / n, 1e-300), _BELOW_ONE)


def _rademacher_linear(risk: float, lipschitz: float, radius: float, m: int, delta: float) -> float:
    return risk + 2 * lipschitz * radius / np.sqrt(m) + np.sqrt(np.log(1 / delta) / (2 * m))


def _covering(risk: float, lipschitz: float, radius: float, dim: int, m: int, delta: float) -> float:
    eps = net_width(lipschitz, radius, dim, m, delta)
    return risk + 2 * lipschitz * eps + np.sqrt(_net_budget(eps, radius, dim, delta) / (2 * m))


def _chain_gauss(risk: float, lipschitz: float, radius: float, dim: int, m: int, delta: float) -> float:
    """Widths 0.3 B/sqrt(d) 10^-k, k = 0 to 6; delta 2^-(k+1) for Hoeffding's term and the scales in turn."""
    widths = 0.3 * radius / np.sqrt(dim) * 0.1 ** np.arange(7)
    steps = np.sqrt(np.append(radius**2 + dim * widths[0] ** 2, dim * (widths[:-1] ** 2 - widths[1:] ** 2)))
    kl = dim / 2 * np.log(1 + radius**2 / (dim * widths**2))
    increments = steps * np.sqrt(2 * (kl + np.log(2.0 ** np.arange(2, 9) / delta)) / m)
    last = 2 * widths[-1] * mean_norm(dim)
    return risk + np.sqrt(np.log(2 / delta) / (2 * m)) + lipschitz * (np.sum(increments) + last)


def _output_conversion(risk: float, kl: float, threshold: float, hypotheses: int, m: int, delta: float) -> float:
    upper = kl_upper(risk, (kl + np.log(2 * np.sqrt(m) * hypotheses / delta)) / m)
    return upper / (1 - special.erfc(threshold / np.sqrt(2)) / 2)


def _kl(q: float, p: float) -> float:
    return float(special.rel_entr(q, p) + special.rel_entr(1 - q, 1 - p))


def mean_norm(dim: int) -> float:
    """E|N(0, I)|, by the Pochhammer symbol, or where that loses digits by the series of Gamma((d+1)/2)/Gamma(d/2)."""
    if dim <= 1000:
        return float(np.sqrt(2) * special.poch(dim / 2, 0.5))
    return float(np.sqrt(dim) * np.polyval([-21 / 2048, 5 / 128, 1 / 32, -1 / 4, 1], 1 / dim))


def _gauss_budget(sigma: float, radius: float, dim: int, m: int, delta: float) -> float:
    return dim / 2 * np.log(1 + radius**2 / (dim * sigma**2)) + np.log(2 * np.sqrt(m) / delta)


def _ball_budget(eps: float, radius: float, dim: int, m: int, delta: float) -> float:
    return dim * np.log((eps + radius) / eps) + np.log(2 * np.sqrt(m) / delta)


def _net_budget(eps: float, radius: float, dim: int, delta: float) -> float:
    return dim * np.log(1 + 2 * radius / eps) + np.log(1 / delta)


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    return float(optimize.root_scalar(function, bracket=(low, high), method="brentq", xtol=1e-16, rtol=1e-15).root)


_BELOW_ONE = float(np.nextafter(1, 0))
_FORMULAS: dict[str, Callable[..., float]] = {
    "test_binomial": _test_binomial,
    "occam": _occam,
    "occam_binomial": _occam_binomial,
    "stratified_kl": _stratified_kl,
    "test_split_binomial": _test_split_binomial,
    "split_kl": _split_kl,
    "supermart_nonneg": _supermart_nonneg,
    "group_gap": _group_gap,
    "calibration_error": _calibration_error,
    "test_betting_losses": _test_betting_losses,
    "coinbet": _coinbet,
    "simultaneous_binomial": _simultaneous_binomial,
    "vote_first_order": _vote_first_order,
    "vote_tandem": _vote_tandem,
    "vote_c_bound": _vote_c_bound,
    "compression_binomial": _compression_binomial,
    "compression_kl": _compression_kl,
    "maurer_exact": _maurer_exact,
    "maurer_seeger": _maurer_seeger,
    "w1_route_a": _w1_route_a,
    "risk_transport": _risk_transport,
    "w1_glm_local": _w1_glm_local,
    "smooth_gauss": _smooth_gauss,
    "smooth_mean": _smooth_mean,
    "smooth_ball": _smooth_ball,
    "disint_rivasplata": _disint_rivasplata,
    "test_kl": _test_kl,
    "test_betting": _test_betting,
    "rademacher_linear": _rademacher_linear,
    "covering": _covering,
    "chain_gauss": _chain_gauss,
    "output_conversion": _output_conversion,
}

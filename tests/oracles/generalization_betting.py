"""Bounds by betting, by moments and by a random set, in 50-digit arithmetic: direct products and bisection."""

import mpmath as mp

from tests.oracles.generalization import _bisect, _c_m, _upper, high_precision


def betting_upper(losses, budget):
    """sup{mu: mean over 64 nodes of prod_i ((1-w)(1-x)/(1-mu) + w x/mu) <= exp(budget)}."""
    with mp.workdps(50):
        xs, nodes = [mp.mpf(x) for x in losses], [mp.sin((2 * j - 1) * mp.pi / 256) ** 2 for j in range(1, 65)]

        def kept(mu):
            wealth = mp.fsum(mp.fprod((1 - w) * (1 - x) / (1 - mu) + w * x / mu for x in xs) for w in nodes) / 64
            return wealth <= mp.exp(budget)

        return _bisect(kept, mp.fsum(xs) / len(xs), mp.mpf(1))


def coinbet(losses, kl, delta):
    with mp.workdps(50):
        return betting_upper(losses, mp.mpf(kl) + mp.log(1 / mp.mpf(delta)))


def test_betting_losses(losses, delta):
    return coinbet(losses, 0, delta)


@high_precision
def supermart_nonneg(risk, second_moment, kl, m, delta, lam):
    return risk + (kl + mp.log(1 / delta)) / (lam * m) + lam / 2 * second_moment


@high_precision
def heavy_tailed_kl(risk, variance, squares, kl, m, delta, lam):
    return risk + (kl + mp.log(1 / delta)) / (lam * m) + lam / (2 * m) * (m * squares + m * variance)


@high_precision
def w1_nips_t1(risk, lipschitz, distance, variance, squares, m, delta, lam, blocks):
    size = m / blocks
    block = mp.log(blocks / delta) / lam + lam / 2 * (size * squares + size * variance)
    return risk + blocks * (2 * size * lipschitz / m) * distance + blocks * block / m


@high_precision
def w1_nips_t4(risk, lipschitz, distance, variance, squares, m, delta, lam):
    total = 2 * lipschitz * m * distance + lam / 2 * m * (squares + variance) + mp.log(1 / delta) / lam
    return risk + total / m


@high_precision
def kl_w1_interp(risk, lipschitz, distance, kl, m, delta):
    return risk + 2 * lipschitz * distance + mp.sqrt(_c_m(kl, m, delta) / 2)


@high_precision
def kl_w1_interp_eta(risk, lipschitz, distance, kl, m, delta):
    return _upper(risk, _c_m(kl, m, delta)) + lipschitz * distance


@high_precision
def random_set(risk, complexity, log_ratio, m, delta, lam):
    return risk + 2 * complexity + 9 * lam / (8 * m) + (log_ratio + mp.log(1 / delta)) / lam


@high_precision
def test_empbernstein(risk, variance, n, delta):
    return risk + mp.sqrt(2 * variance * mp.log(2 / delta) / n) + 7 * mp.log(2 / delta) / (3 * (n - 1))


@high_precision
def tolstikhin_seldin(risk, variance, kl, m, delta, c1, c2):
    nu1 = max(1, mp.ceil(mp.log(mp.sqrt((mp.e - 2) * m / (4 * mp.log(2 / delta)))) / mp.log(c1)) + 1)
    nu2 = max(1, mp.ceil(mp.log(mp.sqrt((m - 1) / mp.log(2 / delta) + 1) / 2 + mp.mpf(1) / 2) / mp.log(c2)))
    for_variance = kl + mp.log(2 * nu2 / delta)
    largest = variance + (1 + c2) * mp.sqrt(variance * for_variance / (2 * (m - 1))) + 2 * c2 * for_variance / (m - 1)
    largest, left = min(mp.mpf(1) / 4, largest), kl + mp.log(2 * nu1 / delta)
    if mp.sqrt(left / ((mp.e - 2) * largest)) <= mp.sqrt(m):
        return risk + (1 + c1) * mp.sqrt((mp.e - 2) * largest * left / m)
    return risk + 2 * left / m


@high_precision
def dp_prior(risk, kl, epsilon, m, delta):
    privacy = m * epsilon**2 / 2 + epsilon * mp.sqrt(m / 2 * mp.log(4 / delta))
    return _upper(risk, (kl + mp.log(4 * mp.sqrt(m) / delta) + privacy) / m)

"""Classical, disintegrated and smoothing bounds in 50-digit arithmetic, independent of the package."""

import mpmath as mp

from tests.oracles.generalization import _bisect, _c_m, _upper, high_precision


def _hoeffding(m, log):
    return mp.sqrt(log / (2 * m))


def _mean_norm(d):
    return mp.sqrt(2) * mp.gamma((d + 1) / 2) / mp.gamma(d / 2)


@high_precision
def test_hoeffding(risk, n, delta):
    return risk + _hoeffding(n, mp.log(1 / delta))


@high_precision
def test_betting(errors, n, delta):
    """The mean at which the wealth Beta(k + 1/2, n - k + 1/2)/(pi mu^k (1 - mu)^(n-k)) reaches 1/delta."""
    if errors == n:
        return mp.mpf(1)
    log_mixture = mp.log(mp.beta(errors + mp.mpf(1) / 2, n - errors + mp.mpf(1) / 2) / mp.pi)

    def kept(mu):
        return log_mixture - errors * mp.log(mu) - (n - errors) * mp.log(1 - mu) <= mp.log(1 / delta)

    return _bisect(kept, errors / n if errors else mp.mpf(10) ** -60, mp.mpf(1) - mp.mpf(10) ** -45)


@high_precision
def vc(risk, vc_dim, m, delta):
    return risk + mp.sqrt(2 * vc_dim * mp.log(mp.e * m / vc_dim) / m) + _hoeffding(m, mp.log(1 / delta))


@high_precision
def rademacher(risk, complexity, m, delta):
    return risk + 2 * complexity + _hoeffding(m, mp.log(1 / delta))


@high_precision
def rademacher_empirical(risk, complexity, m, delta):
    return risk + 2 * complexity + 3 * _hoeffding(m, mp.log(2 / delta))


@high_precision
def rademacher_linear(risk, lipschitz, radius, m, delta, feature_norm, sample_norm=None):
    norms = mp.sqrt(m * (feature_norm if sample_norm is None else sample_norm) ** 2)
    if sample_norm is None:
        return rademacher(risk, lipschitz * radius * norms / m, m, delta)
    return rademacher_empirical(risk, lipschitz * radius * norms / m, m, delta)


@high_precision
def covering(risk, lipschitz, radius, dim, m, delta, eps):
    return risk + 2 * lipschitz * eps + _hoeffding(m, dim * mp.log(1 + 2 * radius / eps) + mp.log(1 / delta))


@high_precision
def stability(risk, beta, m, delta):
    return risk + 2 * beta + (4 * m * beta + 1) * _hoeffding(m, mp.log(1 / delta))


@high_precision
def pb_lambda(risk, kl, m, delta, lam):
    return risk / (1 - lam / 2) + _c_m(kl, m, delta) / (lam * (1 - lam / 2))


@high_precision
def catoni(risk, kl, m, delta, C, grid):
    return (1 - mp.exp(-C * risk - (kl + mp.log(grid / delta)) / m)) / (1 - mp.exp(-C))


@high_precision
def catoni_linear(risk, kl, m, delta, lam):
    return risk + (kl + mp.log(1 / delta)) / lam + lam / (8 * m)


@high_precision
def seeger_twosided(risk, kl, m, delta):
    return _upper(risk, _c_m(kl, m, delta))


@high_precision
def disint_rivasplata(risk, log_ratio, m, delta, priors):
    budget = log_ratio + mp.log(2 * priors * mp.sqrt(m) / delta)
    return _upper(risk, budget / m) if budget > 0 else risk


@high_precision
def disint_renyi(risk, renyi, m, delta, priors):
    return _upper(risk, (renyi + mp.log(16 * priors * mp.sqrt(m) / delta**3)) / m)


@high_precision
def disint_blanchard(risk, log_ratio, m, delta, b, priors, grid):
    return _upper(risk, ((b + 1) / b * max(log_ratio, 0) + mp.log((b + 1) * priors * grid / delta)) / m)


@high_precision
def disint_catoni(risk, log_ratio, m, delta, C, priors, grid):
    return (1 - mp.exp(-C * risk - (log_ratio + mp.log(priors * grid / delta)) / m)) / (1 - mp.exp(-C))


@high_precision
def w1_nips_t2(risk, lipschitz, distance, m, delta, blocks, second_moment):
    size = m / blocks
    confidence = blocks * mp.sqrt(2 * size * mp.log(blocks / delta) / m**2) * mp.sqrt(second_moment)
    return risk + blocks * (2 * size * lipschitz / m) * distance + confidence


@high_precision
def w1_nips_t2_improved(risk, lipschitz, distance, m, delta, blocks, second_moment):
    spread = blocks * mp.sqrt(m / blocks) / m
    return risk + 2 * lipschitz * distance + spread * mp.sqrt(2 * mp.log(1 / delta) * second_moment)


@high_precision
def w1_nips_t3(risk, lipschitz, distance, m, delta, blocks):
    return risk + 2 * lipschitz * distance + blocks * mp.sqrt(m / blocks * mp.log(blocks / delta) / (2 * m**2))


w1_route_a = w1_nips_t3


@high_precision
def w1_nips_t5(risk, lipschitz, distance, m, delta):
    return risk + 2 * lipschitz * distance + mp.sqrt(2 * mp.log(1 / delta) / m)


@high_precision
def w1_nips_t5_bounded(risk, lipschitz, distance, m, delta):
    return risk + 2 * lipschitz * distance + _hoeffding(m, mp.log(1 / delta))


@high_precision
def progressive_validation(risk, lipschitz, distance, m, delta):
    return risk + lipschitz * distance + _hoeffding(m, mp.log(1 / delta))


@high_precision
def w1_route_a_improved(risk, lipschitz, distance, m, delta, blocks):
    spread = blocks * mp.sqrt(m / blocks) / m
    return risk + 2 * lipschitz * distance + spread * mp.sqrt(mp.log(1 / delta) / 2)


@high_precision
def w1_amit_finite(risk, lipschitz, distance, hypotheses, m, delta):
    pairs = mp.log(4 * hypotheses**2 / delta)
    return risk + lipschitz * mp.sqrt(2 * pairs / m) * distance + _hoeffding(m, mp.log(2 / delta))


def _shell(distance, base_radius):
    shell = 0
    while base_radius * 2**shell < distance:
        shell += 1
    return shell


@high_precision
def w1_glm_local(risk, lipschitz, distance, base_radius, m, delta, feature_norm):
    shell = _shell(distance, base_radius)
    rate = 2 + mp.sqrt(2 * mp.log(2 * (shell + 1) * (shell + 2) / delta))
    reach = lipschitz * feature_norm * base_radius * 2**shell
    return risk + _hoeffding(m, mp.log(2 / delta)) + reach / mp.sqrt(m) * rate


@high_precision
def smooth_mean(risk, kl, lipschitz, sigma, dim, m, delta):
    return _upper(risk, _c_m(kl, m, delta)) + lipschitz * sigma * _mean_norm(dim)


@high_precision
def smooth_ball(risk, lipschitz, radius, dim, m, delta, eps):
    kl = dim * mp.log(1 + radius / eps)
    return risk + 2 * lipschitz * eps * dim / (dim + 1) + mp.sqrt(_c_m(kl, m, delta) / 2)


def _increment(risk, lipschitz, radius, dim, m, delta, sigma):
    spread = mp.sqrt(radius**2 + dim * sigma**2)
    budget = dim * mp.log(1 + radius**2 / (dim * sigma**2)) + 2 * mp.log(2 / delta)
    increments = 2 * lipschitz * sigma * _mean_norm(dim) + lipschitz * spread * mp.sqrt(budget / m)
    return risk + increments + _hoeffding(m, mp.log(2 / delta))


smooth_increment = high_precision(_increment)


@high_precision
def smooth_increment_peeled(risk, lipschitz, distance, base_radius, dim, m, delta, sigma):
    shell = _shell(distance, base_radius)
    share = delta / ((shell + 1) * (shell + 2))
    return _increment(risk, lipschitz, base_radius * 2**shell, dim, m, share, sigma)


@high_precision
def smooth_free(risk, lipschitz, distance, prior_sigma, dim, m, delta, sigma):
    ratio = (sigma / prior_sigma) ** 2
    kl = distance**2 / (2 * prior_sigma**2) + dim / 2 * (ratio - 1 - mp.log(ratio))
    return risk + 2 * lipschitz * sigma * _mean_norm(dim) + mp.sqrt(_c_m(kl, m, delta) / 2)


@high_precision
def chain_gauss(risk, lipschitz, radius, dim, m, delta, c, q, scales):
    """Sums the variances of the increments and the deltas of the scales one by one."""
    shares = [delta / 2 ** (j + 1) for j in range(int(scales) + 2)]
    sigmas = [c * radius / mp.sqrt(dim) * q**k for k in range(int(scales) + 1)]
    coarse = mp.sqrt(radius**2 + dim * sigmas[0] ** 2)
    coarse *= mp.sqrt((dim * mp.log(1 + radius**2 / (dim * sigmas[0] ** 2)) + 2 * mp.log(1 / shares[1])) / m)
    total = risk + _hoeffding(m, mp.log(1 / shares[0])) + lipschitz * coarse
    for k in range(1, int(scales) + 1):
        kl = dim / 2 * mp.log(1 + radius**2 / (dim * sigmas[k] ** 2))
        tau = mp.sqrt(sigmas[k - 1] ** 2 - sigmas[k] ** 2)
        total += lipschitz * tau * mp.sqrt(2 * dim * (kl + mp.log(1 / shares[k + 1])) / m)
    return total + 2 * lipschitz * sigmas[-1] * _mean_norm(dim)


@high_precision
def output_conversion(risk, kl, threshold, hypotheses, m, delta):
    return _upper(risk, _c_m(kl, m, delta / hypotheses)) / mp.ncdf(threshold)


@high_precision
def output_conversion_lipschitz(risk, kl, lipschitz, sigma, hypotheses, m, delta, feature_norm):
    mean_shift = 2 * mp.quad(lambda z: z * mp.npdf(z), [0, 5, 20, 40])
    return _upper(risk, _c_m(kl, m, delta / hypotheses)) + lipschitz * sigma * feature_norm * mean_shift

"""Bounds for certificates in practice, in 50-digit arithmetic, independent of the package."""

import mpmath as mp

from tests.oracles.generalization import DIGITS, _c_m, _upper, high_precision, test_binomial as binomial


@high_precision
def occam_binomial(errors, n, weight, delta):
    return binomial(errors, n, delta * weight)


@high_precision
def stratified_kl(total, rows, share, classes, delta):
    n = share * rows
    return _upper(min(total / n, mp.mpf(1)), mp.log(1 / (delta * (1 - share) ** (classes - 1))) / n)


def _split(values, limits):
    with mp.workdps(DIGITS):
        ends = [mp.mpf(0), *map(mp.mpf, values)]
        return mp.fsum((above - below) * limit for below, above, limit in zip(ends, ends[1:], limits, strict=False))


def test_split_binomial(values, counts, n, delta):
    with mp.workdps(DIGITS):
        return _split(values, [binomial(int(k), n, mp.mpf(delta) / len(counts)) for k in counts])


def split_kl(values, shares, kl, m, delta):
    with mp.workdps(DIGITS):
        c = _c_m(mp.mpf(kl), mp.mpf(m), mp.mpf(delta) / len(shares))
        return _split(values, [_upper(mp.mpf(share), c) for share in shares])

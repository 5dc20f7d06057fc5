"""Bounds for certificates in practice, in 50-digit arithmetic, independent of the package."""

import mpmath as mp

from tests.oracles.generalization import (
    DIGITS,
    _c_m,
    _upper,
    high_precision,
    kl_inverse_lower,
    test_binomial as binomial,
)


@high_precision
def occam_binomial(errors, n, weight, delta, bits):
    return binomial(errors, n, delta * weight * mp.mpf(2) ** -int(bits))


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


@high_precision
def simultaneous_binomial(errors, n, cells, delta):
    return binomial(errors, n, delta / cells)


@high_precision
def compression_binomial(errors, size, m, delta):
    return binomial(errors, m - size, delta / ((size + 1) * (size + 2) * mp.binomial(m, size)))


@high_precision
def compression_kl(risk, size, m, delta):
    return _upper(risk, mp.log(mp.binomial(m, size) * (size + 1) * (size + 2) / delta) / (m - size))


@high_precision
def maurer_exact(risk, kl, m, delta):
    """The constant as 1 + m^(1-m) e^m times the incomplete gamma function, in place of its sum."""
    xi = 1 + mp.exp(m + (1 - m) * mp.log(m)) * mp.gammainc(m, m)
    return _upper(risk, (kl + mp.log(xi / delta)) / m)


@high_precision
def vote_first_order(risk, kl, m, delta):
    return 2 * _upper(risk, _c_m(kl, m, delta))


@high_precision
def vote_tandem(tandem, kl, m, delta):
    return 4 * _upper(tandem, _c_m(2 * kl, m, delta))


@high_precision
def vote_c_bound(risk, tandem, kl, m, delta):
    """The largest value of Cantelli's inequality, by golden-section search of its one peak in the mean."""
    c = _c_m(kl, m, delta / 2)
    low, high, second = kl_inverse_lower(risk, c), _upper(risk, c), _upper(tandem, _c_m(2 * kl, m, delta / 2))
    if high >= 0.5 or second <= low**2:
        return 4 * second

    def cantelli(mean):
        return max(second - mean**2, 0) / (max(second - mean**2, 0) + (mp.mpf(1) / 2 - mean) ** 2)

    for _ in range(400):
        third = (high - low) / 3
        first, last = low + third, high - third
        low, high = (first, high) if cantelli(first) < cantelli(last) else (low, last)
    return min(cantelli((low + high) / 2), 4 * second)


def _limits(hits, count, tail):
    """Clopper and Pearson's ends; 0 and 1 of no rows."""
    if not count:
        return mp.mpf(0), mp.mpf(1)
    return 1 - binomial(count - hits, count, tail), binomial(hits, count, tail)


def group_gap(hits, counts, delta):
    with mp.workdps(DIGITS):
        tail = mp.mpf(delta) / (2 * len(hits))
        ends = [_limits(int(k), int(n), tail) for k, n in zip(hits, counts, strict=True)]
        return max(upper for _, upper in ends) - min(lower for lower, _ in ends)


def calibration_error(stated, hits, counts, delta):
    """By the dual of the linear programme, whose minimum lies at one of the distances."""
    with mp.workdps(DIGITS):
        part, n = mp.mpf(delta) / (2 * len(hits)), int(sum(counts))
        four_fifths = mp.mpf(4) / 5
        ends = [_limits(int(k), int(c), four_fifths * part) for k, c in zip(hits, counts, strict=True)]
        away = [max(u - mp.mpf(p), mp.mpf(p) - low) for p, (low, u) in zip(stated, ends, strict=True)]
        box = [_limits(int(c), n, (1 - four_fifths) * part) for c in counts]

        def dual(price):
            gains = [
                often * max(d - price, 0) - rarely * max(price - d, 0)
                for d, (rarely, often) in zip(away, box, strict=True)
            ]
            return price + mp.fsum(gains)

        return min(dual(price) for price in away)

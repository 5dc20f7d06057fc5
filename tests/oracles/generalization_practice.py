"""Bounds for certificates in practice, in 50-digit arithmetic, independent of the package."""

import mpmath as mp

from tests.oracles.generalization import _upper, high_precision, test_binomial as binomial


@high_precision
def occam_binomial(errors, n, weight, delta):
    return binomial(errors, n, delta * weight)


@high_precision
def stratified_kl(total, rows, share, classes, delta):
    n = share * rows
    return _upper(min(total / n, mp.mpf(1)), mp.log(1 / (delta * (1 - share) ** (classes - 1))) / n)

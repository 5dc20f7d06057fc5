"""Predictors that a few rows of the sample give back: sample compression with the exact binomial tail."""

import numpy as np

from fathometer.evidence import InputError, Source
from fathometer.generalization.bounds._binomial import clopper_pearson_upper, log_largest_term
from fathometer.generalization.bounds._bound import Bound, Certifies, Evaluation, Key, KeyKind
from fathometer.generalization.bounds._pieces import (
    DELTA,
    ERRORS,
    IID,
    RISK,
    UNIT_LOSS,
    M,
    refuse_more_errors_than_points,
)
from fathometer.generalization.bounds._references import LITTLESTONE
from fathometer.numerics import Wide, kl_inverse_upper
from fathometer.numerics.arithmetic._rounding import WIDE_EPS

_SIZE = Key("size", "number k of rows that give the predictor back, whatever their order", KeyKind.INTEGER, at_least=0)
_LEAST_LOG = -690.0
_DATA = f"{IID}; a map fixed in advance makes the predictor from the set of the k rows alone"


def _compression_binomial(errors: Wide, size: Wide, m: Wide, delta: Wide) -> Evaluation:
    """Each set of k rows gives a predictor that has not seen the m - k others, and has delta w_k/C(m, k) to fail.

    The weights w_k = 1/((k+1)(k+2)) add up to 1 over all k, which need not be fixed. Where a level is below what
    float64 holds, Chernoff's limit, which is never smaller, stands in.
    """
    budget, left = _budget(size, m, delta), m - size
    refuse_more_errors_than_points(errors, left)
    chernoff = kl_inverse_upper(errors / left, budget / left)
    log_level = np.maximum(-budget * (1 + 16 * WIDE_EPS), _LEAST_LOG)
    exact = np.minimum(clopper_pearson_upper(errors, left, np.exp(log_level)), chernoff)
    terms = {"empirical_risk": errors / left, "budget": budget, "kl_form": chernoff}
    return np.where(-budget < _LEAST_LOG, chernoff, exact)[()], terms


def _compression_kl(risk: Wide, size: Wide, m: Wide, delta: Wide) -> Evaluation:
    """The same union bound with Chernoff's bound for losses in [0, 1]."""
    c = _budget(size, m, delta) / (m - size)
    return kl_inverse_upper(risk, c), {"empirical_risk": risk, "c": c}


def _budget(size: Wide, m: Wide, delta: Wide) -> Wide:
    """Ln of C(m, k) (k+1) (k+2) / delta."""
    _refuse_whole_samples(size, m)
    return _log_choose(size, m) + np.log((size + 1) * (size + 2)) - np.log(delta)


def _refuse_whole_samples(size: Wide, m: Wide) -> None:
    if np.any(size >= m):
        raise InputError(f"size must be < m = {np.max(m):g}, got {np.max(size):g}")


def _log_choose(k: Wide, n: Wide) -> Wide:
    """Ln C(n, k) for 0 <= k < n."""
    share = k / n
    entropy = -(1 - share) * np.log1p(-share) - share * np.log(np.where(k == 0, 1, share))
    return log_largest_term(k, n) + n * entropy


BOUNDS = (
    Bound(
        id="compression_binomial",
        title="Sample compression, exact binomial tail",
        statement=(
            "With probability at least 1 - delta, every predictor that k of the m rows give back has an error of at "
            "most the Clopper-Pearson limit of its errors on the m - k others at level delta/((k+1)(k+2) C(m, k))."
        ),
        certificate="sup{p: P(Bin(m - size, p) <= errors) >= delta/((size + 1)(size + 2) C(m, size))}",
        certifies=Certifies.ALL,
        loss="0/1",
        data=_DATA,
        source=Source(
            LITTLESTONE, "sample compression", "derived here: union over sets of rows of exact binomial tails"
        ),
        keys=(ERRORS, _SIZE, M, DELTA),
        evaluate=_compression_binomial,
    ),
    Bound(
        id="compression_kl",
        title="Sample compression, losses in [0, 1]",
        statement=(
            "With probability at least 1 - delta, every predictor that k of the m rows give back has risk at most "
            "kl^-1 of its risk on the m - k others at (ln C(m, k) + ln((k+1)(k+2)/delta))/(m - k)."
        ),
        certificate="kl^-1(risk, (ln C(m, size) + ln((size + 1)(size + 2)/delta))/(m - size))",
        certifies=Certifies.ALL,
        loss=UNIT_LOSS,
        data=_DATA,
        source=Source(LITTLESTONE, "sample compression", "derived here: union over sets of rows of Chernoff's bounds"),
        keys=(RISK, _SIZE, M, DELTA),
        evaluate=_compression_kl,
    ),
)

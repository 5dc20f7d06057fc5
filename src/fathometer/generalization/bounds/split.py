"""Losses with few values: a sum of binary losses, each with a bound of its own."""

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError, Source
from fathometer.generalization.bounds._binomial import clopper_pearson_upper
from fathometer.generalization.bounds._bound import Bound, Certifies, Evaluation, Key, KeyKind
from fathometer.generalization.bounds._pieces import DATA_FREE, DELTA, IID, KL, M, N, c_m
from fathometer.generalization.bounds._references import WU
from fathometer.numerics import Wide, kl_inverse_upper, round_up, wide

_VALUES = Key(
    "values",
    "values of the loss above 0, fixed in advance, in ascending order",
    KeyKind.SEQUENCE,
    at_least=0,
    at_most=1,
)
_COUNTS = Key("counts", "for each value, number of held-out losses of at least it", KeyKind.SEQUENCE, at_least=0)
_SHARES = Key("shares", "for each value, mean share of losses of at least it", KeyKind.SEQUENCE, at_least=0, at_most=1)
_FEW_VALUES = "in [0, 1], 0 or one of K values fixed in advance"


def _test_split_binomial(values: Wide, counts: Wide, n: Wide, delta: Wide) -> Evaluation:
    """Loss = sum_j (b_j - b_(j-1)) 1[loss >= b_j] with b_0 = 0, and a Clopper-Pearson limit for each indicator."""
    steps, n = _steps(values, counts), np.asarray(n)[..., None]
    _refuse_other_counts(counts, n)
    limits = clopper_pearson_upper(counts, n, np.asarray(delta)[..., None] / steps.shape[-1])
    return _weighted(steps, limits), {"empirical_risk": np.sum(steps * counts / n, axis=-1)}


def _split_kl(values: Wide, shares: Wide, kl: Wide, m: Wide, delta: Wide) -> Evaluation:
    """The same with a Maurer-Seeger limit at delta/K for each indicator."""
    steps = _steps(values, shares)
    c = c_m(kl, m, delta / steps.shape[-1])
    limits = kl_inverse_upper(shares, np.asarray(c)[..., None])
    return _weighted(steps, limits), {"empirical_risk": np.sum(steps * shares, axis=-1), "c_m": c}


def _refuse_other_counts(counts: Wide, n: NDArray) -> None:
    if np.any(counts > n) or np.any(counts != np.round(counts)):
        raise InputError(f"counts must be whole numbers <= n = {np.max(n):g}, got {np.max(counts):g}")


def _steps(values: Wide, parts: Wide) -> NDArray[np.longdouble]:
    values = np.asarray(values)
    if values.shape[-1] != np.asarray(parts).shape[-1]:
        raise InputError(
            f"one number is needed for each of {values.shape[-1]} values, got {np.asarray(parts).shape[-1]}"
        )
    steps = np.diff(values, axis=-1, prepend=0)
    if np.any(steps < 0) or np.any(np.diff(parts, axis=-1) > 0):
        raise InputError("values must not fall, and what is counted for each must not grow")
    return steps


def _weighted(steps: Wide, limits: NDArray[np.float64] | np.float64) -> NDArray[np.float64] | np.float64:
    return round_up(np.sum(steps * wide(limits), axis=-1))


BOUNDS = (
    Bound(
        id="test_split_binomial",
        title="Held-out bound for losses with few values",
        statement=(
            "If a predictor is fixed before n i.i.d. points are seen, and its losses are 0 or b_1 < ... < b_K, its "
            "risk is at most sum_j (b_j - b_(j-1)) times the Clopper-Pearson limit at delta/K of the number of losses "
            "of at least b_j, with probability at least 1 - delta."
        ),
        certificate="sum_j (values_j - values_(j-1)) sup{p: P(Bin(n, p) <= counts_j) >= delta/K}",
        certifies=Certifies.ONE,
        loss=_FEW_VALUES,
        data=f"{IID}, predictor fixed before the n points were seen",
        source=Source(WU, "split-kl inequality", "derived here: exact binomial tails of the parts, and a union bound"),
        keys=(_VALUES, _COUNTS, N, DELTA),
        evaluate=_test_split_binomial,
    ),
    Bound(
        id="split_kl",
        title="PAC-Bayes-split-kl bound",
        statement=(
            "With probability at least 1 - delta, every posterior has Gibbs risk at most sum_j (b_j - b_(j-1)) kl^-1 "
            "of the share of losses of at least b_j at (KL + ln(2 K sqrt(m)/delta))/m, for losses that are 0 or "
            "b_1 < ... < b_K."
        ),
        certificate="sum_j (values_j - values_(j-1)) kl^-1(shares_j, (kl + ln(2 K sqrt(m)/delta))/m)",
        certifies=Certifies.GIBBS,
        loss=_FEW_VALUES,
        data=IID,
        divergence="KL",
        prior=DATA_FREE,
        source=Source(
            WU, "PAC-Bayes-split-kl inequality", "derived here: Maurer-Seeger for each indicator, and a union bound"
        ),
        keys=(_VALUES, _SHARES, KL, M, DELTA),
        evaluate=_split_kl,
    ),
)

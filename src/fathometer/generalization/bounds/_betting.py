"""Betting against a mean: the wealth of a mixture of bets, and the means that it has not refuted."""

import numpy as np

from fathometer.generalization.bounds._constants import kt_constant
from fathometer.numerics import Narrow, Wide, kl_inverse_upper, round_up, wide
from fathometer.numerics.arithmetic._gamma_ratio import PI
from fathometer.numerics.arithmetic._rounding import WIDE_EPS

NODES = 64
_STEPS, _REST = 60, 1e-17


def log_wealth(losses: Wide, mean: Wide) -> tuple[Wide, Wide]:
    """Ln of the wealth of the bettor who claims that the mean is wrong, and its derivative in the mean.

    The wealth is the average over w of prod_i ((1-w)(1-x_i)/(1-mean) + w x_i/mean), with w at the 64 nodes of
    Gauss-Chebyshev quadrature for Beta(1/2, 1/2). It is a non-negative martingale of initial value 1 if the mean given
    the past is `mean`, and its logarithm is convex in the mean: each factor is a sum of two log-convex functions
    (derived).

    Args:
        losses: shape (..., n), in [0, 1].
        mean: shape (...), in (0, 1).
    """
    x, at = wide(losses), np.asarray(wide(mean))[..., None]
    low, high = (1 - x) / (1 - at), x / at
    logs, slopes = [], []
    for w in np.sin((2 * np.arange(1, NODES + 1, dtype=np.longdouble) - 1) * PI / (4 * NODES)) ** 2:
        factor = (1 - w) * low + w * high
        logs.append(np.log(factor).sum(axis=-1))
        slopes.append((((1 - w) * low / (1 - at) - w * high / at) / factor).sum(axis=-1))
    stacked = np.array(logs)
    top = stacked.max(axis=0)
    weights = np.exp(stacked - top)
    total = weights.sum(axis=0)
    return top + np.log(total / NODES), (weights * np.array(slopes)).sum(axis=0) / total


def betting_upper(losses: Wide, budget: Wide) -> Narrow:
    """The largest mean whose log wealth is at most the budget, never rounded down.

    Newton's iteration from above. The log wealth is convex, so that every step ends at or above the limit, and what is
    handed out is the larger end of the last one.

    Args:
        losses: shape (..., n), in [0, 1].
        budget: shape (...), positive: KL + ln(1/delta).
    """
    table = np.asarray(wide(losses))
    shape, n = table.shape[:-1], table.shape[-1]
    x = table.reshape(-1, n)
    q = x.mean(axis=1)
    target = np.broadcast_to(wide(budget) * (1 + 1e-15) + 64 * n * WIDE_EPS, shape).ravel()
    p = np.asarray(kl_inverse_upper(np.clip(q, 0, 1), (target + np.log(kt_constant(n))) / n), np.longdouble)
    top, moving = np.ones_like(q), np.flatnonzero(q < 1)
    for _ in range(_STEPS):
        at = np.minimum(p[moving], 1 - WIDE_EPS)
        value, slope = log_wealth(x[moving], at)
        step = (value - target[moving]) / slope
        top[moving] = np.where(slope > 0, np.maximum(at, at - step), 1)
        p[moving] = at - step
        moving = moving[(slope > 0) & (np.abs(step) > _REST)]
        if not moving.size:
            break
    return np.minimum(round_up(top), 1.0).reshape(shape)[()]

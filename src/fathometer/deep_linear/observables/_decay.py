"""How fast something decays or grows along a run, read off its values."""

import math

import numpy as np
from jaxtyping import Float

from fathometer.evidence import Estimate

_WINDOW = (1e-20, 1e-7)
_FALLEN = 1e-11  # next to 1e-12, where the modes are compared
_SMALL = 1e4


def late_decay_rate(times: Float[np.ndarray, " T"], share: Float[np.ndarray, " T"]) -> Estimate:
    """Rate of decay of the excess risk while it is between 1e-7 and 1e-20 of what w_star explains.

    It is that over the second half of this window in time; three times its difference from that over the first half is
    the heuristic error, as other modes die out. NaN with fewer than three observations, or none below 1e-11.

    Args:
        times: increasing.
        share: the excess risk over what w_star explains.
    """
    late = (share < _WINDOW[1]) & (share > _WINDOW[0])
    logs, at = np.log(share[late]), times[late]
    if len(at) < 3 or np.min(share) > _FALLEN:
        return Estimate.exact(math.nan)
    middle = int(np.clip(np.searchsorted(at, (at[0] + at[-1]) / 2), 1, len(at) - 2))
    first, last = ((logs[i] - logs[j]) / (at[j] - at[i]) for i, j in ((0, middle), (middle, -1)))
    error = 3 * abs(first - last) + 1e-3 * abs(last)
    return Estimate.heuristic(last, last - error, last + error)


def mean_log_growth(
    steps: Float[np.ndarray, " T"],
    length: Float[np.ndarray, " T"],
    low: Float[np.ndarray, " T"],
    high: Float[np.ndarray, " T"],
) -> Estimate:
    """Mean growth of the logarithm of a length per step, after every step but the first; shape (T - 1,).

    NaN once the length has grown by a factor 10 000, where a displacement is no longer small.

    Args:
        steps: from 0 on, increasing.
        length: at these steps.
        low: its lower ends.
        high: its upper ends.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = (length[1:] / length[0], low[1:] / high[0], high[1:] / low[0])
        return Estimate.heuristic(*(np.where(ratios[0] < _SMALL, np.log(ratios), np.nan) / steps[1:]))


def passage_time(times: Float[np.ndarray, " T"], size: Float[np.ndarray, " T"], goal: float) -> Estimate:
    """When a size reaches a goal: between the last observation before and the first after; open if it has not yet.

    Args:
        times: increasing.
        size: at these times.
        goal: the size to reach.
    """
    out = np.flatnonzero(size >= goal)
    if not out.size:
        return Estimate.enclosed(math.inf, times[-1], math.inf)
    first = int(out[0])
    return Estimate.enclosed(times[first], times[max(first - 1, 0)], times[first])

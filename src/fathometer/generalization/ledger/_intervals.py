"""Two-sided intervals of the mean of losses in [0, 1], at any level."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike, NDArray

from fathometer.evidence import Estimate, InputError, finite_array, finite_number
from fathometer.generalization.bounds._binomial import clopper_pearson_upper
from fathometer.numerics import round_down, wide

ORDER_SEED = 0
"""Of the permutation in which losses are bet on; it knows nothing of them."""

_LARGEST_BET = 0.9
_STEPS = 60


def read_losses(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Read the losses of some rows.

    Raises:
        InputError: if they are no list of at least one number in [0, 1].
    """
    losses = finite_array(name, values, 1)
    if not losses.size:
        raise InputError(f"{name} must be of at least one row, got none")
    outside = losses[(losses < 0) | (losses > 1)]
    if outside.size:
        raise InputError(f"{name} must lie in [0, 1], got {outside[0]:g}")
    return losses


def are_errors(*losses: NDArray[np.float64]) -> bool:
    """Whether every loss is 0 or 1."""
    return all(bool(np.all((part == 0) | (part == 1))) for part in losses)


def risk_estimate(losses: Float[np.ndarray, " n"], confidence: float = 0.95, weight: float = 1.0) -> Estimate:
    """Mean of losses with its two-sided interval, half of the failure probability on each side.

    0/1 losses: Clopper-Pearson. Others: betting (`betting_interval`).

    Args:
        losses: independent, of one predictor, each in [0, 1].
        confidence: of the interval, in (0, 1).
        weight: prior weight of the predictor in a class from which it was chosen by these losses; 1 if it was fixed
            before. The interval is then that at failure probability (1 - confidence) weight, so that all predictors of
            the class have their risks in their intervals together with probability `confidence`.
    """
    finite_number("weight", weight, above=0, at_most=1)
    tail = (1 - finite_number("confidence", confidence, above=0, below=1)) * weight / 2
    mean = float(np.mean(losses))
    lower, upper = interval(losses, tail)
    return Estimate.sampled(mean, min(lower, mean), max(upper, mean), confidence)


def interval(losses: Float[np.ndarray, " n"], tail: float) -> tuple[float, float]:
    """Ends of the interval of the mean, each wrong with probability at most `tail`.

    Args:
        losses: independent, each in [0, 1].
        tail: in (0, 1/2).
    """
    if are_errors(losses):
        return share_interval(int(losses.sum()), losses.size, tail)
    return betting_interval(losses, tail)


def share_interval(count: int, n: int, tail: float) -> tuple[float, float]:
    """Clopper and Pearson's ends for a probability, each wrong with probability at most `tail`; [0, 1] of no draws.

    Args:
        count: how many of the draws hit, in [0, n].
        n: how many there were.
        tail: in (0, 1/2).
    """
    if n == 0:
        return 0.0, 1.0
    upper, rest = np.asarray(clopper_pearson_upper(wide([count, n - count]), wide(n), wide(tail)))
    return float(round_down(1 - wide(rest), slack=0)), float(upper)


def betting_interval(losses: Float[np.ndarray, " n"], tail: float) -> tuple[float, float]:
    """Ends for the mean by betting at one sample size, each wrong with probability at most `tail`.

    The bet on the next loss is made from the ones before, sized for their variance (Waudby-Smith and Ramdas 2024,
    predictable plug-in). Losses are taken in the order of a fixed permutation, so that an order of the rows that
    depends on them, such as by class, does not matter.

    Args:
        losses: independent, each in [0, 1].
        tail: in (0, 1/2).
    """
    shuffled = np.random.default_rng(ORDER_SEED).permutation(losses)
    return _refuted_below(shuffled, tail), min(1.0, float(np.nextafter(1 - _refuted_below(1 - shuffled, tail), 2)))


def _refuted_below(x: NDArray[np.float64], tail: float) -> float:
    """The largest mean that the wealth refutes: a lower end, never rounded up; the wealth falls with the mean."""
    bets, target = _bets(x, tail), -np.log(tail)
    return _last_where(lambda mean: _log_wealth(x, bets, mean) >= target * (1 + 1e-12))


def _bets(x: NDArray[np.float64], tail: float) -> NDArray[np.float64]:
    """Size of each bet, from the mean and the variance of the losses before it."""
    n, seen = x.size, np.arange(1, x.size + 1)
    means = (0.5 + np.cumsum(x)) / (seen + 1)
    variances = (0.25 + np.cumsum((x - means) ** 2)) / (seen + 1)
    return np.sqrt(-2 * np.log(tail) / n / np.concatenate([[0.25], variances[:-1]]))


def _log_wealth(x: NDArray[np.float64], bets: NDArray[np.float64], mean: float) -> float:
    """Ln prod_i (1 + min(bet_i, .9/mean)(x_i - mean)), lowered by more than its rounding error."""
    terms = np.log1p(np.minimum(bets, _LARGEST_BET / mean) * (x - mean))
    return float(terms.sum() - 1e-13 * np.abs(terms).sum())


def _last_where(holds: Callable[[float], bool]) -> float:
    """The largest point of (0, 1) where a condition holds that holds below it and fails above; 0 if there is none."""
    low, high = 0.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low

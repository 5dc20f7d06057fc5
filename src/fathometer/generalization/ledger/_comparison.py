"""Two predictors on the same rows: which one is better, by how much, and how small a difference can be hidden."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.evidence import Estimate, InputError, Record, finite_number, text_confidence, text_down, text_up
from fathometer.generalization.ledger._intervals import (
    are_errors,
    betting_interval,
    read_losses,
    risk_estimate,
    share_interval,
)
from fathometer.numerics import round_down, round_up, wide

DIFFERENCE_SHARE = 0.8
"""Of delta, for the difference; the two risks have the halves of the rest."""

DIRECTION_SHARE = 0.8
"""Of the difference's delta, for who is right where one of them errs; the rest for how often that is."""

_DIGITS = 3


@dataclass(frozen=True, eq=False)
class Comparison(Record):
    """Two predictors, all intervals together with probability at least 1 - delta.

    Attributes:
        names: of the two.
        first_risk: of the first, with its two-sided interval.
        second_risk: of the second.
        difference: risk of the first minus risk of the second; negative where the first is better.
        wins: rows on which the first has the smaller loss.
        ties: rows on which both have the same.
        losses: rows on which the second has the smaller one.
        p_value: of McNemar's exact two-sided test of equal risks, for 0/1 losses; None for others. It is shown
            beside the intervals and costs nothing of delta.
        delta: probability that any of the three intervals fails.
        sentence: who is better by at least how much, or how large a difference can be hidden.
    """

    names: tuple[str, str]
    first_risk: Estimate
    second_risk: Estimate
    difference: Estimate
    wins: int
    ties: int
    losses: int
    p_value: float | None
    delta: float
    sentence: str

    @property
    def better(self) -> str | None:
        """Name of the one that is better for sure; None if that is not decided."""
        if self.difference.upper < 0:
            return self.names[0]
        return self.names[1] if self.difference.lower > 0 else None


def compare_losses(
    first: ArrayLike,
    second: ArrayLike,
    delta: float = 0.05,
    *,
    names: tuple[str, str] = ("A", "B"),
    weights: tuple[float, float] = (1.0, 1.0),
) -> Comparison:
    """Compare two predictors on the same independent rows.

    For 0/1 losses the difference is theta (2 psi - 1), theta the probability that exactly one of them errs and psi that
    it is the first one. Given how many rows that happens on, psi has Clopper and Pearson's interval of a binomial, and
    so has theta; the difference lies between the extremes of the product over both intervals (derived; McNemar's
    test is the one of psi = 1/2). For other losses it is the interval by betting on (1 + first - second)/2.

    Args:
        first: losses of the first predictor on each row, shape (n,), in [0, 1].
        second: losses of the second on the same rows.
        delta: probability that any interval fails, in (0, 1): 0.8 of it for the difference, 0.1 for each risk.
        names: what the sentence calls them.
        weights: prior weight of each in the class from which these very rows chose it; 1 for one that was fixed before.
            Each interval is then at its share times the weight, that of the difference times both.

    Raises:
        InputError: if losses are not in [0, 1], are of different numbers of rows or of none, or delta or a weight is
            out of its range.
    """
    a, b = _read(first, second, names)
    finite_number("delta", delta, above=0, below=1)
    price = [finite_number("weight", weight, above=0, at_most=1) for weight in weights]
    first_risk, second_risk = (
        risk_estimate(x, 1 - delta / 10, weight) for x, weight in zip((a, b), price, strict=True)
    )
    difference = _difference(a, b, delta * DIFFERENCE_SHARE, price[0] * price[1])
    wins, losses = int(np.sum(a < b)), int(np.sum(a > b))
    return Comparison(
        names=names,
        first_risk=first_risk,
        second_risk=second_risk,
        difference=difference,
        wins=wins,
        ties=a.size - wins - losses,
        losses=losses,
        p_value=mcnemar(losses, wins) if are_errors(a, b) else None,
        delta=delta,
        sentence=_sentence(difference, names, delta),
    )


def mcnemar(only_first: int, only_second: int) -> float:
    """P-value of McNemar's exact two-sided test; 1 if the predictors never differ.

    Args:
        only_first: rows on which only the first errs.
        only_second: rows on which only the second errs.
    """
    from scipy import stats

    discordant = only_first + only_second
    return float(stats.binomtest(only_first, discordant).pvalue) if discordant else 1.0


def _read(first: ArrayLike, second: ArrayLike, names: tuple[str, str]) -> tuple[NDArray, NDArray]:
    a, b = (read_losses(f"losses of {name}", given) for name, given in zip(names, (first, second), strict=True))
    if a.size != b.size:
        raise InputError(
            f"{names[0]} and {names[1]} must be compared on the same rows, got losses of {a.size} and of {b.size}"
        )
    return a, b


def _difference(a: NDArray[np.float64], b: NDArray[np.float64], delta: float, weight: float) -> Estimate:
    ends = _paired_ends if are_errors(a, b) else _betting_ends
    lower, upper = ends(a, b, delta * weight)
    return Estimate.sampled(float(np.clip(np.mean(a - b), lower, upper)), lower, upper, 1 - delta)


def _paired_ends(a: NDArray[np.float64], b: NDArray[np.float64], delta: float) -> tuple[float, float]:
    return paired_difference(int(np.sum(a > b)), int(np.sum(a < b)), a.size, delta)


def _betting_ends(a: NDArray[np.float64], b: NDArray[np.float64], delta: float) -> tuple[float, float]:
    lower, upper = betting_interval((1 + a - b) / 2, delta / 2)
    return float(round_down(2 * wide(lower) - 1, slack=0)), float(round_up(2 * wide(upper) - 1, slack=0))


def paired_difference(only_first: int, only_second: int, n: int, delta: float) -> tuple[float, float]:
    """Interval of P(only the first errs) - P(only the second errs).

    Args:
        only_first: rows on which only the first errs.
        only_second: rows on which only the second errs.
        n: number of rows.
        delta: probability that it fails, in (0, 1).
    """
    discordant = only_first + only_second
    direction = share_interval(only_first, discordant, delta * DIRECTION_SHARE / 2)
    how_often = share_interval(discordant, n, delta * (1 - DIRECTION_SHARE) / 2)
    products = [wide(theta) * (2 * wide(psi) - 1) for theta in how_often for psi in direction]
    return float(round_down(min(products))), float(round_up(max(products)))


def _sentence(difference: Estimate, names: tuple[str, str], delta: float) -> str:
    probability = f"with probability {text_confidence(delta)}"
    lower, upper = float(difference.lower), float(difference.upper)
    if upper < 0:
        return f"{names[0]} is better by at least {text_down(-upper, _DIGITS)} {probability}"
    if lower > 0:
        return f"{names[1]} is better by at least {text_down(lower, _DIGITS)} {probability}"
    most = text_up(max(-lower, upper), _DIGITS)
    return f"no difference is shown, and none above {most} can be hidden here, {probability}"

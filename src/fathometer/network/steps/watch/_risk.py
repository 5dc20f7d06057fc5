"""The risk on rows that a training has not seen, at every look, valid at all looks together."""

from collections.abc import Callable
from typing import Any

import numpy as np

from fathometer.evidence import Estimate, InputError, finite_number
from fathometer.generalization.bounds._betting import betting_upper
from fathometer.generalization.bounds._binomial import clopper_pearson_lower, clopper_pearson_upper
from fathometer.numerics import round_down, wide

Losses = Callable[[np.ndarray, Any], np.ndarray]


class UnseenRisk:
    """Rows on which the risk of every network that is looked at is bounded, both ways.

    Look k has delta/(k (k+1)) of the total, half for each end: these add up to delta, so with probability 1 - delta
    all intervals hold together, however many looks there are and whenever training stops. So the best of the networks
    may be chosen by them. The networks must not depend on the rows: nothing may train on them, nor steer by them what
    is trained next. Errors: Clopper and Pearson's limits. Losses in [0, 1]: the betting limit of a mean.

    Attributes:
        delta: of all looks together.

    Raises:
        InputError: if delta is not in (0, 1), or inputs and labels differ in length.
    """

    def __init__(self, inputs: Any, labels: Any, delta: float, losses: Losses | None) -> None:
        self.delta = finite_number("delta", delta, above=0, below=1)
        self._inputs, self._labels, self._losses = inputs, np.asarray(labels), losses
        first = next(iter(inputs.values())) if isinstance(inputs, dict) else inputs
        if len(first) != len(self._labels) or not len(self._labels):
            raise InputError(f"rows must have a label each, got {len(first)} rows and {len(self._labels)} labels")

    def of(self, net: Any, look: int) -> Estimate:
        """Interval of the risk of a network.

        Args:
            net: what `wrap` returns.
            look: its number, from 1.

        Raises:
            InputError: if scores or losses do not fit the labels.
        """
        scores = net.scores(self._inputs)
        half = self.delta / (look * (look + 1)) / 2
        if self._losses is None:
            return _by_errors(_errors(scores, self._labels), half)
        return _by_betting(np.asarray(self._losses(scores, self._labels), np.float64), half, len(self._labels))


def _errors(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    if scores.ndim != 2 or scores.shape[1] < 2:
        raise InputError(
            f"errors need a score for each of two or more classes, got shape {scores.shape}; give losses(scores, y)"
        )
    classes = np.arange(scores.shape[1])
    if not np.all(np.isin(labels, classes)):
        raise InputError(
            f"labels must be whole numbers from 0 to {scores.shape[1] - 1}, got {labels[~np.isin(labels, classes)][0]}"
        )
    return np.argmax(scores, axis=1) != labels


def _by_errors(errors: np.ndarray, half: float) -> Estimate:
    k, n = int(errors.sum()), len(errors)
    counts = wide(k), wide(n), wide(half)
    ends = clopper_pearson_lower(*counts), clopper_pearson_upper(*counts)
    return Estimate.sampled(k / n, float(ends[0]), float(ends[1]), 1 - 2 * half)


def _by_betting(losses: np.ndarray, half: float, rows: int) -> Estimate:
    if losses.shape != (rows,) or not np.all((losses >= 0) & (losses <= 1)):
        raise InputError(f"losses must be {rows} numbers in [0, 1], one for each row, got shape {losses.shape}")
    budget, given, mean = -np.log(wide(half)), wide(losses), float(losses.mean())
    ends = float(round_down(1 - wide(betting_upper(1 - given, budget)))), float(betting_upper(given, budget))
    return Estimate.sampled(mean, min(mean, max(0.0, ends[0])), max(mean, ends[1]), 1 - 2 * half)

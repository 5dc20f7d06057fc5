"""Bins of stated probabilities, fixed by training rows, and how often answers in them are right."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int
from numpy.typing import ArrayLike, NDArray

from fathometer.evidence import Estimate, InputError, Record, finite_array
from fathometer.generalization.bounds._catalogue import evaluate_bound
from fathometer.generalization.ledger._intervals import share_interval
from fathometer.generalization.ledger._ledger import CONFIDENCE

MOST = 10
"""Bins that there are at most."""

ROWS = 100
"""Held-out rows for each bin: each costs a share of delta, and the width of an interval."""

DIGITS = 6
"""Of a stated probability: further ones depend on the machine."""


@dataclass(frozen=True, eq=False)
class Bins(Record):
    """Bins of probabilities with one claim for each: the binned predictor states the claim.

    Attributes:
        edges: ascending, between the bins; halfway between two probabilities of `DIGITS` digits.
        claims: one more than edges: the mean of the probabilities of the training rows in the bin.
    """

    edges: tuple[float, ...]
    claims: tuple[float, ...]

    def of(self, stated: Float[np.ndarray, " n"]) -> Int[np.ndarray, " n"]:
        """Number of the bin of each probability."""
        return np.searchsorted(np.array(self.edges), stated)

    def counted(self, stated: Float[np.ndarray, " n"], right: Bool[np.ndarray, " n"]) -> tuple[list[int], list[int]]:
        """Right answers, and answers, in each bin.

        Args:
            stated: probability of each answer.
            right: whether it is right.
        """
        of, cells = self.of(stated), len(self.claims)
        return np.bincount(of[right], minlength=cells).tolist(), np.bincount(of, minlength=cells).tolist()


def bins_of(training: ArrayLike, rows: int) -> Bins:
    """Bins with as many training rows each, fewer where probabilities repeat.

    Args:
        training: shape (m,), in [0, 1]: probabilities that the predictor states for its answers on rows that do not
            certify.
        rows: number of rows that certify, of which there are `ROWS` for each bin.

    Raises:
        InputError: if there are none, or one is not in [0, 1].
    """
    known = read_probabilities("probabilities on the training part", training)
    cells = int(np.clip(rows // ROWS, 1, MOST))
    inner = np.quantile(known, np.arange(1, cells) / cells, method="lower")
    edges = np.unique(np.round(inner, DIGITS)) - 0.5 * 10.0**-DIGITS
    edges = edges[edges > known.min()]
    of = np.searchsorted(edges, known)
    claims = [float(np.clip(np.mean(known[of == cell]), 0, 1)) for cell in range(len(edges) + 1)]
    return Bins(tuple(edges.tolist()), tuple(claims))


def read_probabilities(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Read probabilities, to `DIGITS` digits.

    Raises:
        InputError: if they are no list of at least one number in [0, 1].
    """
    found = finite_array(name, values, 1)
    if not found.size or np.any((found < -1e-6) | (found > 1 + 1e-6)):
        raise InputError(f"{name} must be at least one number in [0, 1], got {found.min(initial=np.inf):g} and more")
    return np.round(np.clip(found, 0, 1), DIGITS)


def calibration_measured(
    bins: Bins, stated: Float[np.ndarray, " n"], right: Bool[np.ndarray, " n"], confidence: float = CONFIDENCE
) -> Estimate:
    """The expected calibration error of the binned predictor on some rows, with its interval.

    Both ends are those of simultaneous intervals of every bin: half of the failure probability for each.

    Args:
        bins: fixed before these rows were seen.
        stated: probability of each answer.
        right: whether it is right.
        confidence: of the interval, in (0, 1).
    """
    hits, counts = bins.counted(stated, right)
    rates = [k / n if n else claim for k, n, claim in zip(hits, counts, bins.claims, strict=True)]
    away = np.abs(np.array(rates) - bins.claims)
    value = float(np.clip(np.dot(away, counts) / sum(counts), 0, 1))
    tail = (1 - confidence) / 2
    high = evaluate_bound("calibration_error", stated=bins.claims, hits=hits, counts=counts, delta=tail).value
    return Estimate.sampled(value, min(_least(bins, hits, counts, tail), value), max(high or 1.0, value), confidence)


def _least(bins: Bins, hits: list[int], counts: list[int], delta: float) -> float:
    """A lower end: in every bin the smallest weight times the distance of the claim from the interval."""
    tail, n = delta / (4 * len(counts)), sum(counts)
    total = 0.0
    for k, m, claim in zip(hits, counts, bins.claims, strict=True):
        low, high = share_interval(k, m, tail)
        total += share_interval(m, n, tail)[0] * max(0.0, claim - high, low - claim)
    return total * (1 - 1e-12)

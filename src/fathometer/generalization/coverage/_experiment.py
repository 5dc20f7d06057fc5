"""An experiment: a law of samples, a bound, and the true risk of what the bound speaks about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fathometer.generalization.ledger._certified_risk import CertifiedRisk

Simulated = tuple[Mapping[str, NDArray | float], NDArray | float]
"""The bound's inputs and the true risk: one entry for each draw, or one for all."""

Simulation = Callable[[np.random.Generator, int], Simulated]
MOST_DRAWS = 1_000_000
"""Samples of one experiment."""


@dataclass(frozen=True)
class Experiment:
    """Independent samples on which a bound is evaluated and held against the true risk.

    Attributes:
        bound: id in the catalogue.
        setting: the law of the samples and what is certified, in one line.
        simulate: from a generator and a number of draws to inputs and risks, all draws at once.
        control: whether an assumption is broken on purpose, so that the bound must be violated.
        largest: largest value of the loss; None if there is none.
        most: more draws than this are not made, because the samples are large.
    """

    bound: str
    setting: str
    simulate: Simulation
    control: bool = False
    largest: float | None = 1.0
    most: int = MOST_DRAWS


def gaps_at(name: str, distances: NDArray[np.float64], **inputs: float) -> NDArray[np.float64]:
    """What a bound adds to an empirical risk of 0 at each distance from the centre, for delta = 0.05.

    Args:
        name: id of a bound with a key `distance`.
        distances: shape (k,), at least 0.
        **inputs: the other numbers of the bound by key, delta left out.
    """
    return CertifiedRisk(name, {"risk": 0.0, "distance": distances, **inputs}, 0.05).values()


def best_of_coins(rng: np.random.Generator, draws: int, coins: int, m: int, risk: float = 0.5) -> NDArray[np.float64]:
    """Smallest number of errors in m tosses among equal coins, by inversion of the law of a minimum: shape (draws,).

    Args:
        rng: where the numbers come from.
        draws: how often the coins are tossed.
        coins: number of coins.
        m: tosses of each coin.
        risk: probability of an error, in (0, 1).
    """
    from scipy.stats import binom

    return binom.ppf(-np.expm1(np.log1p(-rng.random(draws)) / coins), m, risk)


def pick(rng: np.random.Generator, weights: NDArray[np.float64]) -> NDArray[np.int64]:
    """One index from each row of weights of sum 1: shape (draws,)."""
    ends = np.cumsum(weights, axis=1)
    return np.minimum((rng.random((len(weights), 1)) * ends[:, -1:] > ends).sum(axis=1), weights.shape[1] - 1)


def at(table: NDArray, index: NDArray[np.int64]) -> NDArray[np.float64]:
    """The entry of each row that its index names: shape (draws,)."""
    return np.take_along_axis(table, index[:, None], axis=1)[:, 0]

"""An experiment: a law of samples, a bound, and the true risk of what the bound speaks about."""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError, whole_number
from fathometer.generalization.ledger._certified_risk import CertifiedRisk

Simulated = tuple[Mapping[str, NDArray | float], NDArray | float]
"""The bound's inputs and the true risk: one entry for each draw, or one for all."""

Simulation = Callable[..., Simulated]
"""Called with a generator and a number of draws; where the size of the samples can be changed, with that as `m`."""
MOST_DRAWS = 1_000_000
"""Samples of one experiment."""


@dataclass(frozen=True)
class Experiment:
    """Independent samples on which a bound is evaluated and held against the true risk.

    Attributes:
        bound: id in the catalogue.
        setting: the law of the samples and what is certified, in one line.
        simulate: from a generator and a number of draws to inputs and risks, all draws at once; see `Simulation`.
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

    @property
    def size(self) -> int | None:
        """Points of each sample; None if that cannot be changed, as of a control, which is seen at its own size."""
        if self.control:
            return None
        parameter = inspect.signature(self.simulate).parameters.get("m")
        return None if parameter is None else parameter.default

    def at_size(self, m: int) -> "Experiment":
        """The same experiment on samples of another size, at least 8.

        Raises:
            InputError: if m is less, or the size cannot be changed.
        """
        if self.size is None:
            raise InputError(f"the samples of {self.bound} ({self.setting}) have one size only: leave m out")
        count = whole_number("m", m, at_least=8)
        setting = re.sub(rf"\b{self.size}\b", str(count), self.setting)
        return replace(self, setting=setting, simulate=partial(self.simulate, m=count))


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

"""Votes of members whose errors depend on each other: a table of rows and members, drawn once."""

import numpy as np
from numpy.typing import NDArray

from fathometer.generalization.coverage._experiment import Experiment, Simulated, Simulation

MEMBERS, TYPES, M, HEAT = 7, 60, 400, 30.0
_RNG = np.random.default_rng(17)
WRONG = (_RNG.random((TYPES, MEMBERS)) < np.where(np.arange(TYPES) < 10, 0.6, 0.15)[:, None]).astype(float)
"""Whether a member errs on a type of row; ten types are hard. All types are as likely."""


def votes(*names: str) -> Simulation:
    """Gibbs weightings of the members, with what the bound asks for: `risk`, `tandem`."""

    def simulate(rng: np.random.Generator, draws: int, m: int = M) -> Simulated:
        frequency = rng.multinomial(m, np.full(TYPES, 1 / TYPES), draws) / m
        weights = np.exp(-HEAT * (frequency @ WRONG))
        weights /= weights.sum(axis=1, keepdims=True)
        mass = weights @ WRONG.T
        kl = np.maximum(np.sum(weights * np.log(weights * MEMBERS), axis=1), 0)
        known = {"risk": np.sum(frequency * mass, axis=1), "tandem": np.sum(frequency * mass**2, axis=1)}
        return {name: known[name] for name in names} | {"kl": kl, "m": m}, _vote_risk(mass)

    return simulate


def remembered(*names: str) -> Simulation:
    """Members that have seen the rows, whose labels are coin tosses: no errors there, and a risk of 1/2."""

    def simulate(rng: np.random.Generator, draws: int) -> Simulated:
        return dict.fromkeys(names, np.zeros(draws)) | {"kl": 0.0, "m": 200}, 0.5

    return simulate


def _vote_risk(mass: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share of the types on which members of at least half of the weight err."""
    return (mass >= 0.5).mean(axis=1)


_LAW = f"Gibbs weighting of {MEMBERS} members with dependent errors, {M} points"
_LEAK = "control: the members have seen the points, whose labels are coin tosses"
_ASKS = {"vote_first_order": ("risk",), "vote_tandem": ("tandem",), "vote_c_bound": ("risk", "tandem")}
EXPERIMENTS = (
    *(Experiment(name, _LAW, votes(*asks)) for name, asks in _ASKS.items()),
    *(Experiment(name, _LEAK, remembered(*asks), True) for name, asks in _ASKS.items()),
)

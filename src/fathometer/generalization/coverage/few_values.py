"""Losses with few values: one predictor on held-out points, and Gibbs posteriors over arms."""

import numpy as np
from numpy.typing import NDArray

from fathometer.generalization.coverage._experiment import Experiment, Simulated, best_of_coins
from fathometer.generalization.coverage.arms import ARMS, HEAT, MEANS, M

N, VALUES = 100, np.array([0.25, 1.0])
HALF_OR_ONE = np.array([[0.5, 1.0]])
TAILS = np.array([0.3, 0.05])


def held_out(rng: np.random.Generator, draws: int, m: int = N) -> Simulated:
    """Losses 0, 1/4 and 1 of a fixed predictor.

    Args:
        rng: where the numbers come from.
        draws: number of samples.
        m: points of each sample.
    """
    counts = rng.multinomial(m, -np.diff(TAILS, prepend=1, append=0), draws)
    return _inputs(np.cumsum(counts[:, :0:-1], axis=1)[:, ::-1], m), float(np.diff(VALUES, prepend=0) @ TAILS)


def chosen(rng: np.random.Generator, draws: int, m: int = N) -> Simulated:
    """The best of 5000 coins, whose errors cost 1, on the tosses that it was chosen by.

    Args:
        rng: where the numbers come from.
        draws: number of samples.
        m: points of each sample.
    """
    errors = best_of_coins(rng, draws, 5000, m)
    return _inputs(np.stack([errors, errors], axis=1), m), 0.5


def gibbs(rng: np.random.Generator, draws: int, m: int = M) -> Simulated:
    """An arm of mean p costs 1/2 with probability 2 p/3 and 1 with probability 2 p/3.

    Args:
        rng: where the numbers come from.
        draws: number of samples.
        m: points of each sample.
    """
    losses = rng.multinomial(m, np.stack([1 - 4 * MEANS / 3, 2 * MEANS / 3, 2 * MEANS / 3], axis=1), (draws, ARMS)) / m
    some, full = 1 - losses[:, :, 0], losses[:, :, 2]
    risks = (some + full) / 2
    weights = np.exp(-HEAT * (risks - risks.min(axis=1, keepdims=True)))
    weights /= weights.sum(axis=1, keepdims=True)
    kl = np.maximum(np.sum(weights * np.log(np.maximum(weights * ARMS, 1e-300)), axis=1), 0)
    shares = np.stack([np.sum(weights * part, axis=1) for part in (some, full)], axis=1)
    return {"values": HALF_OR_ONE, "shares": shares, "kl": kl, "m": m}, weights @ MEANS


def leaked(rng: np.random.Generator, draws: int) -> Simulated:
    """Prior and posterior are the best of 5000 coins, chosen on the certificate points."""
    share = best_of_coins(rng, draws, 5000, 50) / 50
    return {"values": HALF_OR_ONE, "shares": np.stack([share, share], axis=1), "kl": 0, "m": 50}, 0.5


def _inputs(counts: NDArray, n: int) -> dict[str, NDArray | float]:
    return {"values": VALUES[None], "counts": counts, "n": n}


EXPERIMENTS = (
    Experiment("test_split_binomial", f"fixed predictor with losses 0, 1/4 and 1, {N} points", held_out),
    Experiment(
        "test_split_binomial", f"control: best of 5000 coins, on the {N} tosses that it was chosen by", chosen, True
    ),
    Experiment("split_kl", f"Gibbs posterior over {ARMS} arms with losses 0, 1/2 and 1, {M} points", gibbs),
    Experiment("split_kl", "control: the prior has seen the certificate points (best of 5000 coins)", leaked, True),
)

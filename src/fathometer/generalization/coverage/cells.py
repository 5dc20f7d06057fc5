"""Groups and bins of held-out points of one predictor."""

import numpy as np

from fathometer.generalization.coverage._experiment import Experiment, Simulated, best_of_coins

N = 200
RISKS, SHARES = np.array([0.1, 0.1, 0.3]), np.array([0.2, 0.3, 0.5])
GAP = 0.2
STATED, TRUE = np.array([0.55, 0.7, 0.95]), np.array([0.5, 0.75, 0.9])
ERROR = float(SHARES @ np.abs(STATED - TRUE))


def groups(rng: np.random.Generator, draws: int, m: int = N) -> Simulated:
    """Errors in three groups, whose risks lie up to 0.2 apart.

    Args:
        rng: where the numbers come from.
        draws: number of samples.
        m: points of each sample.
    """
    return _cells(rng, draws, m, RISKS), GAP


def chosen_groups(rng: np.random.Generator, draws: int, m: int = N) -> Simulated:
    """Coins in both groups: in each the best of 5000, whose risks are said to be those of a coin and of 0.

    Args:
        rng: where the numbers come from.
        draws: number of samples.
        m: points of each sample.
    """
    errors = best_of_coins(rng, draws, 5000, m)
    return {"hits": np.stack([errors, np.zeros_like(errors)], axis=1), "counts": np.full((1, 2), m)}, 0.5


def bins(rng: np.random.Generator, draws: int, m: int = N) -> Simulated:
    """Answers that are right less or more often than the probability of their bin.

    Args:
        rng: where the numbers come from.
        draws: number of samples.
        m: points of each sample.
    """
    return _cells(rng, draws, m, TRUE) | {"stated": STATED[None]}, ERROR


def learnt_bins(rng: np.random.Generator, draws: int, m: int = N) -> Simulated:
    """The claims are the frequencies of the best of 5000 coins on the points that certify.

    Args:
        rng: where the numbers come from.
        draws: number of samples.
        m: points of each sample.
    """
    hits = m - best_of_coins(rng, draws, 5000, m)
    return {"stated": hits[:, None] / m, "hits": hits[:, None], "counts": np.full((1, 1), m)}, hits / m - 0.5


def _cells(rng: np.random.Generator, draws: int, m: int, rates: np.ndarray) -> dict[str, np.ndarray | float]:
    counts = rng.multinomial(m, SHARES, draws)
    return {"hits": rng.binomial(counts, rates), "counts": counts}


EXPERIMENTS = (
    Experiment("group_gap", f"errors in three groups, {N} points", groups),
    Experiment("group_gap", "control: the best of 5000 coins beside a group without errors", chosen_groups, True),
    Experiment("calibration_error", f"three bins with claims that are off by 0.05, {N} points", bins),
    Experiment("calibration_error", "control: the claims come from the points that certify", learnt_bins, True),
)

"""Each row carries a fair coin for all others: the one that fits best is given back by a single row."""

import numpy as np

from fathometer.generalization.coverage._experiment import Experiment, Simulated, Simulation, best_of_coins

ROWS = 100


def best_row(size: int, as_risk: bool) -> Simulation:
    """Errors of the coin, of those of all rows, that errs least on the 99 others.

    Args:
        size: number of rows that are said to give the predictor back; it is 1.
        as_risk: whether the bound asks for a rate.
    """

    def simulate(rng: np.random.Generator, draws: int, m: int = ROWS) -> Simulated:
        left = m - 1
        errors = best_of_coins(rng, draws, m, left)
        found = {"risk": errors / left} if as_risk else {"errors": errors}
        return found | {"size": size, "m": m if size else left}, 0.5

    return simulate


_LAW = f"the row, of {ROWS}, whose coin fits the others best"
_NONE = f"control: {_LAW}, is said to be no row"
EXPERIMENTS = (
    Experiment("compression_binomial", _LAW, best_row(1, False)),
    Experiment("compression_kl", _LAW, best_row(1, True)),
    Experiment("compression_binomial", _NONE, best_row(0, False), True),
    Experiment("compression_kl", _NONE, best_row(0, True), True),
)

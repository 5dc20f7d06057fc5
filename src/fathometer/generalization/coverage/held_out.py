"""One predictor and held-out points."""

import numpy as np
from scipy.special import betaln
from scipy.stats import binom

from fathometer.generalization.coverage._experiment import Experiment, Simulated, Simulation, best_of_coins

P, N, TIMES, LOSSES, TABLE = 0.1, 100, 300, 30, 1000
MEAN = 2 / 7
CLASSES = 10
RISKS = np.linspace(0.05, 0.5, CLASSES)


def errors(rng: np.random.Generator, draws: int, m: int = N) -> Simulated:
    """Errors of a fixed predictor.

    Args:
        rng: where the numbers come from.
        draws: number of samples.
        m: points of each sample.
    """
    return {"errors": rng.binomial(m, P, draws), "n": m}, P


def risks(rng: np.random.Generator, draws: int, m: int = N) -> Simulated:
    """Error rates of a fixed predictor.

    Args:
        rng: where the numbers come from.
        draws: number of samples.
        m: points of each sample.
    """
    return {"risk": rng.binomial(m, P, draws) / m, "n": m}, P


def stopped(rng: np.random.Generator, draws: int, m: int = TIMES) -> Simulated:
    """Errors at the size at which the bettor against the truth is richest.

    Args:
        rng: where the numbers come from.
        draws: number of samples.
        m: points of each sample.
    """
    k, n = np.cumsum(rng.random((draws, m)) < P, axis=1), np.arange(1, m + 1)
    log_wealth = betaln(k + 0.5, n - k + 0.5) - k * np.log(P) - (n - k) * np.log1p(-P)
    worst = np.argmax(log_wealth, axis=1)
    return {"errors": k[np.arange(draws), worst], "n": n[worst]}, P


def losses(rng: np.random.Generator, draws: int, m: int = LOSSES) -> Simulated:
    """Losses from Beta(2, 5).

    Args:
        rng: where the numbers come from.
        draws: number of samples.
        m: points of each sample.
    """
    return {"losses": rng.beta(2, 5, (draws, m))}, MEAN


def chosen_losses(rng: np.random.Generator, draws: int, m: int = LOSSES) -> Simulated:
    """Losses of the best of 10 predictors, each with Beta(2, 5) losses.

    Args:
        rng: where the numbers come from.
        draws: number of samples.
        m: points of each sample.
    """
    table = rng.beta(2, 5, (draws, 10, m))
    best = np.argmin(table.mean(axis=2), axis=1)
    return {"losses": table[np.arange(draws), best], "kl": np.log(10) * (1 + 1e-15)}, MEAN


def variances(rng: np.random.Generator, draws: int, m: int = N) -> Simulated:
    """Means and variances of Beta(2, 5) losses.

    Args:
        rng: where the numbers come from.
        draws: number of samples.
        m: points of each sample.
    """
    table = rng.beta(2, 5, (draws, m))
    return {"risk": table.mean(axis=1), "variance": table.var(axis=1, ddof=1), "n": m}, MEAN


def worst_class(cells: int) -> Simulation:
    """The class, of ten that are as likely, whose limit is exceeded by most; the risks are 0.05 to 0.5.

    Args:
        cells: number of classes that the bound is told of.
    """

    def simulate(rng: np.random.Generator, draws: int, m: int = TABLE) -> Simulated:
        n = np.maximum(rng.multinomial(m, np.full(CLASSES, 1 / CLASSES), draws), 1)
        k = rng.binomial(n, RISKS)
        worst = np.argmax(binom.sf(k, n, RISKS), axis=1)
        rows = np.arange(draws)
        return {"errors": k[rows, worst], "n": n[rows, worst], "cells": cells}, RISKS[worst]

    return simulate


def training_errors(rng: np.random.Generator, draws: int) -> Simulated:
    """Errors of the best of 50 coins on the tosses that it was chosen by."""
    return {"errors": best_of_coins(rng, draws, 50, 200), "n": 200}, 0.5


_COIN = f"fixed predictor with risk {P}, {N} held-out points"
EXPERIMENTS = (
    Experiment("test_binomial", _COIN, errors),
    Experiment("test_kl", _COIN, risks),
    Experiment("test_hoeffding", _COIN, risks),
    Experiment("test_betting", f"fixed predictor with risk {P}, stopped at the worst of {TIMES} times", stopped),
    Experiment("test_betting_losses", f"Beta(2, 5) losses, {LOSSES} points", losses, most=10_000),
    Experiment("coinbet", f"best of 10 predictors with Beta(2, 5) losses, {LOSSES} points", chosen_losses, most=10_000),
    Experiment("test_empbernstein", f"Beta(2, 5) losses, {N} points", variances),
    Experiment(
        "test_binomial", "control: best of 50 coins, on the 200 tosses that it was chosen by", training_errors, True
    ),
    Experiment(
        "simultaneous_binomial",
        "recall of the worst of ten classes, with a share for ten precisions",
        worst_class(2 * CLASSES),
    ),
    Experiment(
        "simultaneous_binomial", "control: the worst class of ten is said to be the only one", worst_class(1), True
    ),
)

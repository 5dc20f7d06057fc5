"""Finitely many predictors: the Gibbs posterior, draws from it, a private prior, the best and the worst of a set."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fathometer.generalization.coverage._experiment import Experiment, Simulated, Simulation, at, best_of_coins, pick

ARMS, M, HEAT = 50, 200, 100.0
MEANS = np.linspace(0.1, 0.6, ARMS)
COINS, TOSSES = 30, 100
SET, SET_M, SET_LAM = 20, 1000, 50.0
EPSILON = 0.02


@dataclass(frozen=True)
class Posterior:
    """Gibbs posteriors of inverse temperature 100 against the uniform prior, one for each draw.

    Attributes:
        m: points of each sample.
        risks: shape (draws, ARMS), error rates on them.
        weights: shape (draws, ARMS), of sum 1.
        arm: shape (draws,), one arm drawn from each posterior.
    """

    m: int
    risks: NDArray[np.float64]
    weights: NDArray[np.float64]
    arm: NDArray[np.int64]

    def mean(self, table: NDArray[np.float64]) -> NDArray[np.float64]:
        """Posterior means of a number for each arm."""
        return np.sum(self.weights * table, axis=1)

    @property
    def kl(self) -> NDArray[np.float64]:
        """KL to the uniform prior."""
        return np.maximum(self.mean(np.log(np.maximum(self.weights * ARMS, 1e-300))), 0)

    @property
    def log_ratio(self) -> NDArray[np.float64]:
        """Ln of posterior over prior weight at the drawn arm."""
        return np.log(at(self.weights, self.arm) * ARMS)

    @property
    def variance(self) -> NDArray[np.float64]:
        """Posterior mean of the unbiased sample variance."""
        return self.mean(self.risks * (1 - self.risks)) * self.m / (self.m - 1)

    @property
    def squares(self) -> NDArray[np.float64]:
        """Posterior mean of the mean squared deviation of the losses from the true risk."""
        return self.mean(self.risks * (1 - 2 * MEANS) + MEANS**2)


def posterior(rng: np.random.Generator, draws: int, m: int = M) -> Posterior:
    """Draw samples and one arm from each posterior.

    Args:
        rng: where the numbers come from.
        draws: number of samples.
        m: points of each sample.
    """
    risks = rng.binomial(m, MEANS, (draws, ARMS)) / m
    weights = np.exp(-HEAT * (risks - risks.min(axis=1, keepdims=True)))
    weights /= weights.sum(axis=1, keepdims=True)
    return Posterior(m, risks, weights, pick(rng, weights))


def gibbs(more: Callable[[Posterior], Mapping[str, NDArray | float]]) -> Simulation:
    """The Gibbs risk of the posterior."""

    def simulate(rng: np.random.Generator, draws: int, m: int = M) -> Simulated:
        law = posterior(rng, draws, m)
        return {"risk": law.mean(law.risks), "kl": law.kl, "m": m, **more(law)}, law.mean(MEANS)

    return simulate


def drawn(more: Callable[[Posterior], Mapping[str, NDArray | float]]) -> Simulation:
    """The risk of one arm drawn from the posterior."""

    def simulate(rng: np.random.Generator, draws: int, m: int = M) -> Simulated:
        law = posterior(rng, draws, m)
        return {"risk": at(law.risks, law.arm), "m": m, **more(law)}, MEANS[law.arm]

    return simulate


def best(rng: np.random.Generator, draws: int, m: int = M) -> Simulated:
    """The best of fair coins.

    Args:
        rng: where the numbers come from.
        draws: number of samples.
        m: points of each sample.
    """
    return {"risk": best_of_coins(rng, draws, ARMS, m) / m, "hypotheses": ARMS, "m": m}, 0.5


def best_by_weight(weight: float) -> Simulation:
    """The errors of the best of fair coins, each of which is said to have this weight."""

    def simulate(rng: np.random.Generator, draws: int, m: int = TOSSES) -> Simulated:
        return {"errors": best_of_coins(rng, draws, COINS, m), "n": m, "weight": weight}, 0.5

    return simulate


def private(rng: np.random.Generator, draws: int, m: int = M) -> Simulated:
    """Prior and posterior are one arm, chosen by the exponential mechanism, which is EPSILON-private.

    Args:
        rng: where the numbers come from.
        draws: number of samples.
        m: points of each sample.
    """
    risks = rng.binomial(m, MEANS, (draws, ARMS)) / m
    weights = np.exp(-EPSILON * m / 2 * risks)
    arm = pick(rng, weights / weights.sum(axis=1, keepdims=True))
    return {"risk": at(risks, arm), "kl": 0, "m": m, "epsilon": EPSILON}, MEANS[arm]


def worst_of_a_set(rng: np.random.Generator, draws: int, m: int = SET_M) -> Simulated:
    """The fair coin with the largest gap, of a set that does not depend on the data; complexity by Massart.

    Args:
        rng: where the numbers come from.
        draws: number of samples.
        m: points of each sample.
    """
    counts = rng.binomial(m, 0.5, (draws, SET))
    complexity = np.sqrt(counts.max(axis=1) * 2 * np.log(SET)) / m
    risk = counts.min(axis=1) / m
    return {"risk": risk, "complexity": complexity, "log_ratio": 0, "m": m, "lam": SET_LAM}, 0.5


def complexity_of_a_set(rng: np.random.Generator, draws: int, m: int = SET_M) -> Simulated:
    """The same for the Rademacher bounds; the expected complexity is at most that of losses that are all 1.

    Args:
        rng: where the numbers come from.
        draws: number of samples.
        m: points of each sample.
    """
    inputs, risk = worst_of_a_set(rng, draws, m)
    return {"risk": inputs["risk"], "complexity": np.sqrt(2 * np.log(SET) / m), "m": m}, risk


def leaked(rng: np.random.Generator, draws: int) -> Simulated:
    """Prior and posterior are the best of 5000 coins, chosen on the certificate points: the KL is 0 and a lie."""
    return {"risk": best_of_coins(rng, draws, 5000, 50) / 50, "kl": 0, "m": 50}, 0.5


def leaked_block(rng: np.random.Generator, draws: int) -> Simulated:
    """The prior of the only block is the best of 5000 coins on that block, and the posterior is the prior."""
    return {"risk": best_of_coins(rng, draws, 5000, 50) / 50, "lipschitz": 1, "distance": 0, "m": 50}, 0.5


def _of(**more: float) -> Callable[[Posterior], Mapping[str, NDArray | float]]:
    return lambda law: more


_GIBBS = f"Gibbs posterior over {ARMS} arms with risks from 0.1 to 0.6, {M} points"
_DRAW = f"one draw from the Gibbs posterior over {ARMS} arms, {M} points"
_PLAIN = (
    "mcallester",
    "maurer_seeger",
    "maurer_exact",
    "pb_quad",
    "pb_lambda",
    "pinsker_refined",
    "seeger_twosided",
    "coinbet_kl",
)
EXPERIMENTS = (
    *(Experiment(name, _GIBBS, gibbs(_of())) for name in _PLAIN),
    Experiment("catoni", _GIBBS, gibbs(_of(C=1.0))),
    Experiment("catoni_linear", _GIBBS, gibbs(_of(lam=100.0))),
    Experiment("tolstikhin_seldin", _GIBBS, gibbs(lambda law: {"variance": law.variance})),
    Experiment(
        "heavy_tailed_kl",
        _GIBBS,
        gibbs(lambda law: {"variance": law.mean(MEANS * (1 - MEANS)), "squares": law.squares, "lam": 0.3}),
    ),
    Experiment("supermart_nonneg", _GIBBS, gibbs(lambda law: {"second_moment": law.mean(MEANS), "lam": 0.3})),
    Experiment("disint_rivasplata", _DRAW, drawn(lambda law: {"log_ratio": law.log_ratio})),
    Experiment(
        "disint_renyi", _DRAW, drawn(lambda law: {"renyi": np.maximum(np.log(law.mean(law.weights * ARMS)), 0)})
    ),
    Experiment("disint_blanchard", _DRAW, drawn(lambda law: {"log_ratio": law.log_ratio, "b": 1.0})),
    Experiment("disint_catoni", _DRAW, drawn(lambda law: {"log_ratio": law.log_ratio, "C": 1.0})),
    Experiment("dp_prior", f"one of {ARMS} arms by the exponential mechanism, {M} points", private),
    Experiment("occam", f"best of {ARMS} fair coins, {M} points", best),
    Experiment("occam_binomial", f"best of {COINS} fair coins, {TOSSES} points", best_by_weight(1 / COINS)),
    Experiment("random_set", f"largest gap among {SET} fair coins, {SET_M} points", worst_of_a_set),
    Experiment("rademacher", f"largest gap among {SET} fair coins, {SET_M} points", complexity_of_a_set),
    Experiment("rademacher_empirical", f"largest gap among {SET} fair coins, {SET_M} points", complexity_of_a_set),
    Experiment(
        "maurer_seeger", "control: the prior has seen the certificate points (best of 5000 coins)", leaked, True
    ),
    Experiment("maurer_exact", "control: the prior has seen the certificate points (best of 5000 coins)", leaked, True),
    Experiment("occam_binomial", f"control: each of {COINS} fair coins has weight 1", best_by_weight(1.0), True),
    Experiment("risk_transport", "control: the prior has seen its block (best of 5000 coins)", leaked_block, True),
)

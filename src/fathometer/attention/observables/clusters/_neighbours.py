"""How many tokens a token attends to."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.special import logsumexp

from fathometer.attention.model._system import ParticleSystem
from fathometer.evidence import Estimate, Observable, Problem

States = Mapping[str, NDArray]


def attention_entropy(
    points: Float[np.ndarray, "t n d"], masses: Float[np.ndarray, " n"], beta: float
) -> Float[np.ndarray, "t n"]:
    """Entropy in nats of every token's attention A_ij = m_j exp(beta <x_i, x_j>) / Z_i over the tokens j, itself too.

    Between 0 and log(n). Its exponential is the effective number of neighbours.

    Args:
        points: unit vectors.
        masses: positive, sum 1.
        beta: inverse temperature, >= 0.
    """
    return np.stack([_entropy(state, masses, beta) for state in points])


def _entropy(points: Float[np.ndarray, "n d"], masses: Float[np.ndarray, " n"], beta: float) -> NDArray[np.float64]:
    scores = np.log(masses) + beta * (np.minimum(points @ points.T, 1.0) - 1)
    log_attention = scores - np.asarray(logsumexp(scores, axis=1, keepdims=True))
    return np.maximum(0.0, -np.sum(np.exp(log_attention) * log_attention, axis=1))


def _entropies(problem: Problem, states: States) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    system = ParticleSystem.expect(problem)
    return attention_entropy(states["points"], system.masses, system.beta), system.masses


def _measure_entropy(problem: Problem, states: States) -> Estimate:
    entropy, masses = _entropies(problem, states)
    return Estimate.exact(entropy @ masses)


def _measure_neighbours(problem: Problem, states: States) -> Estimate:
    entropy, masses = _entropies(problem, states)
    return Estimate.exact(np.exp(entropy) @ masses)


ATTENTION_ENTROPY = Observable(
    "attention_entropy", "nat", "mean over tokens, by mass, of the entropy of their attention", _measure_entropy
)
EFFECTIVE_NEIGHBOURS = Observable(
    "effective_neighbours",
    "1",
    "mean over tokens, by mass, of the exponential of the entropy of their attention",
    _measure_neighbours,
)

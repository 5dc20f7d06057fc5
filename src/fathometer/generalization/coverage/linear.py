"""Linear predictors on the sphere, at the weights with the largest gap; thresholds on random labels."""

import numpy as np
from numpy.typing import NDArray

from fathometer.generalization.coverage._experiment import Experiment, Simulated, Simulation

M, DIM = 200, 10
_CHUNK = 250


def mean_lengths(rng: np.random.Generator, draws: int) -> NDArray[np.float64]:
    """Length of the mean of M uniform points on the unit sphere: what the loss (1 + <w, x>)/2 can gain, doubled."""
    lengths = []
    for first in range(0, draws, _CHUNK):
        x = rng.normal(size=(min(_CHUNK, draws - first), M, DIM))
        x /= np.linalg.norm(x, axis=2, keepdims=True)
        lengths.append(np.linalg.norm(x.mean(axis=1), axis=1))
    return np.concatenate(lengths)


def worst_weights(**more: float) -> Simulation:
    """The unit vector with the largest gap; its loss (1 + <w, x>)/2, clipped to [0, 1] elsewhere, is 1/2-Lipschitz."""

    def simulate(rng: np.random.Generator, draws: int) -> Simulated:
        return {"risk": (1 - mean_lengths(rng, draws)) / 2, "lipschitz": 0.5, "m": M, **more}, 0.5

    return simulate


def best_threshold(rng: np.random.Generator, draws: int) -> Simulated:
    """The threshold with the fewest errors on labels that are coin tosses; the class has VC dimension 1."""
    labels = np.where(rng.random((draws, M)) < 0.5, 1, -1)
    gains = np.concatenate([np.zeros((draws, 1)), np.cumsum(labels, axis=1)], axis=1).max(axis=1)
    errors = np.sum(labels == 1, axis=1) - gains
    return {"risk": errors / M, "vc_dim": 1, "m": M}, 0.5


_SPHERE = f"unit vector with the largest gap, points on the sphere of R^{DIM}, {M} points"
_BALLS = ("covering", "smooth_gauss", "smooth_ball", "smooth_increment", "chain_gauss")
EXPERIMENTS = (
    Experiment("rademacher_linear", _SPHERE, worst_weights(radius=1.0)),
    Experiment("w1_glm_local", _SPHERE, worst_weights(distance=1.0, base_radius=1.0)),
    *(Experiment(name, _SPHERE, worst_weights(radius=1.0, dim=DIM)) for name in _BALLS),
    Experiment("vc", f"best threshold on coin tosses, {M} points", best_threshold),
)

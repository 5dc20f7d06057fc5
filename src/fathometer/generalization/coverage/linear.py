"""Linear predictors on the sphere, at the weights with the largest gap; thresholds on random labels."""

import numpy as np
from numpy.typing import NDArray

from fathometer.generalization.coverage._experiment import Experiment, Simulated, Simulation, gaps_at

M, DIM = 200, 10
_NUMBERS = 2_000_000
"""Normal numbers that are drawn at once."""


def mean_lengths(rng: np.random.Generator, draws: int, m: int = M, dim: int = DIM) -> NDArray[np.float64]:
    """Length of the mean of m uniform points on the unit sphere: what the loss (1 + <w, x>)/2 can gain, doubled.

    Args:
        rng: where the numbers come from.
        draws: number of samples.
        m: points of each sample.
        dim: of the space.
    """
    chunk, lengths = max(1, _NUMBERS // (m * dim)), []
    for first in range(0, draws, chunk):
        x = rng.normal(size=(min(chunk, draws - first), m, dim))
        x /= np.linalg.norm(x, axis=2, keepdims=True)
        lengths.append(np.linalg.norm(x.mean(axis=1), axis=1))
    return np.concatenate(lengths)


def worst_weights(**more: float) -> Simulation:
    """The unit vector with the largest gap; its loss (1 + <w, x>)/2, clipped to [0, 1] elsewhere, is 1/2-Lipschitz."""

    def simulate(rng: np.random.Generator, draws: int, m: int = M) -> Simulated:
        return {"risk": (1 - mean_lengths(rng, draws, m)) / 2, "lipschitz": 0.5, "m": m, **more}, 0.5

    return simulate


def worst_radius(name: str, **more: float) -> Simulation:
    """In the direction of the largest gap, the norm in (0, 1] at which it exceeds the bound by most."""

    def simulate(rng: np.random.Generator, draws: int, m: int = M) -> Simulated:
        inputs = {"lipschitz": 0.5, "m": m, **more}
        radii = np.arange(1, 33) / 32
        gaps = gaps_at(name, radii, **inputs)
        lengths = mean_lengths(rng, draws, m)
        chosen = radii[np.argmax(lengths[:, None] / 2 * radii - gaps, axis=1)]
        return {"risk": (1 - chosen * lengths) / 2, "distance": chosen, **inputs}, 0.5

    return simulate


def best_threshold(rng: np.random.Generator, draws: int, m: int = M) -> Simulated:
    """The threshold with the fewest errors on labels that are coin tosses; the class has VC dimension 1.

    Args:
        rng: where the numbers come from.
        draws: number of samples.
        m: points of each sample.
    """
    labels = np.where(rng.random((draws, m)) < 0.5, 1, -1)
    gains = np.concatenate([np.zeros((draws, 1)), np.cumsum(labels, axis=1)], axis=1).max(axis=1)
    errors = np.sum(labels == 1, axis=1) - gains
    return {"risk": errors / m, "vc_dim": 1, "m": m}, 0.5


_SPHERE = f"unit vector with the largest gap, points on the sphere of R^{DIM}, {M} points"
_NORMS = f"vector of norm at most 1 that exceeds the bound by most, sphere of R^{DIM}, {M} points"
_BALLS = ("covering", "smooth_gauss", "smooth_ball", "smooth_increment", "chain_gauss")
EXPERIMENTS = (
    Experiment("rademacher_linear", _SPHERE, worst_weights(radius=1.0)),
    Experiment("w1_glm_local", _NORMS, worst_radius("w1_glm_local", base_radius=1 / 16)),
    Experiment("smooth_free", _NORMS, worst_radius("smooth_free", prior_sigma=0.3, dim=DIM)),
    Experiment("smooth_increment_peeled", _NORMS, worst_radius("smooth_increment_peeled", base_radius=1 / 16, dim=DIM)),
    *(Experiment(name, _SPHERE, worst_weights(radius=1.0, dim=DIM)) for name in _BALLS),
    Experiment("vc", f"best threshold on coin tosses, {M} points", best_threshold),
)

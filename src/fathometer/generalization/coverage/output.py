"""Linear predictors, smoothed: at each sample, the one of a family whose true risk exceeds its certificate by most."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from fathometer.generalization.coverage._experiment import Experiment, Simulated
from fathometer.generalization.ledger._certified_risk import CertifiedRisk

M, DIM, FLIPPED = 200, 10, 0.1
SIGMA, THRESHOLD = 0.1, 1.0
STEPS, LENGTHS = 4, (0.05, 0.1, 0.2)
_DELTA = 0.05
CENTRE, TRUTH = np.eye(DIM)[0], np.eye(DIM)[0] * np.cos(0.2) + np.eye(DIM)[1] * np.sin(0.2)
"""The prior mean, and the weights that make the labels before some are flipped."""


def labelled(rng: np.random.Generator, draws: int, m: int = M) -> NDArray[np.float64]:
    """Points on the unit sphere times their labels, which are flipped with probability FLIPPED: (draws, m, DIM).

    Args:
        rng: where the numbers come from.
        draws: number of samples.
        m: points of each sample.
    """
    x = rng.normal(size=(draws, m, DIM))
    x /= np.linalg.norm(x, axis=2, keepdims=True)
    signs = np.where((x @ TRUTH > 0) ^ (rng.random((draws, m)) < FLIPPED), 1.0, -1.0)
    return x * signs[:, :, None]


def error(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """0/1 risk of weights on new points, from their angle with the true ones: last axis of length DIM."""
    angle = np.arccos(np.clip(weights @ TRUTH / np.linalg.norm(weights, axis=-1), -1, 1))
    return FLIPPED + (1 - 2 * FLIPPED) * angle / np.pi


def family(yx: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights that fit the sample better and better: (members, draws, DIM), the centre first.

    Each round moves from the last member, by each of the LENGTHS, against the gradient of the smoothed risk.
    """
    members = [np.tile(CENTRE, (len(yx), 1))]
    for _ in range(STEPS):
        last = members[-1]
        density = np.exp(-((THRESHOLD - np.einsum("nmd,nd->nm", yx, last) / SIGMA) ** 2) / 2)
        pull = np.einsum("nm,nmd->nd", density, yx)
        pull /= np.linalg.norm(pull, axis=1, keepdims=True)
        members += [last + length * pull for length in LENGTHS]
    return np.array(members)


def worst_classifier(rng: np.random.Generator, draws: int, m: int = M) -> Simulated:
    """The member whose 0/1 risk exceeds the certificate by most.

    Args:
        rng: where the numbers come from.
        draws: number of samples.
        m: points of each sample.
    """
    yx = labelled(rng, draws, m)
    members = family(yx)
    risk = np.array([ndtr(THRESHOLD - np.einsum("nmd,nd->nm", yx, h) / SIGMA).mean(axis=1) for h in members])
    kl = np.sum((members - CENTRE) ** 2, axis=2) / (2 * SIGMA**2)
    return _worst("output_conversion", {"risk": risk, "kl": kl}, {"threshold": THRESHOLD, "m": m}, error(members))


def worst_regressor(rng: np.random.Generator, draws: int, m: int = M) -> Simulated:
    """The same for the loss (1 - y<h, x>)/2, clipped to [0, 1], which has slope 1/2 where |h| <= 1.

    Args:
        rng: where the numbers come from.
        draws: number of samples.
        m: points of each sample.
    """
    yx = labelled(rng, draws, m)
    members = family(yx)
    members /= np.maximum(np.linalg.norm(members, axis=2, keepdims=True), 1)
    risk = np.array([smoothed_loss(np.einsum("nmd,nd->nm", yx, h), SIGMA).mean(axis=1) for h in members])
    kl = np.sum((members - CENTRE) ** 2, axis=2) / (2 * SIGMA**2)
    truth = (1 - (1 - 2 * FLIPPED) * MEAN_HEIGHT * (members @ TRUTH)) / 2
    fixed = {"lipschitz": 0.5, "sigma": SIGMA, "m": m}
    return _worst("output_conversion_lipschitz", {"risk": risk, "kl": kl}, fixed, truth)


def smoothed_loss(margins: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    """E max(0, min(1, (1 - s)/2)) for s ~ N(margin, sigma^2): half a difference of two expected shortfalls."""
    return (_shortfall(1 - margins, sigma) - _shortfall(-1 - margins, sigma)) / 2


def _shortfall(level: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    """E max(level - s, 0) for s ~ N(0, sigma^2)."""
    z = level / sigma
    return level * ndtr(z) + sigma * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


def _mean_height() -> float:
    """E|<x, u>| for x uniform on the unit sphere of R^DIM and |u| = 1: E|g| / E|N(0, I)| for a Gaussian g."""
    from scipy.special import gammaln

    return float(np.exp(gammaln(DIM / 2) - gammaln((DIM + 1) / 2)) / np.sqrt(np.pi))


def _worst(
    name: str, varying: dict[str, NDArray[np.float64]], fixed: dict[str, float], truth: NDArray[np.float64]
) -> Simulated:
    """Of members along the first axis, for each sample, the one with the largest truth minus bound at delta = 0.05."""
    flat = {key: values.ravel() for key, values in varying.items()}
    bounds = CertifiedRisk(name, {**flat, **fixed}, _DELTA).values().reshape(truth.shape)
    chosen = (truth - bounds).argmax(axis=0), np.arange(truth.shape[1])
    return {key: values[chosen] for key, values in varying.items()} | fixed, truth[chosen]


MEAN_HEIGHT = _mean_height()
_LAW = f"with the largest gap of {1 + STEPS * len(LENGTHS)} that fit the sample, sphere of R^{DIM}, {M} points"
EXPERIMENTS = (
    Experiment("output_conversion", f"classifier {_LAW}", worst_classifier, most=2000),
    Experiment("output_conversion_lipschitz", f"predictor {_LAW}", worst_regressor, most=2000),
)

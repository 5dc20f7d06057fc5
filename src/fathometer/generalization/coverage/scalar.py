"""Loss min(1, |h - z|) for z uniform on [0, 1]: the h in [0, 1] with the largest gap, and ways to choose h."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from fathometer.generalization.coverage._experiment import Experiment, Simulated, Simulation, at

M, BLOCKS, LATTICE, SIGMA = 200, 4, 41, 0.02
GRID = np.linspace(0, 1, LATTICE)
_CHUNK = 500


def risk(h: NDArray[np.float64]) -> NDArray[np.float64]:
    """True risk of h in [0, 1]."""
    return (h**2 + (1 - h) ** 2) / 2


def sample_risk(z: NDArray[np.float64], h: NDArray[np.float64]) -> NDArray[np.float64]:
    """Empirical risk of one h for each draw."""
    return np.mean(np.abs(z - h[:, None]), axis=1)


def worst(rng: np.random.Generator, draws: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Samples, the h of the grid with the largest gap between true and empirical risk, and its empirical risk."""
    z = rng.random((draws, M))
    parts = np.split(z, range(_CHUNK, draws, _CHUNK))
    table = np.concatenate([np.abs(part[:, None, :] - GRID[:, None]).mean(axis=2) for part in parts])
    index = np.argmax(risk(GRID) - table, axis=1)
    return z, GRID[index], at(table, index)


def in_a_ball(rng: np.random.Generator, draws: int) -> Simulated:
    """The worst h of the ball of radius 1/2 around 1/2."""
    _, h, empirical = worst(rng, draws)
    return {"risk": empirical, "lipschitz": 1, "radius": 0.5, "dim": 1, "m": M}, risk(h)


def from_the_centre(**more: float) -> Simulation:
    """The worst h, at its distance from 1/2."""

    def simulate(rng: np.random.Generator, draws: int) -> Simulated:
        _, h, empirical = worst(rng, draws)
        return {"risk": empirical, "lipschitz": 1, "distance": np.abs(h - 0.5), "m": M, **more}, risk(h)

    return simulate


def cross_fitted(rng: np.random.Generator, draws: int) -> Simulated:
    """The worst h, at its mean distance from the medians of the complements of 4 blocks."""
    z, h, empirical = worst(rng, draws)
    away = np.mean(np.abs(h[:, None] - _complement_medians(z)), axis=1)
    return {"risk": empirical, "lipschitz": 1, "distance": away, "m": M, "blocks": BLOCKS}, risk(h)


def transported(rng: np.random.Generator, draws: int) -> Simulated:
    """The worst h, from the risks of those medians on their own blocks."""
    z, h, _ = worst(rng, draws)
    medians = _complement_medians(z)
    blocks = z.reshape(draws, BLOCKS, -1)
    empirical = np.mean(np.abs(blocks - medians[:, :, None]), axis=(1, 2))
    away = np.mean(np.abs(h[:, None] - medians), axis=1)
    return {"risk": empirical, "lipschitz": 1, "distance": away, "m": M, "blocks": BLOCKS}, risk(h)


def smoothed(rng: np.random.Generator, draws: int) -> Simulated:
    """The worst h, by its posterior N(h, sigma^2); the mean of |N - z| in closed form, at least that of the loss."""
    z, h, _ = worst(rng, draws)
    a = z - h[:, None]
    around = SIGMA * np.sqrt(2 / np.pi) * np.exp(-((a / SIGMA) ** 2) / 2)
    gibbs = np.mean(a * erf(a / SIGMA / np.sqrt(2)) + around, axis=1)
    prior = 0.25
    kl = (h - 0.5) ** 2 / (2 * prior) + (SIGMA**2 / prior - 1 - np.log(SIGMA**2 / prior)) / 2
    return {"risk": gibbs, "kl": kl, "lipschitz": 1, "sigma": SIGMA, "dim": 1, "m": M}, risk(h)


def between(at_eta: bool) -> Simulation:
    """The worst h, by a Dirac eta on a lattice of 11 points with the uniform prior."""

    def simulate(rng: np.random.Generator, draws: int) -> Simulated:
        z, h, empirical = worst(rng, draws)
        eta = np.round(h * 10) / 10
        inputs = {"lipschitz": 1, "distance": np.abs(h - eta), "kl": np.log(11), "m": M}
        return inputs | {"risk": sample_risk(z, eta) if at_eta else empirical}, risk(h)

    return simulate


def stable_mean(rng: np.random.Generator, draws: int) -> Simulated:
    """The sample mean, which is 1/m-uniformly stable."""
    z = rng.random((draws, M))
    h = z.mean(axis=1)
    return {"risk": sample_risk(z, h), "beta": 1 / M, "m": M}, risk(h)


def denied_slope(rng: np.random.Generator, draws: int) -> Simulated:
    """From 1/2 to 1 the risk grows from 1/4 to 1/2, which the claimed constant 0.01 denies."""
    empirical = np.mean(np.abs(rng.random((draws, M)) - 0.5), axis=1)
    return {"risk": empirical, "lipschitz": 0.01, "distance": 0.5, "m": M}, 0.5


def oscillating(rng: np.random.Generator, draws: int) -> Simulated:
    """Loss min(1, max(0, 1/2 + 5 cos(2 pi k z))), k = 1..8000 scaled to the ball, fits 16 points by chance."""
    z, frequencies = rng.random((draws, 16)), np.arange(1, 8001)
    lowest = np.ones(draws)
    for part in np.split(frequencies, 16):
        losses = np.clip(0.5 + 5 * np.cos(2 * np.pi * part[:, None] * z[:, None, :]), 0, 1)
        lowest = np.minimum(lowest, losses.mean(axis=2).min(axis=1))
    return {"risk": lowest, "lipschitz": 0.001, "radius": 0.5, "dim": 1, "m": 16}, 0.5


def _complement_medians(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Median of all blocks but one, for each block: shape (draws, BLOCKS)."""
    blocks = z.reshape(len(z), BLOCKS, -1)
    rest = [np.delete(blocks, k, axis=1).reshape(len(z), -1) for k in range(BLOCKS)]
    return np.stack([np.median(part, axis=1) for part in rest], axis=1)


_WORST = f"h with the largest gap, loss |h - z|, z uniform on [0, 1], {M} points"
_CROSS_FITTED = ("w1_nips_t2_improved", "w1_nips_t3", "w1_route_a_improved")
_BALLS = ("covering", "smooth_gauss", "smooth_ball", "smooth_increment", "chain_gauss")
EXPERIMENTS = (
    *(Experiment(name, _WORST, in_a_ball) for name in _BALLS),
    Experiment("w1_route_a", _WORST, from_the_centre()),
    Experiment("w1_nips_t2", _WORST, from_the_centre(second_moment=1)),
    Experiment("w1_amit_finite", _WORST, from_the_centre(hypotheses=LATTICE)),
    *(Experiment(name, f"{_WORST}, {BLOCKS} priors", cross_fitted) for name in _CROSS_FITTED),
    Experiment("risk_transport", f"{_WORST}, {BLOCKS} priors", transported),
    Experiment("smooth_mean", _WORST, smoothed),
    Experiment("kl_w1_interp", f"{_WORST}, eta on a lattice", between(at_eta=False)),
    Experiment("kl_w1_interp_eta", f"{_WORST}, eta on a lattice", between(at_eta=True)),
    Experiment("stability", f"sample mean, loss |h - z|, {M} points", stable_mean),
    Experiment("risk_transport", "control: Lipschitz constant understated 100 times", denied_slope, True),
    Experiment(
        "smooth_gauss",
        "control: oscillating loss with the Lipschitz constant of a slow one",
        oscillating,
        True,
        most=400,
    ),
)

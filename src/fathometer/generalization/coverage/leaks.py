"""Priors that have seen the certificate points, by a learner that fits anything: the certificates must be violated."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from fathometer.generalization.coverage._experiment import Experiment, Simulated

M, DIM, SIGMA = 60, 80, 0.02


def interpolated(rng: np.random.Generator, draws: int) -> tuple[NDArray, NDArray]:
    """Margins y <w, x> of the least-squares solution on its own M points with coin-toss labels, and lengths of x."""
    x = rng.normal(size=(draws, M, DIM)) / np.sqrt(DIM)
    y = np.where(rng.random((draws, M)) < 0.5, 1.0, -1.0)
    gram = x @ x.transpose(0, 2, 1)
    w = np.einsum("nmd,nm->nd", x, np.linalg.solve(gram, y[:, :, None])[:, :, 0])
    return y * np.einsum("nmd,nd->nm", x, w), np.linalg.norm(x, axis=2)


def leaked_prior(rng: np.random.Generator, draws: int) -> Simulated:
    """Prior and posterior N(w, SIGMA^2 I) around the interpolating w: KL 0, no errors, and a risk of 1/2."""
    margins, lengths = interpolated(rng, draws)
    return {"risk": ndtr(-margins / (SIGMA * lengths)).mean(axis=1), "kl": 0, "m": M}, 0.5


def leaked_centre(rng: np.random.Generator, draws: int) -> Simulated:
    """The centre is the interpolating w itself, certified as if it had been fixed in advance."""
    margins, _ = interpolated(rng, draws)
    return {"risk": np.clip(1 - margins, 0, 1).mean(axis=1), "lipschitz": 1, "distance": 0, "m": M}, 0.5


def leaked_output(rng: np.random.Generator, draws: int) -> Simulated:
    """The centre of the conversion through the output is the interpolating w, certified as if fixed in advance."""
    margins, lengths = interpolated(rng, draws)
    return {"risk": ndtr(1 - margins / (SIGMA * lengths)).mean(axis=1), "kl": 0, "threshold": 1.0, "m": M}, 0.5


_LAW = f"control: the prior interpolates the {M} certificate points, whose labels are coin tosses"
EXPERIMENTS = (
    Experiment("maurer_seeger", _LAW, leaked_prior, True, most=500),
    Experiment("risk_transport", _LAW, leaked_centre, True, most=500),
    Experiment("output_conversion", _LAW, leaked_output, True, most=500),
)

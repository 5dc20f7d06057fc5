"""The density of the Gaussian mixture needs the normaliser of dimension d."""

import numpy as np
from scipy.stats import norm

from fathometer.attention._references import METASTABILITY
from fathometer.evidence import Axis, Estimate, Problem, Source, Theorem, Trajectory, Within

ROOM = 0.03
CONFIDENCE = 1 - 1e-6


def total_mass(trajectory: Trajectory) -> Estimate:
    """Integral of the density by importance sampling, with its normal interval; open for a single draw."""
    weights = trajectory.states["weights"]
    spread = float(np.std(weights, ddof=1) / np.sqrt(len(weights))) if len(weights) > 1 else np.inf
    half = norm.ppf(1 - (1 - CONFIDENCE) / 2) * spread
    return Estimate.sampled(np.mean(weights), np.mean(weights) - half, np.mean(weights) + half, CONFIDENCE)


def predict(problem: Problem, axis: Axis | None) -> Within:
    """1, to 3 %."""
    return Within(1 - ROOM, 1 + ROOM, domain=(0, None))


THEOREM = Theorem(
    id="mixture_density",
    theory="attention",
    title="The density of the Gaussian mixture",
    statement="f = (1/r) sum_q (2 pi sigma^2)^(-d/2) exp(-|x - sqrt(r) w_q|^2/(2 sigma^2)) has the integral 1; here to"
    " 3 %.",
    source=Source(METASTABILITY, "random initial data, density of the mixture", "Printed with the power -1/2."),
    hypotheses=(),
    quantity=total_mass,
    predict=predict,
)

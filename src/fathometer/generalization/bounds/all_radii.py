"""Smoothing without a ball: a prior of fixed width for every predictor of R^d, and all radii at once by peeling."""

import numpy as np

from fathometer.evidence import Source
from fathometer.generalization.bounds._bound import Bound, Certifies, Evaluation, Key
from fathometer.generalization.bounds._optimal_widths import best_width
from fathometer.generalization.bounds._pieces import (
    DATA_FREE,
    DELTA,
    DIM,
    IID,
    LIPSCHITZ,
    LIPSCHITZ_LOSS,
    RISK,
    M,
    c_m,
)
from fathometer.generalization.bounds._references import FATHOMETER
from fathometer.generalization.bounds.smoothing import smooth_increment
from fathometer.generalization.distances._gaussian_norm import mean_gaussian_norm
from fathometer.numerics import Wide, round_up, wide

_DISTANCE = Key("distance", "distance from the data-free centre h_0", at_least=0)
_PRIOR_SIGMA = Key("prior_sigma", "standard deviation s of the prior, fixed in advance", above=0)
_BASE_RADIUS = Key("base_radius", "B_0 > 0, fixed in advance: the smallest radius", above=0)
_SIGMA = Key(
    "sigma",
    "standard deviation of the smoothing, which may depend on the data; the best one if left out",
    above=0,
    required=False,
)


def _smooth_free(
    risk: Wide, lipschitz: Wide, distance: Wide, prior_sigma: Wide, dim: Wide, m: Wide, delta: Wide, sigma: Wide | None
) -> Evaluation:
    """Gaussian smoothing with an explicit divergence; the width is chosen for each predictor at no cost."""

    def divergence(width: Wide) -> Wide:
        ratio = (width / prior_sigma) ** 2
        return (distance / prior_sigma) ** 2 / 2 + dim / 2 * (ratio - 1 - np.log(ratio))

    def slope(width: Wide) -> Wide:
        steep = 4 * lipschitz * mean_gaussian_norm(dim) * m * np.sqrt(2 * c_m(divergence(width), m, delta))
        return steep * width * prior_sigma**2 - dim * (prior_sigma**2 - width**2)

    width = best_width(slope, prior_sigma) if sigma is None else sigma
    terms = {
        "empirical_risk": risk,
        "transport": 2 * lipschitz * width * mean_gaussian_norm(dim),
        "complexity": np.sqrt(c_m(divergence(width), m, delta) / 2),
    }
    return round_up(sum(terms.values(), start=wide(0))), {**terms, "sigma": width, "kl": divergence(width)}


def _smooth_increment_peeled(
    risk: Wide, lipschitz: Wide, distance: Wide, base_radius: Wide, dim: Wide, m: Wide, delta: Wide
) -> Evaluation:
    """The increment bound in the smallest ball B_0 2^j around the centre that holds the predictor, j = 0, 1, ..."""
    shell = shell_of(distance, base_radius)
    radius = base_radius * 2**shell
    value, terms = smooth_increment(risk, lipschitz, radius, dim, m, delta / ((shell + 1) * (shell + 2)), None)
    return value, {**terms, "radius": radius}


def shell_of(distance: Wide, base_radius: Wide) -> Wide:
    """The least j >= 0 with base_radius 2^j >= distance."""
    with np.errstate(divide="ignore"):
        shell = np.maximum(np.ceil(np.log2(distance / base_radius)), 0)
    return shell + (base_radius * 2**shell < distance)


BOUNDS = (
    Bound(
        id="smooth_free",
        title="Uniform convergence without a ball",
        statement=(
            "With probability at least 1 - delta, every h in R^d and every sigma have R(h) <= R_S(h) + 2 L sigma "
            "a_d + sqrt((KL(N(h, sigma^2 I)||N(h_0, s^2 I)) + ln(2 sqrt(m)/delta))/(2m))."
        ),
        certificate=(
            "risk + 2 L sigma a_d + sqrt(c_m/2), kl = distance^2/(2 s^2) + (d/2)(sigma^2/s^2 - 1 - "
            "ln(sigma^2/s^2)), all h in R^d and all sigma at once"
        ),
        certifies=Certifies.ALL,
        loss=LIPSCHITZ_LOSS,
        data=IID,
        divergence="KL + W1",
        prior=DATA_FREE,
        source=Source(
            FATHOMETER, "Theorem B, (B1)", "derived here: Maurer-Seeger for N(h, sigma^2 I), W1 back, no ball of h"
        ),
        keys=(RISK, LIPSCHITZ, _DISTANCE, _PRIOR_SIGMA, DIM, M, DELTA, _SIGMA),
        evaluate=_smooth_free,
    ),
    Bound(
        id="smooth_increment_peeled",
        title="Increments at all radii",
        statement=(
            "With probability at least 1 - delta, every h in R^d satisfies the bound of increments in the "
            "smallest ball B_0 2^j that holds it, at delta/((j+1)(j+2))."
        ),
        certificate="smooth_increment at B = B_0 2^j >= distance and delta/((j+1)(j+2)), all h in R^d at once",
        certifies=Certifies.ALL,
        loss="in [0, 1] at the centre, L-Lipschitz in the parameters",
        data=IID,
        divergence="KL + W1",
        prior=DATA_FREE,
        source=Source(
            FATHOMETER, "smoothing of increments, peeled", "derived here: union bound over the radii B_0 2^j"
        ),
        keys=(RISK, LIPSCHITZ, _DISTANCE, _BASE_RADIUS, DIM, M, DELTA),
        evaluate=_smooth_increment_peeled,
    ),
)

"""From a posterior back to one predictor: KL PAC-Bayes for a smoothing of it, and W1 to return."""

import numpy as np

from fathometer.evidence import Source
from fathometer.generalization.bounds._bound import Bound, Certifies, Evaluation, Key, KeyKind
from fathometer.generalization.bounds._optimal_widths import best_width
from fathometer.generalization.bounds._pieces import (
    DATA_FREE,
    DELTA,
    DIM,
    IID,
    KL,
    LIPSCHITZ,
    LIPSCHITZ_LOSS,
    RADIUS,
    RISK,
    M,
    c_m,
    hoeffding,
    width_key,
)
from fathometer.generalization.bounds._references import AUDIBERT, FATHOMETER
from fathometer.generalization.distances._gaussian_norm import mean_gaussian_norm
from fathometer.numerics import Wide, kl_inverse_upper, round_up, wide

_SIGMA = width_key("sigma", "standard deviation of the Gaussian smoothing")
_EPS = width_key("eps", "radius of the ball that smooths")
_POSTERIOR_SIGMA = Key("sigma", "standard deviation of the posterior around the predictor", above=0)
_GIBBS_RISK = Key("risk", "empirical Gibbs risk of the posterior", at_least=0, at_most=1)
_C = Key("c", "coarsest scale: sigma_0 = c radius / sqrt(dim), fixed in advance", above=0, required=False, default=0.3)
_Q = Key("q", "ratio of the scales, fixed in advance", above=0, below=1, required=False, default=0.1)
_SCALES = Key(
    "scales",
    "number of refinements, fixed in advance",
    KeyKind.INTEGER,
    at_least=0,
    at_most=100,
    required=False,
    default=6,
)


def _smooth_gauss(
    risk: Wide, lipschitz: Wide, radius: Wide, dim: Wide, m: Wide, delta: Wide, sigma: Wide | None
) -> Evaluation:
    """Gaussian smoothing, with the prior that is best at the boundary of the ball."""
    width = best_gauss_width(lipschitz, radius, dim, m, delta) if sigma is None else sigma
    terms = {
        "empirical_risk": risk,
        "transport": 2 * lipschitz * width * mean_gaussian_norm(dim),
        "complexity": hoeffding(m, _gauss_budget(width, radius, dim, m, delta)),
    }
    return round_up(sum(terms.values(), start=wide(0))), {**terms, "sigma": width}


def _smooth_mean(risk: Wide, kl: Wide, lipschitz: Wide, sigma: Wide, dim: Wide, m: Wide, delta: Wide) -> Evaluation:
    """Maurer-Seeger for the Gaussian posterior, carried over to its mean."""
    certificate = kl_inverse_upper(risk, c_m(kl, m, delta))
    transport = lipschitz * sigma * mean_gaussian_norm(dim)
    terms = {"gibbs_risk": risk, "gibbs_certificate": wide(certificate), "transport": transport}
    return round_up(wide(certificate) + transport), terms


def _smooth_ball(
    risk: Wide, lipschitz: Wide, radius: Wide, dim: Wide, m: Wide, delta: Wide, eps: Wide | None
) -> Evaluation:
    """Smoothing by the uniform law on a small ball."""

    def budget(width: Wide) -> Wide:
        return dim * np.log1p(radius / width) + np.log(2 * np.sqrt(m) / delta)

    def slope(width: Wide) -> Wide:
        return 4 * lipschitz * np.sqrt(2 * m * budget(width)) * width * (width + radius) - (dim + 1) * radius

    width = best_width(slope, radius) if eps is None else eps
    terms = {
        "empirical_risk": risk,
        "transport": 2 * lipschitz * width * dim / (dim + 1),
        "complexity": hoeffding(m, budget(width)),
    }
    return round_up(sum(terms.values(), start=wide(0))), {**terms, "eps": width}


def smooth_increment(
    risk: Wide, lipschitz: Wide, radius: Wide, dim: Wide, m: Wide, delta: Wide, sigma: Wide | None
) -> Evaluation:
    """Gaussian smoothing of the increments from the centre: everything but one Hoeffding term scales with L B.

    Args:
        risk: empirical risk, in [0, 1].
        lipschitz: L, of the loss in the parameters.
        radius: B, of the ball around the centre.
        dim: number of parameters.
        m: sample size.
        delta: in (0, 1).
        sigma: width of the smoothing, fixed in advance; the best one, which depends on no data, if None.
    """

    def square(width: Wide) -> Wide:
        reach = radius**2 + dim * width**2
        return reach * (dim * np.log1p(radius**2 / (dim * width**2)) + 2 * np.log(2 / delta)) / m

    def slope(width: Wide) -> Wide:
        spread = dim * width**2
        growth = dim * np.log1p(radius**2 / spread) + 2 * np.log(2 / delta) - dim * radius**2 / spread
        return 2 * mean_gaussian_norm(dim) * np.sqrt(square(width)) + dim * width * growth / m

    width = best_width(slope, radius) if sigma is None else sigma
    terms = {
        "empirical_risk": risk,
        "transport": 2 * lipschitz * width * mean_gaussian_norm(dim),
        "complexity": lipschitz * np.sqrt(square(width)),
        "confidence": hoeffding(m, np.log(2 / delta)),
    }
    return round_up(sum(terms.values(), start=wide(0))), {**terms, "sigma": width}


def _chain_gauss(
    risk: Wide,
    lipschitz: Wide,
    radius: Wide,
    dim: Wide,
    m: Wide,
    delta: Wide,
    c: Wide,
    q: Wide,
    scales: Wide,
) -> Evaluation:
    """Gaussian chaining: the rate without the logarithm."""
    log_inverse, reach, log_2 = -np.log(delta), lipschitz * radius, np.log(wide(2))
    first = dim * np.log1p(1 / c**2) + 2 * (log_inverse + 2 * log_2)
    k = np.arange(1, int(np.max(scales)) + 1, dtype=np.longdouble)
    d, start, ratio, log, size, last = (np.asarray(v)[..., None] for v in (dim, c, q, log_inverse, m, scales))
    tau = np.where(k <= last, start * ratio ** (k - 1) * np.sqrt(1 - ratio**2), 0)
    budgets = d * np.log1p(1 / (start * ratio**k) ** 2) + 2 * (log + (k + 2) * log_2)
    terms = {
        "empirical_risk": risk,
        "confidence": hoeffding(m, log_inverse + log_2),
        "coarse": reach * np.sqrt((1 + c**2) * first / m),
        "chain": reach * np.sum(tau * np.sqrt(budgets / size), axis=-1),
        "transport": 2 * reach * c * q**scales * mean_gaussian_norm(dim) / np.sqrt(dim),
    }
    return round_up(sum(terms.values(), start=wide(0))), terms


def best_gauss_width(lipschitz: Wide, radius: Wide, dim: Wide, m: Wide, delta: Wide) -> Wide:
    """The smoothing width that makes `smooth_gauss` smallest; it depends on no data.

    Args:
        lipschitz: L, of the loss in the parameters.
        radius: B, of the ball around the centre.
        dim: number of parameters.
        m: sample size.
        delta: in (0, 1).
    """

    def slope(width: Wide) -> Wide:
        steep = 4 * lipschitz * mean_gaussian_norm(dim) * np.sqrt(2 * m * _gauss_budget(width, radius, dim, m, delta))
        return steep * width * (dim * width**2 + radius**2) - dim * radius**2

    return best_width(slope, radius)


def _gauss_budget(width: Wide, radius: Wide, dim: Wide, m: Wide, delta: Wide) -> Wide:
    return dim / 2 * np.log1p(radius**2 / (dim * width**2)) + np.log(2 * np.sqrt(m) / delta)


_INCREMENT_LOSS = "in [0, 1] at the centre, L-Lipschitz in the parameters"


BOUNDS = (
    Bound(
        id="smooth_gauss",
        title="Uniform convergence by Gaussian smoothing",
        statement=(
            "With probability at least 1 - delta, every h of a ball fixed in advance has risk at most R_S(h) + 2 "
            "L sigma a_d + sqrt(((d/2) ln(1 + B^2/(d sigma^2)) + ln(2 sqrt(m)/delta))/(2m))."
        ),
        certificate=(
            "risk + 2 L sigma a_d + sqrt(((d/2) ln(1 + B^2/(d sigma^2)) + ln(2 sqrt(m)/delta))/(2m)), a_d = "
            "E|N(0, I_d)|"
        ),
        certifies=Certifies.ALL,
        loss=LIPSCHITZ_LOSS,
        data=IID,
        divergence="KL + W1",
        prior=DATA_FREE,
        source=Source(
            FATHOMETER, "Theorem B, (B2)", "derived here: Maurer-Seeger for N(h, sigma^2 I), then W1 back to h"
        ),
        keys=(RISK, LIPSCHITZ, RADIUS, DIM, M, DELTA, _SIGMA),
        evaluate=_smooth_gauss,
    ),
    Bound(
        id="smooth_mean",
        title="Mean of a Gaussian posterior",
        statement=(
            "With probability at least 1 - delta, every h and every sigma have R(h) at most kl^-1 of the "
            "empirical Gibbs risk of N(h, sigma^2 I) at (KL + ln(2 sqrt(m)/delta))/m, plus L sigma a_d."
        ),
        certificate="kl^-1(Gibbs risk, c_m) + L sigma a_d",
        certifies=Certifies.ALL,
        loss=LIPSCHITZ_LOSS,
        data=IID,
        divergence="KL + W1",
        prior=DATA_FREE,
        source=Source(
            FATHOMETER, "Theorem B, (B0)", "derived here: Maurer-Seeger for N(h, sigma^2 I), then W1 back to h"
        ),
        keys=(_GIBBS_RISK, KL, LIPSCHITZ, _POSTERIOR_SIGMA, DIM, M, DELTA),
        evaluate=_smooth_mean,
    ),
    Bound(
        id="smooth_ball",
        title="Uniform convergence by ball smoothing",
        statement=(
            "With probability at least 1 - delta, every h of a ball has risk at most R_S(h) + 2 L eps d/(d+1) + "
            "sqrt((d ln(1 + B/eps) + ln(2 sqrt(m)/delta))/(2m)), for one eps fixed in advance."
        ),
        certificate="risk + 2 L eps d/(d+1) + sqrt((d ln(1 + B/eps) + ln(2 sqrt(m)/delta))/(2m))",
        certifies=Certifies.ALL,
        loss=LIPSCHITZ_LOSS,
        data=IID,
        divergence="KL + W1",
        prior=DATA_FREE,
        source=Source(FATHOMETER, "Theorem B, (B3)", "derived here: as smooth_gauss, with uniform laws on balls"),
        keys=(RISK, LIPSCHITZ, RADIUS, DIM, M, DELTA, _EPS),
        evaluate=_smooth_ball,
    ),
    Bound(
        id="smooth_increment",
        title="Uniform convergence from increments",
        statement=(
            "With probability at least 1 - delta, every h of a ball has risk at most R_S(h) + 2 L sigma a_d + "
            "L sqrt(B^2 + d sigma^2) sqrt((d ln(1 + B^2/(d sigma^2)) + 2 ln(2/delta))/m) + sqrt(ln(2/delta)/(2m)); "
            "the loss must be bounded at the centre alone."
        ),
        certificate=(
            "risk + 2 L sigma a_d + L sqrt(B^2 + d sigma^2) sqrt((d ln(1 + B^2/(d sigma^2)) + 2 ln(2/delta))/m) + "
            "sqrt(ln(2/delta)/(2m))"
        ),
        certifies=Certifies.ALL,
        loss=_INCREMENT_LOSS,
        data=IID,
        divergence="KL + W1",
        prior=DATA_FREE,
        source=Source(
            FATHOMETER, "smoothing of increments", "derived here: PAC-Bayes for the sub-Gaussian increments of the gap"
        ),
        keys=(RISK, LIPSCHITZ, RADIUS, DIM, M, DELTA, _SIGMA),
        evaluate=smooth_increment,
    ),
    Bound(
        id="chain_gauss",
        title="Uniform convergence by Gaussian chaining",
        statement=(
            "With probability at least 1 - delta, every h of a ball has risk at most R_S(h) plus a sum over "
            "scales that is of order L B sqrt(d/m), without a logarithm of m."
        ),
        certificate=(
            "risk + Hoeffding at the centre + coarse increment + sum over scales of increments + 2 L sigma_N a_d"
        ),
        certifies=Certifies.ALL,
        loss=_INCREMENT_LOSS,
        data=IID,
        divergence="KL + W1",
        prior=DATA_FREE,
        source=Source(
            AUDIBERT, "in the spirit of", "derived here: PAC-Bayes for coupled pairs, one delta for each scale"
        ),
        keys=(RISK, LIPSCHITZ, RADIUS, DIM, M, DELTA, _C, _Q, _SCALES),
        evaluate=_chain_gauss,
    ),
)

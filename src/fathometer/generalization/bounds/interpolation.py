"""Between Kullback-Leibler and Wasserstein, and from one predictor to a random set of them."""

import numpy as np

from fathometer.evidence import Source
from fathometer.generalization.bounds._bound import Bound, Certifies, Evaluation, Key
from fathometer.generalization.bounds._pieces import (
    DATA_FREE,
    DELTA,
    IID,
    LIPSCHITZ,
    LIPSCHITZ_LOSS,
    RISK,
    UNIT_LOSS,
    M,
    c_m,
)
from fathometer.generalization.bounds._references import DUPUIS, VIALLARD_INTERPOLATION
from fathometer.numerics import Wide, kl_inverse_upper, round_up, wide

_BETWEEN = Key("distance", "W1(posterior, eta)", at_least=0)
_KL = Key("kl", "KL(eta || prior) in nats", at_least=0, may_diverge=True)
_ETA_RISK = Key("risk", "empirical Gibbs risk of eta", at_least=0, at_most=1)
_COMPLEXITY = Key("complexity", "empirical Rademacher complexity of the losses of the set", at_least=0)
_LOG_RATIO = Key("log_ratio", "ln of the law of the set over its data-free law, at the set", may_diverge=True)
_LAM = Key("lam", "lambda, fixed in advance", above=0)


def kl_w1_interp(risk: Wide, lipschitz: Wide, distance: Wide, kl: Wide, m: Wide, delta: Wide) -> Evaluation:
    """KL PAC-Bayes at eta, and W1 there and back."""
    return _sum(empirical_risk=risk, transport=2 * lipschitz * distance, complexity=np.sqrt(c_m(kl, m, delta) / 2))


def kl_w1_interp_eta(risk: Wide, lipschitz: Wide, distance: Wide, kl: Wide, m: Wide, delta: Wide) -> Evaluation:
    """The inverse kl at eta, and W1 back."""
    certificate = wide(kl_inverse_upper(risk, c_m(kl, m, delta)))
    transport = lipschitz * distance
    terms = {"eta_risk": risk, "eta_certificate": certificate, "transport": transport}
    return round_up(certificate + transport), terms


def random_set(risk: Wide, complexity: Wide, log_ratio: Wide, m: Wide, delta: Wide, lam: Wide) -> Evaluation:
    """Uniform over a set that the algorithm draws, such as a training trajectory."""
    confidence = np.maximum(log_ratio - np.log(delta), 0) / lam
    return _sum(empirical_risk=risk, rademacher=2 * complexity, variance=9 * lam / (8 * m), confidence=confidence)


def _sum(**terms: Wide) -> Evaluation:
    return round_up(sum(terms.values(), start=wide(0))), terms


BOUNDS = (
    Bound(
        "kl_w1_interp",
        "risk + 2 L distance + sqrt(c_m/2), c_m = (kl + ln(2 sqrt(m)/delta))/m, all eta at once",
        Certifies.ALL,
        LIPSCHITZ_LOSS,
        IID,
        "KL + W1",
        DATA_FREE,
        Source(VIALLARD_INTERPOLATION, "idea", "derived here: Maurer-Seeger at eta, duality on both sides"),
        (RISK, LIPSCHITZ, _BETWEEN, _KL, M, DELTA),
        kl_w1_interp,
    ),
    Bound(
        "kl_w1_interp_eta",
        "kl^-1(risk of eta, c_m) + L distance, all eta at once",
        Certifies.ALL,
        LIPSCHITZ_LOSS,
        IID,
        "KL + W1",
        DATA_FREE,
        Source(VIALLARD_INTERPOLATION, "idea", "derived here: Maurer-Seeger at eta, duality back to the posterior"),
        (_ETA_RISK, LIPSCHITZ, _BETWEEN, _KL, M, DELTA),
        kl_w1_interp_eta,
    ),
    Bound(
        "random_set",
        "risk + 2 Rad_S(W) + 9 lam/(8m) + (log_ratio + ln(1/delta))/lam, for all predictors of the drawn set W",
        Certifies.ALL,
        UNIT_LOSS,
        IID,
        "log density ratio on sets",
        "data-free law on sets",
        Source(DUPUIS, "topic", "derived here: disintegrated PAC-Bayes for the largest gap, bounded differences 3/m"),
        (RISK, _COMPLEXITY, _LOG_RATIO, M, DELTA, _LAM),
        random_set,
    ),
)

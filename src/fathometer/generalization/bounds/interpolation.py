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


def _kl_w1_interp(risk: Wide, lipschitz: Wide, distance: Wide, kl: Wide, m: Wide, delta: Wide) -> Evaluation:
    """KL PAC-Bayes at eta, and W1 there and back."""
    return _sum(empirical_risk=risk, transport=2 * lipschitz * distance, complexity=np.sqrt(c_m(kl, m, delta) / 2))


def _kl_w1_interp_eta(risk: Wide, lipschitz: Wide, distance: Wide, kl: Wide, m: Wide, delta: Wide) -> Evaluation:
    """The inverse kl at eta, and W1 back."""
    certificate = wide(kl_inverse_upper(risk, c_m(kl, m, delta)))
    transport = lipschitz * distance
    terms = {"eta_risk": risk, "eta_certificate": certificate, "transport": transport}
    return round_up(certificate + transport), terms


def _random_set(risk: Wide, complexity: Wide, log_ratio: Wide, m: Wide, delta: Wide, lam: Wide) -> Evaluation:
    """Uniform over a set that the algorithm draws, such as a training trajectory."""
    confidence = np.maximum(log_ratio - np.log(delta), 0) / lam
    return _sum(empirical_risk=risk, rademacher=2 * complexity, variance=9 * lam / (8 * m), confidence=confidence)


def _sum(**terms: Wide) -> Evaluation:
    return round_up(sum(terms.values(), start=wide(0))), terms


BOUNDS = (
    Bound(
        id="kl_w1_interp",
        title="Interpolation between KL and W1",
        statement=(
            "With probability at least 1 - delta, every rho and every eta have rho[R] <= rho[R_S] + 2 L W1(rho, "
            "eta) + sqrt((KL(eta||pi) + ln(2 sqrt(m)/delta))/(2m))."
        ),
        certificate="risk + 2 L distance + sqrt(c_m/2), c_m = (kl + ln(2 sqrt(m)/delta))/m, all eta at once",
        certifies=Certifies.ALL,
        loss=LIPSCHITZ_LOSS,
        data=IID,
        divergence="KL + W1",
        prior=DATA_FREE,
        source=Source(VIALLARD_INTERPOLATION, "idea", "derived here: Maurer-Seeger at eta, duality on both sides"),
        keys=(RISK, LIPSCHITZ, _BETWEEN, _KL, M, DELTA),
        evaluate=_kl_w1_interp,
    ),
    Bound(
        id="kl_w1_interp_eta",
        title="Interpolation between KL and W1, at the intermediate law",
        statement=(
            "With probability at least 1 - delta, every rho and every eta have rho[R] <= kl^-1(eta[R_S], "
            "(KL(eta||pi) + ln(2 sqrt(m)/delta))/m) + L W1(rho, eta)."
        ),
        certificate="kl^-1(risk of eta, c_m) + L distance, all eta at once",
        certifies=Certifies.ALL,
        loss=LIPSCHITZ_LOSS,
        data=IID,
        divergence="KL + W1",
        prior=DATA_FREE,
        source=Source(
            VIALLARD_INTERPOLATION, "idea", "derived here: Maurer-Seeger at eta, duality back to the posterior"
        ),
        keys=(_ETA_RISK, LIPSCHITZ, _BETWEEN, _KL, M, DELTA),
        evaluate=_kl_w1_interp_eta,
    ),
    Bound(
        id="random_set",
        title="Random sets of predictors",
        statement=(
            "With probability at least 1 - delta over sample and set, all predictors of the drawn set have risk "
            "at most R_S + 2 Rad_S + 9 lam/(8m) + (log density ratio + ln(1/delta))/lam, for one lam fixed in advance."
        ),
        certificate=(
            "risk + 2 Rad_S(W) + 9 lam/(8m) + (log_ratio + ln(1/delta))/lam, for all predictors of the drawn set W"
        ),
        certifies=Certifies.ALL,
        loss=UNIT_LOSS,
        data=IID,
        divergence="log density ratio on sets",
        prior="data-free law on sets",
        source=Source(
            DUPUIS, "topic", "derived here: disintegrated PAC-Bayes for the largest gap, bounded differences 3/m"
        ),
        keys=(RISK, _COMPLEXITY, _LOG_RATIO, M, DELTA, _LAM),
        evaluate=_random_set,
    ),
)

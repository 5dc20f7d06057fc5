"""Disintegrated PAC-Bayes bounds: for one predictor drawn from the posterior."""

import numpy as np

from fathometer.evidence import Source
from fathometer.generalization.bounds._bound import Bound, Certifies, Evaluation, Key, KeyKind
from fathometer.generalization.bounds._pieces import DATA_FREE, DELTA, IID, RISK, UNIT_LOSS, M
from fathometer.generalization.bounds._references import BLANCHARD, CATONI, RIVASPLATA, VIALLARD_DISINTEGRATED
from fathometer.numerics import Wide, kl_inverse_upper, round_up

_LOG_RATIO = Key("log_ratio", "ln of posterior over prior density at the drawn predictor", may_diverge=True)
_RENYI = Key("renyi", "Renyi divergence of order 2 of posterior from prior, in nats", at_least=0, may_diverge=True)
_PRIORS = Key("priors", "number of priors that were tried", KeyKind.INTEGER, at_least=1, required=False, default=1)
_GRID = Key("grid", "number of values in the grid", KeyKind.INTEGER, at_least=1, required=False, default=1)
_B = Key("b", "Blanchard's constant, in a grid fixed in advance", above=0)
_C = Key("C", "Catoni's constant, in a grid fixed in advance", above=0)


def _disint_rivasplata(risk: Wide, log_ratio: Wide, m: Wide, delta: Wide, priors: Wide) -> Evaluation:
    """The exact disintegration, with Maurer's moment bound."""
    return _kl_form(risk, log_ratio + np.log(2 * priors * np.sqrt(m) / delta), m)


def _disint_renyi(risk: Wide, renyi: Wide, m: Wide, delta: Wide, priors: Wide) -> Evaluation:
    """The Renyi disintegration at order 2."""
    return _kl_form(risk, renyi + np.log(16 * priors * np.sqrt(m) / delta**3), m)


def _disint_blanchard(
    risk: Wide, log_ratio: Wide, m: Wide, delta: Wide, b: Wide, priors: Wide, grid: Wide
) -> Evaluation:
    """Occam's hammer."""
    ratio = (b + 1) / b * np.maximum(log_ratio, 0)
    return _kl_form(risk, ratio + np.log((b + 1) * priors * grid / delta), m)


def _disint_catoni(risk: Wide, log_ratio: Wide, m: Wide, delta: Wide, C: Wide, priors: Wide, grid: Wide) -> Evaluation:
    """Catoni's bound for one draw."""
    budget = (log_ratio + np.log(priors * grid / delta)) / m
    value = np.divide(np.expm1(-C * risk - budget), np.expm1(-C))
    return round_up(np.maximum(value, 0)), {"empirical_risk": risk, "budget": budget}


def _kl_form(risk: Wide, budget: Wide, m: Wide) -> Evaluation:
    """A negative budget certifies the empirical risk itself, which is weaker than what is proved."""
    c = np.maximum(budget, 0) / m
    return kl_inverse_upper(risk, c), {"empirical_risk": risk, "c": c}


BOUNDS = (
    Bound(
        id="disint_rivasplata",
        title="One draw, exact disintegration",
        statement=(
            "With probability at least 1 - delta over sample and draw, the drawn predictor has risk at most "
            "kl^-1(R_S, (log density ratio + ln(2 sqrt(m)/delta))/m)."
        ),
        certificate="kl^-1(risk, (log_ratio + ln(2 T sqrt(m)/delta))/m)",
        certifies=Certifies.DRAW,
        loss=UNIT_LOSS,
        data=IID,
        divergence="log density ratio",
        prior=DATA_FREE,
        source=Source(
            RIVASPLATA,
            "Theorem 1",
            "published; statement number not verified; for N(w, s^2 I) against N(v, s^2 I) with drawn noise e "
            "the log ratio is (|w+e-v|^2 - |e|^2)/(2 s^2)",
        ),
        keys=(RISK, _LOG_RATIO, M, DELTA, _PRIORS),
        evaluate=_disint_rivasplata,
    ),
    Bound(
        id="disint_renyi",
        title="One draw, Renyi disintegration",
        statement=(
            "With probability at least 1 - delta over sample and draw, the drawn predictor has risk at most "
            "kl^-1(R_S, (D_2 + ln(16 sqrt(m)/delta^3))/m)."
        ),
        certificate="kl^-1(risk, (D_2 + ln(16 T sqrt(m)/delta^3))/m)",
        certifies=Certifies.DRAW,
        loss=UNIT_LOSS,
        data=IID,
        divergence="Renyi of order 2",
        prior=DATA_FREE,
        source=Source(
            VIALLARD_DISINTEGRATED, "Corollary for Gaussians", "published; D_2 = |w-v|^2/s^2 for equal covariances"
        ),
        keys=(RISK, _RENYI, M, DELTA, _PRIORS),
        evaluate=_disint_renyi,
    ),
    Bound(
        id="disint_blanchard",
        title="One draw, Occam's hammer",
        statement=(
            "With probability at least 1 - delta over sample and draw, the drawn predictor has risk at most "
            "kl^-1(R_S, ((b+1)/b [log density ratio]_+ + ln((b+1)/delta))/m), for one b fixed in advance."
        ),
        certificate="kl^-1(risk, ((b+1)/b [log_ratio]_+ + ln((b+1) T |grid|/delta))/m)",
        certifies=Certifies.DRAW,
        loss="0/1",
        data=IID,
        divergence="positive part of the log density ratio",
        prior=DATA_FREE,
        source=Source(BLANCHARD, "Occam's hammer, as restated by Viallard et al. (2024)", "published"),
        keys=(RISK, _LOG_RATIO, M, DELTA, _B, _PRIORS, _GRID),
        evaluate=_disint_blanchard,
    ),
    Bound(
        id="disint_catoni",
        title="One draw, Catoni's form",
        statement=(
            "With probability at least 1 - delta over sample and draw, the drawn predictor has risk at most (1 - "
            "exp(-C R_S - (log density ratio + ln(1/delta))/m))/(1 - exp(-C)), for one C fixed in advance."
        ),
        certificate="(1 - exp(-C risk - (log_ratio + ln(T |grid|/delta))/m)) / (1 - exp(-C))",
        certifies=Certifies.DRAW,
        loss=UNIT_LOSS,
        data=IID,
        divergence="log density ratio",
        prior=DATA_FREE,
        source=Source(CATONI, "disintegrated form, as restated by Viallard et al. (2024)", "published"),
        keys=(RISK, _LOG_RATIO, M, DELTA, _C, _PRIORS, _GRID),
        evaluate=_disint_catoni,
    ),
)

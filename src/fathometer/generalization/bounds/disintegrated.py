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


def disint_rivasplata(risk: Wide, log_ratio: Wide, m: Wide, delta: Wide, priors: Wide) -> Evaluation:
    """The exact disintegration, with Maurer's moment bound."""
    return _kl_form(risk, log_ratio + np.log(2 * priors * np.sqrt(m) / delta), m)


def disint_renyi(risk: Wide, renyi: Wide, m: Wide, delta: Wide, priors: Wide) -> Evaluation:
    """The Renyi disintegration at order 2."""
    return _kl_form(risk, renyi + np.log(16 * priors * np.sqrt(m) / delta**3), m)


def disint_blanchard(
    risk: Wide, log_ratio: Wide, m: Wide, delta: Wide, b: Wide, priors: Wide, grid: Wide
) -> Evaluation:
    """Occam's hammer."""
    ratio = (b + 1) / b * np.maximum(log_ratio, 0)
    return _kl_form(risk, ratio + np.log((b + 1) * priors * grid / delta), m)


def disint_catoni(risk: Wide, log_ratio: Wide, m: Wide, delta: Wide, C: Wide, priors: Wide, grid: Wide) -> Evaluation:
    """Catoni's bound for one draw."""
    budget = (log_ratio + np.log(priors * grid / delta)) / m
    value = np.divide(np.expm1(-C * risk - budget), np.expm1(-C))
    return round_up(np.maximum(value, 0)), {"empirical_risk": risk, "budget": budget}


def _kl_form(risk: Wide, budget: Wide, m: Wide) -> Evaluation:
    """A negative budget certifies the empirical risk itself, which is weaker than what is proved."""
    c = np.maximum(budget, 0) / m
    return kl_inverse_upper(risk, c), {"empirical_risk": risk, "c": c}


def _bound(name: str, certificate: str, loss: str, divergence: str, source: Source, evaluate, *keys: Key) -> Bound:
    return Bound(name, certificate, Certifies.DRAW, loss, IID, divergence, DATA_FREE, source, keys, evaluate)


BOUNDS = (
    _bound(
        "disint_rivasplata",
        "kl^-1(risk, (log_ratio + ln(2 T sqrt(m)/delta))/m)",
        UNIT_LOSS,
        "log density ratio",
        Source(
            RIVASPLATA,
            "Theorem 1",
            "published; statement number not verified; for N(w, s^2 I) against N(v, s^2 I) with drawn noise e "
            "the log ratio is (|w+e-v|^2 - |e|^2)/(2 s^2)",
        ),
        disint_rivasplata,
        RISK,
        _LOG_RATIO,
        M,
        DELTA,
        _PRIORS,
    ),
    _bound(
        "disint_renyi",
        "kl^-1(risk, (D_2 + ln(16 T sqrt(m)/delta^3))/m)",
        UNIT_LOSS,
        "Renyi of order 2",
        Source(VIALLARD_DISINTEGRATED, "Corollary for Gaussians", "published; D_2 = |w-v|^2/s^2 for equal covariances"),
        disint_renyi,
        RISK,
        _RENYI,
        M,
        DELTA,
        _PRIORS,
    ),
    _bound(
        "disint_blanchard",
        "kl^-1(risk, ((b+1)/b [log_ratio]_+ + ln((b+1) T |grid|/delta))/m)",
        "0/1",
        "positive part of the log density ratio",
        Source(BLANCHARD, "Occam's hammer, as restated by Viallard et al. (2024)", "published"),
        disint_blanchard,
        RISK,
        _LOG_RATIO,
        M,
        DELTA,
        _B,
        _PRIORS,
        _GRID,
    ),
    _bound(
        "disint_catoni",
        "(1 - exp(-C risk - (log_ratio + ln(T |grid|/delta))/m)) / (1 - exp(-C))",
        UNIT_LOSS,
        "log density ratio",
        Source(CATONI, "disintegrated form, as restated by Viallard et al. (2024)", "published"),
        disint_catoni,
        RISK,
        _LOG_RATIO,
        M,
        DELTA,
        _C,
        _PRIORS,
        _GRID,
    ),
)

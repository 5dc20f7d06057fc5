"""Uniform convergence: bounds that hold for every predictor of a class, or for a stable algorithm."""

import numpy as np

from fathometer.evidence import InputError, Source
from fathometer.generalization.bounds._bound import Bound, Certifies, Evaluation, Key, KeyKind
from fathometer.generalization.bounds._optimal_widths import best_width
from fathometer.generalization.bounds._pieces import (
    DELTA,
    DIM,
    IID,
    LIPSCHITZ,
    LIPSCHITZ_LOSS,
    RADIUS,
    RISK,
    UNIT_LOSS,
    M,
    hoeffding,
    width_key,
)
from fathometer.generalization.bounds._references import BARTLETT, BOUSQUET, HOEFFDING, VAPNIK
from fathometer.numerics import Wide, round_up

_VC_DIM = Key("vc_dim", "Vapnik-Chervonenkis dimension, at most m", KeyKind.INTEGER, at_least=1)
_COMPLEXITY = Key("complexity", "Rademacher complexity of the losses", at_least=0)
_BETA = Key("beta", "uniform stability of the algorithm", at_least=0)
_FEATURE_NORM = Key(
    "feature_norm",
    "root mean square norm of an input, or the largest, known without the sample",
    above=0,
    required=False,
    default=1,
)
_SAMPLE_NORM = Key(
    "sample_norm",
    "root mean square of the norms in the sample, in place of feature_norm; it costs the empirical form",
    at_least=0,
    required=False,
)


def _vc(risk: Wide, vc_dim: Wide, m: Wide, delta: Wide) -> Evaluation:
    """Vapnik-Chervonenkis bound by way of Sauer's lemma.

    Raises:
        InputError: if the dimension is larger than the sample.
    """
    if np.any(vc_dim > m):
        raise InputError(f"vc_dim must be <= m = {np.min(m):g}, got {np.max(vc_dim):g}")
    complexity = np.sqrt(2 * vc_dim * (1 + np.log(m / vc_dim)) / m)
    return _sum(empirical_risk=risk, complexity=complexity, confidence=hoeffding(m, -np.log(delta)))


def _rademacher(risk: Wide, complexity: Wide, m: Wide, delta: Wide) -> Evaluation:
    """With the expected Rademacher complexity of the losses."""
    return _sum(empirical_risk=risk, complexity=2 * complexity, confidence=hoeffding(m, -np.log(delta)))


def _rademacher_empirical(risk: Wide, complexity: Wide, m: Wide, delta: Wide) -> Evaluation:
    """With the Rademacher complexity of the losses on the sample itself."""
    return _sum(empirical_risk=risk, complexity=2 * complexity, confidence=3 * hoeffding(m, np.log(2 / delta)))


def _rademacher_linear(
    risk: Wide, lipschitz: Wide, radius: Wide, m: Wide, delta: Wide, feature_norm: Wide, sample_norm: Wide | None
) -> Evaluation:
    """Linear predictors of norm at most the radius, by contraction; the sample's own norm needs the empirical form."""
    if sample_norm is None:
        norm, confidence = feature_norm, hoeffding(m, -np.log(delta))
    else:
        norm, confidence = sample_norm, 3 * hoeffding(m, np.log(2 / delta))
    return _sum(empirical_risk=risk, complexity=2 * lipschitz * radius * norm / np.sqrt(m), confidence=confidence)


def _covering(
    risk: Wide, lipschitz: Wide, radius: Wide, dim: Wide, m: Wide, delta: Wide, eps: Wide | None
) -> Evaluation:
    """Union bound over an eps-net of the ball."""

    def budget(width: Wide) -> Wide:
        return dim * np.log1p(2 * radius / width) - np.log(delta)

    def slope(width: Wide) -> Wide:
        return 2 * lipschitz * np.sqrt(2 * m * budget(width)) * width * (width + 2 * radius) - dim * radius

    width = best_width(slope, radius) if eps is None else eps
    gap = {"transport": 2 * lipschitz * width, "complexity": hoeffding(m, budget(width))}
    value, terms = _sum(empirical_risk=risk, **gap)
    return value, {**terms, "eps": width}


def _stability(risk: Wide, beta: Wide, m: Wide, delta: Wide) -> Evaluation:
    """Uniform stability of the algorithm that made the predictor."""
    confidence = (4 * m * beta + 1) * hoeffding(m, -np.log(delta))
    return _sum(empirical_risk=risk, stability=2 * beta, confidence=confidence)


def _sum(**terms: Wide) -> Evaluation:
    return round_up(sum(terms.values(), start=np.longdouble(0))), terms


BOUNDS = (
    Bound(
        id="vc",
        title="Vapnik-Chervonenkis bound",
        statement=(
            "With probability at least 1 - delta, every classifier of a class of VC dimension v <= m has risk at "
            "most R_S + sqrt(2 v (1 + ln(m/v))/m) + sqrt(ln(1/delta)/(2m))."
        ),
        certificate="risk + sqrt(2 v (1 + ln(m/v))/m) + sqrt(ln(1/delta)/(2m))",
        certifies=Certifies.ALL,
        loss="0/1, two classes",
        data=IID,
        source=Source(VAPNIK, "with Sauer's lemma", "published"),
        keys=(RISK, _VC_DIM, M, DELTA),
        evaluate=_vc,
    ),
    Bound(
        id="rademacher",
        title="Rademacher bound",
        statement=(
            "With probability at least 1 - delta, every predictor of a class has risk at most R_S + 2 Rad_m + "
            "sqrt(ln(1/delta)/(2m)), Rad_m the expected Rademacher complexity of its losses."
        ),
        certificate="risk + 2 Rad_m + sqrt(ln(1/delta)/(2m))",
        certifies=Certifies.ALL,
        loss=UNIT_LOSS,
        data=IID,
        source=Source(BARTLETT, "Theorem 8", "published; statement number not verified"),
        keys=(RISK, _COMPLEXITY, M, DELTA),
        evaluate=_rademacher,
    ),
    Bound(
        id="rademacher_empirical",
        title="Rademacher bound, empirical form",
        statement=(
            "With probability at least 1 - delta, every predictor of a class has risk at most R_S + 2 Rad_S + 3 "
            "sqrt(ln(2/delta)/(2m)), Rad_S the Rademacher complexity of its losses on the sample."
        ),
        certificate="risk + 2 Rad_S + 3 sqrt(ln(2/delta)/(2m))",
        certifies=Certifies.ALL,
        loss=UNIT_LOSS,
        data=IID,
        source=Source(BARTLETT, "empirical form", "from memory, checked: bounded differences, twice"),
        keys=(RISK, _COMPLEXITY, M, DELTA),
        evaluate=_rademacher_empirical,
    ),
    Bound(
        id="rademacher_linear",
        title="Rademacher bound for linear classes",
        statement=(
            "With probability at least 1 - delta, every linear predictor of norm at most B has risk at most R_S + "
            "2 L B X/sqrt(m) + sqrt(ln(1/delta)/(2m)), X^2 the mean of |x|^2; if it is the mean over the sample, "
            "the last term is 3 sqrt(ln(2/delta)/(2m))."
        ),
        certificate=(
            "risk + 2 L B X/sqrt(m) + sqrt(ln(1/delta)/(2m)); with X from the sample, 3 sqrt(ln(2/delta)/(2m)) "
            "at the end"
        ),
        certifies=Certifies.ALL,
        loss="in [0, 1], L-Lipschitz in the score of a linear predictor of norm at most B",
        data=IID,
        source=Source(BARTLETT, "linear class with contraction", "from memory, checked numerically"),
        keys=(RISK, LIPSCHITZ, RADIUS, M, DELTA, _FEATURE_NORM, _SAMPLE_NORM),
        evaluate=_rademacher_linear,
    ),
    Bound(
        id="covering",
        title="Covering numbers",
        statement=(
            "With probability at least 1 - delta, every h of a ball has risk at most R_S(h) + 2 L eps + sqrt((d "
            "ln(1 + 2B/eps) + ln(1/delta))/(2m)), for one eps fixed in advance."
        ),
        certificate="risk + 2 L eps + sqrt((d ln(1 + 2B/eps) + ln(1/delta))/(2m))",
        certifies=Certifies.ALL,
        loss=LIPSCHITZ_LOSS,
        data=IID,
        source=Source(HOEFFDING, "union bound over an eps-net", "from memory, checked numerically"),
        keys=(RISK, LIPSCHITZ, RADIUS, DIM, M, DELTA, width_key("eps", "width of the net")),
        evaluate=_covering,
    ),
    Bound(
        id="stability",
        title="Stability bound",
        statement=(
            "With probability at least 1 - delta, the predictor that a beta-uniformly stable algorithm makes has "
            "risk at most R_S + 2 beta + (4 m beta + 1) sqrt(ln(1/delta)/(2m))."
        ),
        certificate="risk + 2 beta + (4 m beta + 1) sqrt(ln(1/delta)/(2m))",
        certifies=Certifies.ONE,
        loss=UNIT_LOSS,
        data=f"{IID}, predictor made by a beta-uniformly stable algorithm",
        source=Source(BOUSQUET, "Theorem 12", "published; statement number not verified"),
        keys=(RISK, _BETA, M, DELTA),
        evaluate=_stability,
    ),
)

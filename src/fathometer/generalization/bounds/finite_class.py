"""Bounds for countably many predictors."""

import numpy as np

from fathometer.evidence import Source
from fathometer.generalization.bounds._binomial import clopper_pearson_upper
from fathometer.generalization.bounds._bound import Bound, Certifies, Evaluation, Key, KeyKind
from fathometer.generalization.bounds._pieces import (
    DATA_FREE,
    DELTA,
    ERRORS,
    IID,
    RISK,
    UNIT_LOSS,
    M,
    N,
    hoeffding,
    refuse_more_errors_than_points,
)
from fathometer.generalization.bounds._references import LANGFORD
from fathometer.numerics import Wide, kl_inverse_upper, wide

_HYPOTHESES = Key("hypotheses", "number of predictors, or 1 / weight of the chosen one", at_least=1)
_WEIGHT = Key(
    "weight", "prior weight of the predictor, fixed in advance; those of all add up to at most 1", above=0, at_most=1
)
_MOST_BITS = 900
"""Beyond these a level has no float64."""

_BITS = Key(
    "bits",
    "length in bits of its code, from a prefix-free code fixed in advance, which makes the weight 2^-bits times less",
    KeyKind.INTEGER,
    at_least=0,
    required=False,
    default=0,
)


def _occam(risk: Wide, hypotheses: Wide, m: Wide, delta: Wide) -> Evaluation:
    """Union bound over the class, in the kl form; the Hoeffding form is among the terms."""
    budget = np.log(hypotheses) - np.log(delta)
    terms = {"empirical_risk": risk, "c": budget / m, "hoeffding_form": risk + hoeffding(m, budget)}
    return kl_inverse_upper(risk, budget / m), terms


def _occam_binomial(errors: Wide, n: Wide, weight: Wide, delta: Wide, bits: Wide) -> Evaluation:
    """Clopper-Pearson limit at the predictor's share of delta; Chernoff's, never smaller, stands in beyond float64."""
    refuse_more_errors_than_points(errors, n)
    chernoff = kl_inverse_upper(errors / n, (bits * np.log(wide(2)) - np.log(weight) - np.log(delta)) / n)
    level = weight * delta * np.exp2(-np.minimum(bits, _MOST_BITS))
    terms = {"empirical_risk": errors / n, "level": level, "kl_form": chernoff}
    exact = clopper_pearson_upper(errors, n, level)
    return np.where(bits > _MOST_BITS, chernoff, np.minimum(exact, chernoff))[()], terms


BOUNDS = (
    Bound(
        id="occam",
        title="Occam bound",
        statement=(
            "With probability at least 1 - delta, every predictor h of a countable class fixed in advance has "
            "risk at most kl^-1(R_S(h), (ln(1/weight) + ln(1/delta))/m)."
        ),
        certificate="kl^-1(risk, (ln(hypotheses) + ln(1/delta))/m)",
        certifies=Certifies.ALL,
        loss=UNIT_LOSS,
        data=IID,
        divergence="-ln weight",
        prior=DATA_FREE,
        source=Source(LANGFORD, "Occam's razor bound", "published"),
        keys=(RISK, _HYPOTHESES, M, DELTA),
        evaluate=_occam,
    ),
    Bound(
        id="occam_binomial",
        title="Occam bound, exact binomial tail",
        statement=(
            "With probability at least 1 - delta, every predictor h of a countable class fixed in advance has an error "
            "of at most the Clopper-Pearson limit of its errors at level delta weight(h), for weights of sum at most 1."
        ),
        certificate="sup{p: P(Bin(n, p) <= errors) >= delta weight 2^-bits}",
        certifies=Certifies.ALL,
        loss="0/1",
        data=IID,
        divergence="-ln weight",
        prior=DATA_FREE,
        source=Source(LANGFORD, "Occam's razor bound, exact tail", "derived here: union of exact binomial tails"),
        keys=(ERRORS, N, _WEIGHT, DELTA, _BITS),
        evaluate=_occam_binomial,
    ),
)

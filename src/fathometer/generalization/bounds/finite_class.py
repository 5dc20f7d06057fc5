"""Bounds for countably many predictors."""

import numpy as np

from fathometer.evidence import Source
from fathometer.generalization.bounds._bound import Bound, Certifies, Evaluation, Key
from fathometer.generalization.bounds._pieces import DATA_FREE, DELTA, IID, RISK, UNIT_LOSS, M, hoeffding
from fathometer.generalization.bounds._references import LANGFORD
from fathometer.numerics import Wide, kl_inverse_upper

_HYPOTHESES = Key("hypotheses", "number of predictors, or 1 / weight of the chosen one", at_least=1)


def _occam(risk: Wide, hypotheses: Wide, m: Wide, delta: Wide) -> Evaluation:
    """Union bound over the class, in the kl form; the Hoeffding form is among the terms."""
    budget = np.log(hypotheses) - np.log(delta)
    terms = {"empirical_risk": risk, "c": budget / m, "hoeffding_form": risk + hoeffding(m, budget)}
    return kl_inverse_upper(risk, budget / m), terms


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
)

"""Bounds on the risk of one predictor that was fixed before the held-out points were seen."""

import numpy as np

from fathometer.evidence import Source
from fathometer.generalization.bounds._binomial import clopper_pearson_upper, log_kt_regret
from fathometer.generalization.bounds._bound import Bound, Certifies, Evaluation, Key, KeyKind
from fathometer.generalization.bounds._pieces import (
    DELTA,
    ERRORS,
    IID,
    RISK,
    UNIT_LOSS,
    N,
    hoeffding,
    refuse_more_errors_than_points,
)
from fathometer.generalization.bounds._references import CLOPPER, HOEFFDING, JANG, LANGFORD
from fathometer.numerics import Wide, kl_inverse_upper, round_up

_CELLS = Key("cells", "number of cells that are bounded at once, fixed in advance", KeyKind.INTEGER, at_least=1)
_FIXED = f"{IID}, predictor fixed before the n points were seen"


def _test_binomial(errors: Wide, n: Wide, delta: Wide) -> Evaluation:
    """Clopper-Pearson upper limit."""
    refuse_more_errors_than_points(errors, n)
    return clopper_pearson_upper(errors, n, delta), {"empirical_risk": errors / n}


def _simultaneous_binomial(errors: Wide, n: Wide, cells: Wide, delta: Wide) -> Evaluation:
    """Clopper-Pearson limit at delta/K for each of K cells of a table of labels and predictions.

    Recall of a class: given the labels, its n rows are i.i.d. from the law of the class, so that the errors among them
    are binomial, and what holds with probability 1 - delta/K given the labels holds so without them. Precision: the
    predictor is fixed, and the same is said given the predictions. The number n may be random, K is fixed in advance;
    a cell without rows has the limit 1, of itself.
    """
    refuse_more_errors_than_points(errors, n)
    return clopper_pearson_upper(errors, n, delta / cells), {"empirical_risk": errors / n, "level": delta / cells}


def _test_kl(risk: Wide, n: Wide, delta: Wide) -> Evaluation:
    """Chernoff bound in its kl form."""
    c = -np.log(delta) / n
    return kl_inverse_upper(risk, c), {"empirical_risk": risk, "c": c}


def _test_hoeffding(risk: Wide, n: Wide, delta: Wide) -> Evaluation:
    """Hoeffding bound."""
    confidence = hoeffding(n, -np.log(delta))
    return round_up(risk + confidence), {"empirical_risk": risk, "confidence": confidence}


def _test_betting(errors: Wide, n: Wide, delta: Wide) -> Evaluation:
    """Upper end of the means that a bettor with the Beta(1/2, 1/2) mixture has not refuted."""
    refuse_more_errors_than_points(errors, n)
    log_regret = log_kt_regret(errors, n)
    c = (log_regret - np.log(delta)) / n
    return kl_inverse_upper(errors / n, c), {"empirical_risk": errors / n, "log_regret": log_regret, "c": c}


BOUNDS = (
    Bound(
        id="test_binomial",
        title="Held-out test bound",
        statement=(
            "If a predictor is fixed before n i.i.d. points are seen and errs on k of them, its error is at most "
            "the Clopper-Pearson limit, with probability at least 1 - delta."
        ),
        certificate="sup{p: P(Bin(n, p) <= errors) >= delta}",
        certifies=Certifies.ONE,
        loss="0/1",
        data=_FIXED,
        source=Source(CLOPPER, "upper limit", "from memory, checked numerically: exact binomial tail"),
        keys=(ERRORS, N, DELTA),
        evaluate=_test_binomial,
    ),
    Bound(
        id="test_kl",
        title="Held-out bound, kl form",
        statement=(
            "If a predictor is fixed before n i.i.d. points are seen, its risk is at most kl^-1(R_n, "
            "ln(1/delta)/n), with probability at least 1 - delta."
        ),
        certificate="kl^-1(risk, ln(1/delta)/n)",
        certifies=Certifies.ONE,
        loss=UNIT_LOSS,
        data=_FIXED,
        source=Source(LANGFORD, "relative entropy Chernoff bound", "from memory, checked numerically"),
        keys=(RISK, N, DELTA),
        evaluate=_test_kl,
    ),
    Bound(
        id="test_hoeffding",
        title="Held-out bound, Hoeffding form",
        statement=(
            "If a predictor is fixed before n i.i.d. points are seen, its risk is at most R_n + "
            "sqrt(ln(1/delta)/(2n)), with probability at least 1 - delta."
        ),
        certificate="risk + sqrt(ln(1/delta)/(2n))",
        certifies=Certifies.ONE,
        loss=UNIT_LOSS,
        data=_FIXED,
        source=Source(HOEFFDING, "Theorem 1", "from memory, checked numerically; statement number not verified"),
        keys=(RISK, N, DELTA),
        evaluate=_test_hoeffding,
    ),
    Bound(
        id="test_betting",
        title="Held-out bound by coin betting",
        statement=(
            "With probability at least 1 - delta, at every n at once, the error of a predictor that was fixed "
            "before is at most kl^-1(errors/n, ln(regret/delta)/n), with the regret of the Beta(1/2, 1/2) mixture "
            "on the errors seen."
        ),
        certificate="kl^-1(errors/n, ln(regret/delta)/n), regret of the Beta(1/2, 1/2) mixture on this sequence",
        certifies=Certifies.ONE,
        loss="0/1",
        data=(
            f"constant mean given the past, predictor fixed before; holds at every n at once ({IID} is a special case)"
        ),
        source=Source(
            JANG, "coin betting", "derived here: Ville's inequality for the mixture of Bernoulli likelihood ratios"
        ),
        keys=(ERRORS, N, DELTA),
        evaluate=_test_betting,
    ),
    Bound(
        id="simultaneous_binomial",
        title="Held-out bounds for several classes at once",
        statement=(
            "If a predictor is fixed before the i.i.d. held-out points are seen, then with probability at least "
            "1 - delta its error in each of K classes (of labels, or of predictions) at once is at most the "
            "Clopper-Pearson limit at delta/K of its k errors on the n points of that class."
        ),
        certificate="sup{p: P(Bin(n, p) <= errors) >= delta/cells}",
        certifies=Certifies.ONE,
        loss="0/1",
        data=_FIXED,
        source=Source(
            CLOPPER, "upper limit", "derived here: exact binomial tails given the classes, and a union bound"
        ),
        keys=(ERRORS, N, _CELLS, DELTA),
        evaluate=_simultaneous_binomial,
    ),
)

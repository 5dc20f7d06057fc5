"""Bounds on the risk of one predictor that was fixed before the held-out points were seen."""

import numpy as np

from fathometer.evidence import InputError, Source
from fathometer.generalization.bounds._binomial import clopper_pearson_upper, log_kt_regret
from fathometer.generalization.bounds._bound import Bound, Certifies, Evaluation, Key, KeyKind
from fathometer.generalization.bounds._pieces import DELTA, IID, RISK, UNIT_LOSS, N, hoeffding
from fathometer.generalization.bounds._references import CLOPPER, HOEFFDING, JANG, LANGFORD
from fathometer.numerics import Wide, kl_inverse_upper, round_up

_ERRORS = Key("errors", "number of errors on the held-out points", KeyKind.INTEGER, at_least=0)
_FIXED = f"{IID}, predictor fixed before the n points were seen"


def test_binomial(errors: Wide, n: Wide, delta: Wide) -> Evaluation:
    """Clopper-Pearson upper limit."""
    _refuse_more_errors_than_points(errors, n)
    return clopper_pearson_upper(errors, n, delta), {"empirical_risk": errors / n}


def test_kl(risk: Wide, n: Wide, delta: Wide) -> Evaluation:
    """Chernoff bound in its kl form."""
    c = -np.log(delta) / n
    return kl_inverse_upper(risk, c), {"empirical_risk": risk, "c": c}


def test_hoeffding(risk: Wide, n: Wide, delta: Wide) -> Evaluation:
    """Hoeffding bound."""
    confidence = hoeffding(n, -np.log(delta))
    return round_up(risk + confidence), {"empirical_risk": risk, "confidence": confidence}


def test_betting(errors: Wide, n: Wide, delta: Wide) -> Evaluation:
    """Upper end of the means that a bettor with the Beta(1/2, 1/2) mixture has not refuted."""
    _refuse_more_errors_than_points(errors, n)
    log_regret = log_kt_regret(errors, n)
    c = (log_regret - np.log(delta)) / n
    return kl_inverse_upper(errors / n, c), {"empirical_risk": errors / n, "log_regret": log_regret, "c": c}


def _refuse_more_errors_than_points(errors: Wide, n: Wide) -> None:
    if np.any(errors > n):
        raise InputError(f"errors must be <= n = {np.max(n):g}, got {np.max(errors):g}")


BOUNDS = (
    Bound(
        "test_binomial",
        "sup{p: P(Bin(n, p) <= errors) >= delta}",
        Certifies.ONE,
        "0/1",
        _FIXED,
        "",
        "",
        Source(CLOPPER, "upper limit", "from memory, checked: exact binomial tail, checked numerically"),
        (_ERRORS, N, DELTA),
        test_binomial,
    ),
    Bound(
        "test_kl",
        "kl^-1(risk, ln(1/delta)/n)",
        Certifies.ONE,
        UNIT_LOSS,
        _FIXED,
        "",
        "",
        Source(LANGFORD, "relative entropy Chernoff bound", "from memory, checked: checked numerically"),
        (RISK, N, DELTA),
        test_kl,
    ),
    Bound(
        "test_hoeffding",
        "risk + sqrt(ln(1/delta)/(2n))",
        Certifies.ONE,
        UNIT_LOSS,
        _FIXED,
        "",
        "",
        Source(HOEFFDING, "Theorem 1", "from memory, checked: checked numerically; statement number not verified"),
        (RISK, N, DELTA),
        test_hoeffding,
    ),
    Bound(
        "test_betting",
        "kl^-1(errors/n, ln(regret/delta)/n), regret of the Beta(1/2, 1/2) mixture on this sequence",
        Certifies.ONE,
        "0/1",
        f"constant mean given the past, predictor fixed before; holds at every n at once ({IID} is a special case)",
        "",
        "",
        Source(JANG, "coin betting", "derived here: Ville's inequality for the mixture of Bernoulli likelihood ratios"),
        (_ERRORS, N, DELTA),
        test_betting,
    ),
)

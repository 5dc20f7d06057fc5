"""PAC-Bayes bounds on the Gibbs risk with KL(posterior || prior)."""

import numpy as np

from fathometer.evidence import Source
from fathometer.generalization.bounds._bound import Bound, Certifies, Evaluation, Key, KeyKind
from fathometer.generalization.bounds._constants import kt_constant, maurer_constant
from fathometer.generalization.bounds._pieces import DATA_FREE, DELTA, IID, KL, RISK, UNIT_LOSS, M, c_m
from fathometer.generalization.bounds._references import CATONI, JANG, MAURER, MCALLESTER, PEREZ_ORTIZ, SEEGER, THIEMANN
from fathometer.numerics import Wide, kl_inverse_lower, kl_inverse_upper, round_up

_LAM = Key("lam", "lambda; the best one, which costs nothing, if left out", above=0, below=2, required=False)
_FIXED_LAM = Key("lam", "lambda, fixed in advance", above=0)
_C = Key("C", "Catoni's constant, fixed in advance or in a grid that was", above=0)
_GRID = Key("grid", "number of values of C in the grid", KeyKind.INTEGER, at_least=1, required=False, default=1)


def _mcallester(risk: Wide, kl: Wide, m: Wide, delta: Wide) -> Evaluation:
    """Maurer-Seeger, relaxed by Pinsker's inequality."""
    c = c_m(kl, m, delta)
    return round_up(risk + np.sqrt(c / 2)), {"empirical_risk": risk, "c_m": c, "gap": np.sqrt(c / 2)}


def _maurer_seeger(risk: Wide, kl: Wide, m: Wide, delta: Wide) -> Evaluation:
    """Inverse kl of c_m."""
    c = c_m(kl, m, delta)
    return kl_inverse_upper(risk, c), {"empirical_risk": risk, "c_m": c}


def _maurer_exact(risk: Wide, kl: Wide, m: Wide, delta: Wide) -> Evaluation:
    """Maurer-Seeger with xi(m), the mean of exp(m kl) for Bernoulli losses, for its upper bound 2 sqrt(m)."""
    log_xi = np.vectorize(lambda size: np.log(maurer_constant(int(size))), otypes=[np.longdouble])(m)
    c = (kl + log_xi - np.log(delta)) / m
    return kl_inverse_upper(risk, c), {"empirical_risk": risk, "log_xi": log_xi[()], "c": c}


def _pb_quad(risk: Wide, kl: Wide, m: Wide, delta: Wide) -> Evaluation:
    """Quadratic relaxation."""
    c = c_m(kl, m, delta)
    value = risk + c + 2 * np.sqrt((risk + c / 2) * c / 2)
    return round_up(value), {"empirical_risk": risk, "c_m": c}


def _pb_lambda(risk: Wide, kl: Wide, m: Wide, delta: Wide, lam: Wide | None) -> Evaluation:
    """Linear in the risk for each lambda, all lambda at once."""
    c = c_m(kl, m, delta)
    best = 2 / (np.sqrt(2 * risk / c + 1) + 1) if lam is None else lam
    value = risk / (1 - best / 2) + c / (best * (1 - best / 2))
    return round_up(value), {"empirical_risk": risk, "c_m": c, "lam": best}


def _pinsker_refined(risk: Wide, kl: Wide, m: Wide, delta: Wide) -> Evaluation:
    """Relaxation that keeps the fast rate at small risk."""
    c = c_m(kl, m, delta)
    gap = np.sqrt(2 * risk * c) + 2 * c
    return round_up(risk + gap), {"empirical_risk": risk, "c_m": c, "gap": gap}


def _catoni(risk: Wide, kl: Wide, m: Wide, delta: Wide, C: Wide, grid: Wide) -> Evaluation:
    """Catoni's bound, with a union over the grid of C."""
    budget = (kl + np.log(grid) - np.log(delta)) / m
    value = np.divide(np.expm1(-C * risk - budget), np.expm1(-C))
    return round_up(value), {"empirical_risk": risk, "budget": budget}


def _catoni_linear(risk: Wide, kl: Wide, m: Wide, delta: Wide, lam: Wide) -> Evaluation:
    """Linear bound from Hoeffding's lemma."""
    complexity, variance = (kl - np.log(delta)) / lam, lam / (8 * m)
    terms = {"empirical_risk": risk, "complexity": complexity, "variance": variance}
    return round_up(risk + complexity + variance), terms


def _seeger_twosided(risk: Wide, kl: Wide, m: Wide, delta: Wide) -> Evaluation:
    """Both inverses of the same event."""
    c = c_m(kl, m, delta)
    upper = kl_inverse_upper(risk, c)
    return upper, {"empirical_risk": risk, "c_m": c, "lower": kl_inverse_lower(risk, c), "upper": upper}


def _coinbet_kl(risk: Wide, kl: Wide, m: Wide, delta: Wide) -> Evaluation:
    """Maurer-Seeger with KT(m) for 2 sqrt(m), at every m at once."""
    c = (kl + np.log(kt_constant(m)) - np.log(delta)) / m
    return kl_inverse_upper(risk, c), {"empirical_risk": risk, "c": c}


BOUNDS = (
    Bound(
        id="mcallester",
        title="McAllester's bound",
        statement=(
            "With probability at least 1 - delta, every posterior has Gibbs risk at most rho[R_S] + sqrt((KL + "
            "ln(2 sqrt(m)/delta))/(2m)), for a prior fixed in advance."
        ),
        certificate="risk + sqrt(c_m/2), c_m = (kl + ln(2 sqrt(m)/delta))/m",
        certifies=Certifies.GIBBS,
        loss=UNIT_LOSS,
        data=IID,
        divergence="KL",
        prior=DATA_FREE,
        source=Source(MCALLESTER, "with Maurer's constant", "published"),
        keys=(RISK, KL, M, DELTA),
        evaluate=_mcallester,
    ),
    Bound(
        id="maurer_seeger",
        title="Maurer-Seeger bound",
        statement=(
            "With probability at least 1 - delta, every posterior has Gibbs risk at most kl^-1 of its empirical "
            "Gibbs risk at (KL + ln(2 sqrt(m)/delta))/m, for a prior fixed in advance."
        ),
        certificate="kl^-1(risk, c_m)",
        certifies=Certifies.GIBBS,
        loss=UNIT_LOSS,
        data=IID,
        divergence="KL",
        prior=DATA_FREE,
        source=Source(MAURER, "Theorem 5", "published; statement number not verified"),
        keys=(RISK, KL, M, DELTA),
        evaluate=_maurer_seeger,
    ),
    Bound(
        id="maurer_exact",
        title="Maurer-Seeger bound with the exact constant",
        statement=(
            "With probability at least 1 - delta, every posterior has Gibbs risk at most kl^-1 of its empirical "
            "Gibbs risk at (KL + ln(xi(m)/delta))/m, xi(m) = sum_k C(m,k) (k/m)^k (1-k/m)^(m-k), for a prior fixed in "
            "advance."
        ),
        certificate="kl^-1(risk, (kl + ln(xi(m)/delta))/m)",
        certifies=Certifies.GIBBS,
        loss=UNIT_LOSS,
        data=IID,
        divergence="KL",
        prior=DATA_FREE,
        source=Source(MAURER, "the constant before its estimate", "derived here: E exp(m kl) is xi(m) for every p"),
        keys=(RISK, KL, M, DELTA),
        evaluate=_maurer_exact,
    ),
    Bound(
        id="pb_quad",
        title="PAC-Bayes-quadratic bound",
        statement=(
            "With probability at least 1 - delta, every posterior has Gibbs risk at most (sqrt(rho[R_S] + c/2) + "
            "sqrt(c/2))^2, c = (KL + ln(2 sqrt(m)/delta))/m."
        ),
        certificate="(sqrt(risk + c_m/2) + sqrt(c_m/2))^2",
        certifies=Certifies.GIBBS,
        loss=UNIT_LOSS,
        data=IID,
        divergence="KL",
        prior=DATA_FREE,
        source=Source(PEREZ_ORTIZ, "PAC-Bayes-quadratic bound", "published as code"),
        keys=(RISK, KL, M, DELTA),
        evaluate=_pb_quad,
    ),
    Bound(
        id="pb_lambda",
        title="PAC-Bayes-lambda bound",
        statement=(
            "With probability at least 1 - delta, every posterior and every lambda in (0, 2) have rho[R] <= "
            "rho[R_S]/(1 - lambda/2) + (KL + ln(2 sqrt(m)/delta))/(m lambda (1 - lambda/2))."
        ),
        certificate="risk/(1 - lam/2) + c_m/(lam (1 - lam/2)), all lam in (0, 2) at once",
        certifies=Certifies.GIBBS,
        loss=UNIT_LOSS,
        data=IID,
        divergence="KL",
        prior=DATA_FREE,
        source=Source(
            THIEMANN,
            "Theorem 3",
            "published as code; at the best lambda equal to pb_quad (derived here); statement number not verified",
        ),
        keys=(RISK, KL, M, DELTA, _LAM),
        evaluate=_pb_lambda,
    ),
    Bound(
        id="pinsker_refined",
        title="Maurer-Seeger by the refined Pinsker inequality",
        statement=(
            "With probability at least 1 - delta, every posterior has Gibbs risk at most rho[R_S] + sqrt(2 "
            "rho[R_S] c) + 2 c, c = (KL + ln(2 sqrt(m)/delta))/m."
        ),
        certificate="risk + sqrt(2 risk c_m) + 2 c_m",
        certifies=Certifies.GIBBS,
        loss=UNIT_LOSS,
        data=IID,
        divergence="KL",
        prior=DATA_FREE,
        source=Source(MCALLESTER, "refined Pinsker form", "from memory, checked numerically against the inverse kl"),
        keys=(RISK, KL, M, DELTA),
        evaluate=_pinsker_refined,
    ),
    Bound(
        id="catoni",
        title="Catoni's bound",
        statement=(
            "With probability at least 1 - delta, every posterior has Gibbs risk at most (1 - exp(-C rho[R_S] - "
            "(KL + ln(1/delta))/m))/(1 - exp(-C)), for one C fixed in advance, or every C of a grid with delta/|grid|."
        ),
        certificate="(1 - exp(-C risk - (kl + ln(grid/delta))/m)) / (1 - exp(-C))",
        certifies=Certifies.GIBBS,
        loss=UNIT_LOSS,
        data=IID,
        divergence="KL",
        prior=DATA_FREE,
        source=Source(CATONI, "Theorem 1.2.6", "published; statement number not verified"),
        keys=(RISK, KL, M, DELTA, _C, _GRID),
        evaluate=_catoni,
    ),
    Bound(
        id="catoni_linear",
        title="Catoni's bound, linear form",
        statement=(
            "With probability at least 1 - delta, every posterior has rho[R] <= rho[R_S] + (KL + ln(1/delta))/lam "
            "+ lam/(8m), for one lam fixed in advance."
        ),
        certificate="risk + (kl + ln(1/delta))/lam + lam/(8m)",
        certifies=Certifies.GIBBS,
        loss=UNIT_LOSS,
        data=IID,
        divergence="KL",
        prior=DATA_FREE,
        source=Source(CATONI, "linear form", "from memory, checked: Donsker-Varadhan and Hoeffding's lemma"),
        keys=(RISK, KL, M, DELTA, _FIXED_LAM),
        evaluate=_catoni_linear,
    ),
    Bound(
        id="seeger_twosided",
        title="Seeger's bound on both sides",
        statement=(
            "With probability at least 1 - delta, the kl of empirical and true Gibbs risk of every posterior is "
            "at most (KL + ln(2 sqrt(m)/delta))/m; the value is the upper limit."
        ),
        certificate="kl^-1 of c_m on both sides",
        certifies=Certifies.GIBBS,
        loss=UNIT_LOSS,
        data=IID,
        divergence="KL",
        prior=DATA_FREE,
        source=Source(SEEGER, "Theorem 1", "published; statement number not verified"),
        keys=(RISK, KL, M, DELTA),
        evaluate=_seeger_twosided,
    ),
    Bound(
        id="coinbet_kl",
        title="Time-uniform coin betting",
        statement=(
            "With probability at least 1 - delta, at every sample size at once, every posterior has Gibbs risk at "
            "most kl^-1(rho[R_n], (KL + ln(KT(n)/delta))/n)."
        ),
        certificate="kl^-1(risk, (kl + ln(KT(m)/delta))/m), KT(m) = sqrt(pi) Gamma(m+1)/Gamma(m+1/2)",
        certifies=Certifies.GIBBS,
        loss=UNIT_LOSS,
        data=f"constant mean given the past; holds at every m at once ({IID} is a special case)",
        divergence="KL",
        prior=DATA_FREE,
        source=Source(
            JANG, "same family", "derived here: Ville's inequality for the Beta(1/2, 1/2) mixture, convexity of kl"
        ),
        keys=(RISK, KL, M, DELTA),
        evaluate=_coinbet_kl,
    ),
)

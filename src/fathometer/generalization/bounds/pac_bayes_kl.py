"""PAC-Bayes bounds on the Gibbs risk with KL(posterior || prior)."""

import numpy as np

from fathometer.evidence import Source
from fathometer.generalization.bounds._bound import Bound, Certifies, Evaluation, Key, KeyKind
from fathometer.generalization.bounds._constants import kt_constant
from fathometer.generalization.bounds._pieces import DATA_FREE, DELTA, IID, KL, RISK, UNIT_LOSS, M, c_m
from fathometer.generalization.bounds._references import CATONI, JANG, MAURER, MCALLESTER, PEREZ_ORTIZ, SEEGER, THIEMANN
from fathometer.numerics import Wide, kl_inverse_lower, kl_inverse_upper, round_up

_LAM = Key("lam", "lambda; the best one, which costs nothing, if left out", above=0, below=2, required=False)
_FIXED_LAM = Key("lam", "lambda, fixed in advance", above=0)
_C = Key("C", "Catoni's constant, fixed in advance or in a grid that was", above=0)
_GRID = Key("grid", "number of values of C in the grid", KeyKind.INTEGER, at_least=1, required=False, default=1)


def mcallester(risk: Wide, kl: Wide, m: Wide, delta: Wide) -> Evaluation:
    """Maurer-Seeger, relaxed by Pinsker's inequality."""
    c = c_m(kl, m, delta)
    return round_up(risk + np.sqrt(c / 2)), {"empirical_risk": risk, "c_m": c, "gap": np.sqrt(c / 2)}


def maurer_seeger(risk: Wide, kl: Wide, m: Wide, delta: Wide) -> Evaluation:
    """Inverse kl of c_m."""
    c = c_m(kl, m, delta)
    return kl_inverse_upper(risk, c), {"empirical_risk": risk, "c_m": c}


def pb_quad(risk: Wide, kl: Wide, m: Wide, delta: Wide) -> Evaluation:
    """Quadratic relaxation."""
    c = c_m(kl, m, delta)
    value = risk + c + 2 * np.sqrt((risk + c / 2) * c / 2)
    return round_up(value), {"empirical_risk": risk, "c_m": c}


def pb_lambda(risk: Wide, kl: Wide, m: Wide, delta: Wide, lam: Wide | None) -> Evaluation:
    """Linear in the risk for each lambda, all lambda at once."""
    c = c_m(kl, m, delta)
    best = 2 / (np.sqrt(2 * risk / c + 1) + 1) if lam is None else lam
    value = risk / (1 - best / 2) + c / (best * (1 - best / 2))
    return round_up(value), {"empirical_risk": risk, "c_m": c, "lam": best}


def pinsker_refined(risk: Wide, kl: Wide, m: Wide, delta: Wide) -> Evaluation:
    """Relaxation that keeps the fast rate at small risk."""
    c = c_m(kl, m, delta)
    gap = np.sqrt(2 * risk * c) + 2 * c
    return round_up(risk + gap), {"empirical_risk": risk, "c_m": c, "gap": gap}


def catoni(risk: Wide, kl: Wide, m: Wide, delta: Wide, C: Wide, grid: Wide) -> Evaluation:
    """Catoni's bound, with a union over the grid of C."""
    budget = (kl + np.log(grid) - np.log(delta)) / m
    value = np.divide(np.expm1(-C * risk - budget), np.expm1(-C))
    return round_up(value), {"empirical_risk": risk, "budget": budget}


def catoni_linear(risk: Wide, kl: Wide, m: Wide, delta: Wide, lam: Wide) -> Evaluation:
    """Linear bound from Hoeffding's lemma."""
    complexity, variance = (kl - np.log(delta)) / lam, lam / (8 * m)
    terms = {"empirical_risk": risk, "complexity": complexity, "variance": variance}
    return round_up(risk + complexity + variance), terms


def seeger_twosided(risk: Wide, kl: Wide, m: Wide, delta: Wide) -> Evaluation:
    """Both inverses of the same event."""
    c = c_m(kl, m, delta)
    upper = kl_inverse_upper(risk, c)
    return upper, {"empirical_risk": risk, "c_m": c, "lower": kl_inverse_lower(risk, c), "upper": upper}


def coinbet_kl(risk: Wide, kl: Wide, m: Wide, delta: Wide) -> Evaluation:
    """Maurer-Seeger with KT(m) for 2 sqrt(m), at every m at once."""
    c = (kl + np.log(kt_constant(m)) - np.log(delta)) / m
    return kl_inverse_upper(risk, c), {"empirical_risk": risk, "c": c}


def _bound(name: str, certificate: str, source: Source, evaluate, *more: Key, data: str = IID) -> Bound:
    keys = (RISK, KL, M, DELTA, *more)
    return Bound(name, certificate, Certifies.GIBBS, UNIT_LOSS, data, "KL", DATA_FREE, source, keys, evaluate)


BOUNDS = (
    _bound(
        "mcallester",
        "risk + sqrt(c_m/2), c_m = (kl + ln(2 sqrt(m)/delta))/m",
        Source(MCALLESTER, "with Maurer's constant", "published"),
        mcallester,
    ),
    _bound(
        "maurer_seeger",
        "kl^-1(risk, c_m)",
        Source(MAURER, "Theorem 5", "published; statement number not verified"),
        maurer_seeger,
    ),
    _bound(
        "pb_quad",
        "(sqrt(risk + c_m/2) + sqrt(c_m/2))^2",
        Source(PEREZ_ORTIZ, "PAC-Bayes-quadratic bound", "published as code"),
        pb_quad,
    ),
    _bound(
        "pb_lambda",
        "risk/(1 - lam/2) + c_m/(lam (1 - lam/2)), all lam in (0, 2) at once",
        Source(
            THIEMANN,
            "Theorem 3",
            "published as code; at the best lambda equal to pb_quad (derived here); statement number not verified",
        ),
        pb_lambda,
        _LAM,
    ),
    _bound(
        "pinsker_refined",
        "risk + sqrt(2 risk c_m) + 2 c_m",
        Source(MCALLESTER, "refined Pinsker form", "from memory, checked: checked numerically against the inverse kl"),
        pinsker_refined,
    ),
    _bound(
        "catoni",
        "(1 - exp(-C risk - (kl + ln(grid/delta))/m)) / (1 - exp(-C))",
        Source(CATONI, "Theorem 1.2.6", "published; statement number not verified"),
        catoni,
        _C,
        _GRID,
    ),
    _bound(
        "catoni_linear",
        "risk + (kl + ln(1/delta))/lam + lam/(8m)",
        Source(CATONI, "linear form", "from memory, checked: Donsker-Varadhan and Hoeffding's lemma"),
        catoni_linear,
        _FIXED_LAM,
    ),
    _bound(
        "seeger_twosided",
        "kl^-1 of c_m on both sides",
        Source(SEEGER, "Theorem 1", "published; statement number not verified"),
        seeger_twosided,
    ),
    _bound(
        "coinbet_kl",
        "kl^-1(risk, (kl + ln(KT(m)/delta))/m), KT(m) = sqrt(pi) Gamma(m+1)/Gamma(m+1/2)",
        Source(JANG, "same family", "derived here: Ville's inequality for the Beta(1/2, 1/2) mixture, convexity of kl"),
        coinbet_kl,
        data=f"constant mean given the past; holds at every m at once ({IID} is a special case)",
    ),
)

"""Bounds whose constants were written down from memory: labelled, and used by no ledger."""

import numpy as np

from fathometer.evidence import Source
from fathometer.generalization.bounds._bound import UNVERIFIED, Bound, Certifies, Evaluation, Key, KeyKind
from fathometer.generalization.bounds._pieces import DATA_FREE, DELTA, IID, KL, RISK, UNIT_LOSS, M
from fathometer.generalization.bounds._references import DZIUGAITE, MAURER_PONTIL, TOLSTIKHIN
from fathometer.numerics import SLACK, Narrow, Wide, kl_inverse_upper, round_up, wide

_VARIANCE = Key("variance", "unbiased sample variance of the losses, its posterior mean", at_least=0, at_most=0.5)
_N = Key("n", "number of held-out points", KeyKind.INTEGER, at_least=2)
_M = Key("m", "sample size", KeyKind.INTEGER, at_least=2)
_EPSILON = Key("epsilon", "privacy of the prior as a function of the sample", at_least=0)
_C1 = Key("c1", "ratio of the grid for the mean", above=1, required=False, default=1.15)
_C2 = Key("c2", "ratio of the grid for the variance", above=1, required=False, default=1.15)


def _test_empbernstein(risk: Wide, variance: Wide, n: Wide, delta: Wide) -> Evaluation:
    """Empirical Bernstein bound."""
    log = np.log(2 / delta)
    terms = {"empirical_risk": risk, "deviation": np.sqrt(2 * variance * log / n), "range": 7 * log / (3 * (n - 1))}
    return round_up(sum(terms.values(), start=wide(0))), terms


def _tolstikhin_seldin(risk: Wide, variance: Wide, kl: Wide, m: Wide, delta: Wide, c1: Wide, c2: Wide) -> Evaluation:
    """PAC-Bayes empirical Bernstein bound; nu1 and nu2 count the values of lambda that a grid needs.

    nu2: the best lambda for the variance is 2/(sqrt(2 (m-1) V/ln(2/delta) + 1) + 1) and at least that at V = 1/2, and
    the grid has the ratio c2 from there to 1.
    """
    e = np.exp(wide(1))
    log = np.log(2 / delta)
    nu1 = np.maximum(_ceil(np.log((e - 2) * m / (4 * log)) / (2 * np.log(c1))) + 1, 1)
    nu2 = np.maximum(_ceil(np.log((np.sqrt((m - 1) / log + 1) + 1) / 2) / np.log(c2)), 1)
    spread = (kl + np.log(2 * nu2 / delta)) / (m - 1)
    largest = np.minimum(0.25, variance + (1 + c2) * np.sqrt(variance * spread / 2) + 2 * c2 * spread)
    budget = (kl + np.log(2 * nu1 / delta)) / m
    gap = np.where(budget <= (e - 2) * largest, (1 + c1) * np.sqrt((e - 2) * largest * budget), 2 * budget)
    return round_up(risk + gap), {"empirical_risk": risk, "variance_bound": largest, "gap": gap}


def _ceil(count: Wide | Narrow) -> Wide | Narrow:
    """The next whole number, not one too few for a count that rounding took below it."""
    return np.ceil(count + SLACK * np.abs(count))


def _dp_prior(risk: Wide, kl: Wide, epsilon: Wide, m: Wide, delta: Wide) -> Evaluation:
    """Maurer-Seeger with a differentially private prior."""
    privacy = m * epsilon**2 / 2 + epsilon * np.sqrt(m / 2 * np.log(4 / delta))
    c = (kl + np.log(4 * np.sqrt(m) / delta) + privacy) / m
    return kl_inverse_upper(risk, c), {"empirical_risk": risk, "privacy": privacy, "c": c}


BOUNDS = (
    Bound(
        id="test_empbernstein",
        title="Held-out bound, empirical Bernstein form",
        statement=(
            "If a predictor is fixed before n i.i.d. points are seen, its risk is at most R_n + sqrt(2 V_n "
            "ln(2/delta)/n) + 7 ln(2/delta)/(3(n-1)), V_n the unbiased variance of its losses, with probability "
            "at least 1 - delta."
        ),
        certificate="risk + sqrt(2 variance ln(2/delta)/n) + 7 ln(2/delta)/(3(n-1))",
        certifies=Certifies.ONE,
        loss=UNIT_LOSS,
        data=f"{IID}, predictor fixed before the n points were seen",
        source=Source(MAURER_PONTIL, "Theorem 4", f"{UNVERIFIED}: from memory"),
        keys=(RISK, _VARIANCE, _N, DELTA),
        evaluate=_test_empbernstein,
    ),
    Bound(
        id="tolstikhin_seldin",
        title="PAC-Bayes empirical Bernstein bound",
        statement=(
            "With probability at least 1 - delta, every posterior has rho[R] <= rho[R_S] + (1 + c1) sqrt((e-2) V "
            "(KL + ln(2 nu1/delta))/m), V an upper bound on the variance made from the sample."
        ),
        certificate="risk + (1 + c1) sqrt((e-2) V (kl + ln(2 nu1/delta))/m), V an upper bound on the variance",
        certifies=Certifies.GIBBS,
        loss=UNIT_LOSS,
        data=IID,
        divergence="KL",
        prior=DATA_FREE,
        source=Source(TOLSTIKHIN, "Theorems 3 and 4", f"{UNVERIFIED}: from memory"),
        keys=(RISK, _VARIANCE, KL, _M, DELTA, _C1, _C2),
        evaluate=_tolstikhin_seldin,
    ),
    Bound(
        id="dp_prior",
        title="Maurer-Seeger with a differentially private prior",
        statement=(
            "With probability at least 1 - delta, every posterior has Gibbs risk at most kl^-1(rho[R_S], (KL + "
            "ln(4 sqrt(m)/delta) + m epsilon^2/2 + epsilon sqrt((m/2) ln(4/delta)))/m), for a prior that is an "
            "epsilon-differentially private function of the sample."
        ),
        certificate="kl^-1(risk, (kl + ln(4 sqrt(m)/delta) + m epsilon^2/2 + epsilon sqrt((m/2) ln(4/delta)))/m)",
        certifies=Certifies.GIBBS,
        loss=UNIT_LOSS,
        data=IID,
        divergence="KL",
        prior="epsilon-differentially private function of the sample",
        source=Source(DZIUGAITE, "Theorem 4.2", f"{UNVERIFIED}: from memory"),
        keys=(RISK, KL, _EPSILON, M, DELTA),
        evaluate=_dp_prior,
    ),
)

"""Bounds that ask for second moments instead of a bounded loss; lambda is fixed in advance."""

import numpy as np

from fathometer.evidence import Source
from fathometer.generalization.bounds._bound import Bound, Certifies, Evaluation, Key
from fathometer.generalization.bounds._pieces import BLOCKS, DATA_FREE, DELTA, IID, KL, LIPSCHITZ, M
from fathometer.generalization.bounds._references import CHUGG, HADDOUCHE, VIALLARD_WASSERSTEIN
from fathometer.numerics import Wide, round_up, wide

_RISK = Key("risk", "empirical risk", at_least=0)
_LAM = Key("lam", "lambda, fixed in advance", above=0)
_SECOND = Key("second_moment", "bound on the second moment of the loss under the posterior", at_least=0)
_VARIANCE = Key("variance", "mean over the law named in the source of the variance of the loss", at_least=0)
_SQUARES = Key("squares", "the same mean of the mean squared deviation of the losses from the risk", at_least=0)
_DISTANCE = Key("distance", "sum over blocks of |S_i|/m times W1(posterior, prior of block i)", at_least=0)
_PATH = Key("distance", "mean over rounds of W1(posterior of the round, prior of the round)", at_least=0)


def _supermart_nonneg(risk: Wide, second_moment: Wide, kl: Wide, m: Wide, delta: Wide, lam: Wide) -> Evaluation:
    """Non-negative losses: e^(-t l) is at most e^(-t E l + t^2 E l^2 / 2) in mean."""
    return _sum(empirical_risk=risk, complexity=(kl - np.log(delta)) / (lam * m), moment=lam / 2 * second_moment)


def _heavy_tailed_kl(
    risk: Wide, variance: Wide, squares: Wide, kl: Wide, m: Wide, delta: Wide, lam: Wide
) -> Evaluation:
    """Losses of any sign: the Bercu-Touati supermartingale."""
    complexity = (kl - np.log(delta)) / (lam * m)
    return _sum(empirical_risk=risk, complexity=complexity, moment=lam / 2 * (variance + squares))


def _w1_nips_t1(
    risk: Wide,
    lipschitz: Wide,
    distance: Wide,
    variance: Wide,
    squares: Wide,
    m: Wide,
    delta: Wide,
    lam: Wide,
    blocks: Wide,
) -> Evaluation:
    """Batch, order-2 moments, equal blocks and one lambda."""
    confidence = blocks * np.log(blocks / delta) / (lam * m)
    moment = lam / 2 * (variance + squares)
    return _sum(empirical_risk=risk, transport=2 * lipschitz * distance, confidence=confidence, moment=moment)


def _w1_nips_t4(
    risk: Wide, lipschitz: Wide, distance: Wide, variance: Wide, squares: Wide, m: Wide, delta: Wide, lam: Wide
) -> Evaluation:
    """Online, order-2 moments."""
    return _w1_nips_t1(risk, lipschitz, distance, variance, squares, m, delta, lam, wide(1))


def _sum(**terms: Wide) -> Evaluation:
    return round_up(sum(terms.values(), start=wide(0))), terms


BOUNDS = (
    Bound(
        id="supermart_nonneg",
        title="Non-negative losses by supermartingale",
        statement=(
            "With probability at least 1 - delta, at every m at once, every posterior has rho[R] <= rho[R_S] + "
            "(KL + ln(1/delta))/(lam m) + (lam/2) rho[E l^2], for one lam fixed in advance."
        ),
        certificate="risk + (kl + ln(1/delta))/(lam m) + (lam/2) second_moment",
        certifies=Certifies.GIBBS,
        loss="non-negative, second moment under the prior finite; vacuous if at most 1",
        data="constant mean given the past; holds at every m at once for a fixed lambda",
        divergence="KL",
        prior=DATA_FREE,
        source=Source(
            CHUGG, "same family", "derived here: Ville's inequality for exp(t (E l - l) - t^2 E l^2/2), t = lam"
        ),
        keys=(_RISK, _SECOND, KL, M, DELTA, _LAM),
        evaluate=_supermart_nonneg,
    ),
    Bound(
        id="heavy_tailed_kl",
        title="KL PAC-Bayes with second moments",
        statement=(
            "With probability at least 1 - delta, every posterior has rho[R] <= rho[R_S] + (KL + "
            "ln(1/delta))/(lam m) + (lam/2) rho[V + mean squared deviation], V the variance of the loss, for one "
            "lam fixed in advance."
        ),
        certificate="risk + (kl + ln(1/delta))/(lam m) + (lam/2) (variance + squares), means over the posterior",
        certifies=Certifies.GIBBS,
        loss="second moments; an oracle bound unless the variance is known; vacuous if at most 1",
        data=IID,
        divergence="KL",
        prior=DATA_FREE,
        source=Source(
            HADDOUCHE, "idea", "published idea, re-derived here: E exp(tX - t^2 (X^2 + E X^2)/2) <= 1 (Bercu, Touati)"
        ),
        keys=(_RISK, _VARIANCE, _SQUARES, KL, M, DELTA, _LAM),
        evaluate=_heavy_tailed_kl,
    ),
    Bound(
        id="w1_nips_t1",
        title="W1 PAC-Bayes with data-dependent priors, second moments",
        statement=(
            "For K disjoint blocks, priors P_i that do not depend on S_i, and lambda fixed in advance: with "
            "probability at least 1 - delta, every posterior rho has rho[R] <= rho[R_S] + sum_i 2 |S_i| L/m "
            "W1(rho, P_i) + (1/m) sum_i (ln(K/delta)/lambda + (lambda/2) P_i[Vhat_i + V_i])."
        ),
        certificate="risk + 2 L distance + K ln(K/delta)/(lam m) + (lam/2) (variance + squares), means over the priors",
        certifies=Certifies.GIBBS,
        loss="L-Lipschitz, second moments; an oracle bound unless the variance is known; vacuous if at most 1",
        data=IID,
        divergence="W1",
        prior="one for each block, which may depend on the other blocks",
        source=Source(
            VIALLARD_WASSERSTEIN,
            "Theorem 1",
            "published; the brackets in print are ambiguous, by the proof both terms of the sum are divided by m",
        ),
        keys=(_RISK, LIPSCHITZ, _DISTANCE, _VARIANCE, _SQUARES, M, DELTA, _LAM, BLOCKS),
        evaluate=_w1_nips_t1,
    ),
    Bound(
        id="w1_nips_t4",
        title="Online W1 PAC-Bayes, second moments",
        statement=(
            "For any dependence, predictable priors P_i, any posteriors rho_i and lambda fixed in advance: with "
            "probability at least 1 - delta, the mean over m rounds of rho_i[E_{i-1} l] is at most that of "
            "rho_i[l(., z_i)] + 2L W1(rho_i, P_i) + (lambda/2) P_i[Vhat_i + V_i], plus ln(1/delta)/(lambda m)."
        ),
        certificate=(
            "risk + 2 L distance + ln(1/delta)/(lam m) + (lam/2) (variance + squares), means over rounds of the priors"
        ),
        certifies=Certifies.GIBBS,
        loss="L-Lipschitz, conditional second moments; an oracle bound unless they are known; vacuous if at most 1",
        data="any dependence; the mean of conditional risks over m rounds is certified",
        divergence="W1",
        prior="predictable: one for each round, from the past",
        source=Source(VIALLARD_WASSERSTEIN, "Theorem 4", "published"),
        keys=(_RISK, LIPSCHITZ, _PATH, _VARIANCE, _SQUARES, M, DELTA, _LAM),
        evaluate=_w1_nips_t4,
    ),
)

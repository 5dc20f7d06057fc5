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


def supermart_nonneg(risk: Wide, second_moment: Wide, kl: Wide, m: Wide, delta: Wide, lam: Wide) -> Evaluation:
    """Non-negative losses: e^(-t l) is at most e^(-t E l + t^2 E l^2 / 2) in mean."""
    return _sum(empirical_risk=risk, complexity=(kl - np.log(delta)) / (lam * m), moment=lam / 2 * second_moment)


def heavy_tailed_kl(risk: Wide, variance: Wide, squares: Wide, kl: Wide, m: Wide, delta: Wide, lam: Wide) -> Evaluation:
    """Losses of any sign: the Bercu-Touati supermartingale."""
    complexity = (kl - np.log(delta)) / (lam * m)
    return _sum(empirical_risk=risk, complexity=complexity, moment=lam / 2 * (variance + squares))


def w1_nips_t1(
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


def w1_nips_t4(
    risk: Wide, lipschitz: Wide, distance: Wide, variance: Wide, squares: Wide, m: Wide, delta: Wide, lam: Wide
) -> Evaluation:
    """Online, order-2 moments."""
    return w1_nips_t1(risk, lipschitz, distance, variance, squares, m, delta, lam, wide(1))


def _sum(**terms: Wide) -> Evaluation:
    return round_up(sum(terms.values(), start=wide(0))), terms


BOUNDS = (
    Bound(
        "supermart_nonneg",
        "risk + (kl + ln(1/delta))/(lam m) + (lam/2) second_moment",
        Certifies.GIBBS,
        "non-negative, second moment under the prior finite; vacuous if at most 1",
        "constant mean given the past; holds at every m at once for a fixed lambda",
        "KL",
        DATA_FREE,
        Source(CHUGG, "same family", "derived here: Ville's inequality for exp(t (E l - l) - t^2 E l^2/2), t = lam"),
        (_RISK, _SECOND, KL, M, DELTA, _LAM),
        supermart_nonneg,
    ),
    Bound(
        "heavy_tailed_kl",
        "risk + (kl + ln(1/delta))/(lam m) + (lam/2) (variance + squares), means over the posterior",
        Certifies.GIBBS,
        "second moments; an oracle bound unless the variance is known; vacuous if at most 1",
        IID,
        "KL",
        DATA_FREE,
        Source(
            HADDOUCHE, "idea", "published idea, re-derived here: E exp(tX - t^2 (X^2 + E X^2)/2) <= 1 (Bercu, Touati)"
        ),
        (_RISK, _VARIANCE, _SQUARES, KL, M, DELTA, _LAM),
        heavy_tailed_kl,
    ),
    Bound(
        "w1_nips_t1",
        "risk + 2 L distance + K ln(K/delta)/(lam m) + (lam/2) (variance + squares), means over the priors",
        Certifies.GIBBS,
        "L-Lipschitz, second moments; an oracle bound unless the variance is known; vacuous if at most 1",
        IID,
        "W1",
        "one for each block, which may depend on the other blocks",
        Source(VIALLARD_WASSERSTEIN, "Theorem 1", "published; both terms of the sum over blocks are divided by m"),
        (_RISK, LIPSCHITZ, _DISTANCE, _VARIANCE, _SQUARES, M, DELTA, _LAM, BLOCKS),
        w1_nips_t1,
    ),
    Bound(
        "w1_nips_t4",
        "risk + 2 L distance + ln(1/delta)/(lam m) + (lam/2) (variance + squares), means over rounds of the priors",
        Certifies.GIBBS,
        "L-Lipschitz, conditional second moments; an oracle bound unless they are known; vacuous if at most 1",
        "any dependence; the mean of conditional risks over m rounds is certified",
        "W1",
        "predictable: one for each round, from the past",
        Source(VIALLARD_WASSERSTEIN, "Theorem 4", "published"),
        (_RISK, LIPSCHITZ, _PATH, _VARIANCE, _SQUARES, M, DELTA, _LAM),
        w1_nips_t4,
    ),
)

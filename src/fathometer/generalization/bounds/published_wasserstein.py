"""The published Wasserstein PAC-Bayes theorems whose right sides are computable, and what improves on them."""

import numpy as np

from fathometer.evidence import Source
from fathometer.generalization.bounds._bound import Bound, Certifies, Evaluation, Key
from fathometer.generalization.bounds._pieces import BLOCKS, DELTA, IID, LIPSCHITZ, RISK, M, hoeffding
from fathometer.generalization.bounds._references import FATHOMETER, VIALLARD_WASSERSTEIN
from fathometer.numerics import Wide, round_up, wide

_DISTANCE = Key("distance", "sum over blocks of |S_i|/m times W1(posterior, prior of block i)", at_least=0)
_PATH = Key("distance", "mean over rounds of W1(posterior of the round, prior of the round)", at_least=0)
_SECOND = Key(
    "second_moment", "bound on the second moment of the loss under the priors", above=0, required=False, default=1
)
_RISK = Key("risk", "empirical risk", at_least=0)
_PREDICTIVE = Key(
    "risk", "mean over rounds of the loss of the round's prior on the round's point", at_least=0, at_most=1
)
_PRIORS = "one for each block, which may depend on the other blocks"
_ROUNDS = "any dependence; the mean of conditional risks over m rounds is certified"
_PAST = "predictable: one for each round, from the past"


def w1_nips_t2(
    risk: Wide, lipschitz: Wide, distance: Wide, m: Wide, delta: Wide, blocks: Wide, second_moment: Wide
) -> Evaluation:
    """Non-negative losses with a second moment under the priors."""
    return _sum(risk, lipschitz, distance, np.sqrt(2 * blocks * np.log(blocks / delta) * second_moment / m))


def w1_nips_t2_improved(
    risk: Wide, lipschitz: Wide, distance: Wide, m: Wide, delta: Wide, blocks: Wide, second_moment: Wide
) -> Evaluation:
    """The same without the union over the blocks."""
    return _sum(risk, lipschitz, distance, np.sqrt(-2 * blocks * np.log(delta) * second_moment / m))


def w1_nips_t3(risk: Wide, lipschitz: Wide, distance: Wide, m: Wide, delta: Wide, blocks: Wide) -> Evaluation:
    """Bounded losses."""
    return _sum(risk, lipschitz, distance, np.sqrt(blocks) * hoeffding(m, np.log(blocks / delta)))


def w1_nips_t5(risk: Wide, lipschitz: Wide, distance: Wide, m: Wide, delta: Wide) -> Evaluation:
    """Online, with the number of rounds fixed in advance."""
    return _sum(risk, lipschitz, distance, np.sqrt(-2 * np.log(delta) / m))


def w1_nips_t5_bounded(risk: Wide, lipschitz: Wide, distance: Wide, m: Wide, delta: Wide) -> Evaluation:
    """Online, losses in [0, 1]: Azuma."""
    return _sum(risk, lipschitz, distance, hoeffding(m, -np.log(delta)))


def progressive_validation(risk: Wide, lipschitz: Wide, distance: Wide, m: Wide, delta: Wide) -> Evaluation:
    """Online, losses in [0, 1]: Azuma at the priors, then the Lipschitz constant."""
    terms = {"predictive_risk": risk, "transport": lipschitz * distance, "confidence": hoeffding(m, -np.log(delta))}
    return round_up(sum(terms.values(), start=wide(0))), terms


def _sum(risk: Wide, lipschitz: Wide, distance: Wide, confidence: Wide) -> Evaluation:
    terms = {"empirical_risk": risk, "transport": 2 * lipschitz * distance, "confidence": confidence}
    return round_up(sum(terms.values(), start=wide(0))), terms


def _bound(
    name: str,
    certificate: str,
    loss: str,
    data: str,
    prior: str,
    statement: str | Source,
    evaluate,
    *keys: Key,
) -> Bound:
    source = Source(VIALLARD_WASSERSTEIN, statement, "published") if isinstance(statement, str) else statement
    return Bound(name, certificate, Certifies.GIBBS, loss, data, "W1", prior, source, keys, evaluate)


BOUNDS = (
    _bound(
        "w1_nips_t2",
        "risk + 2 L distance + sqrt(2 K C ln(K/delta)/m)",
        "non-negative, L-Lipschitz, second moment under the priors at most C; vacuous if at most 1",
        IID,
        _PRIORS,
        "Theorem 2",
        w1_nips_t2,
        _RISK,
        LIPSCHITZ,
        _DISTANCE,
        M,
        DELTA,
        BLOCKS,
        _SECOND,
    ),
    _bound(
        "w1_nips_t2_improved",
        "risk + 2 L distance + sqrt(2 K C ln(1/delta)/m)",
        "non-negative, L-Lipschitz, second moment under the priors at most C; vacuous if at most 1",
        IID,
        _PRIORS,
        Source(VIALLARD_WASSERSTEIN, "Theorem 2", "derived here: convexity of exp replaces the union bound"),
        w1_nips_t2_improved,
        _RISK,
        LIPSCHITZ,
        _DISTANCE,
        M,
        DELTA,
        BLOCKS,
        _SECOND,
    ),
    _bound(
        "w1_nips_t3",
        "risk + 2 L distance + sqrt(K ln(K/delta)/(2m))",
        "in [0, 1], L-Lipschitz",
        IID,
        _PRIORS,
        "Theorem 3",
        w1_nips_t3,
        RISK,
        LIPSCHITZ,
        _DISTANCE,
        M,
        DELTA,
        BLOCKS,
    ),
    _bound(
        "w1_nips_t5",
        "risk + 2 L distance + sqrt(2 ln(1/delta)/m)",
        "non-negative, L-Lipschitz, conditional second moment under the priors at most 1; vacuous if at most 1",
        _ROUNDS,
        _PAST,
        "Theorem 5",
        w1_nips_t5,
        _RISK,
        LIPSCHITZ,
        _PATH,
        M,
        DELTA,
    ),
    _bound(
        "w1_nips_t5_bounded",
        "risk + 2 L distance + sqrt(ln(1/delta)/(2m))",
        "in [0, 1], L-Lipschitz",
        _ROUNDS,
        _PAST,
        Source(VIALLARD_WASSERSTEIN, "Theorem 5", "derived here: Azuma's inequality for losses in [0, 1]"),
        w1_nips_t5_bounded,
        RISK,
        LIPSCHITZ,
        _PATH,
        M,
        DELTA,
    ),
    _bound(
        "progressive_validation",
        "risk of the priors + L distance + sqrt(ln(1/delta)/(2m))",
        "in [0, 1], L-Lipschitz",
        _ROUNDS,
        _PAST,
        Source(FATHOMETER, "progressive validation", "derived here: never above the bound of w1_nips_t5_bounded"),
        progressive_validation,
        _PREDICTIVE,
        LIPSCHITZ,
        _PATH,
        M,
        DELTA,
    ),
)

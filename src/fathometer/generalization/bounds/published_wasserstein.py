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


def _w1_nips_t2(
    risk: Wide, lipschitz: Wide, distance: Wide, m: Wide, delta: Wide, blocks: Wide, second_moment: Wide
) -> Evaluation:
    """Non-negative losses with a second moment under the priors."""
    return _sum(risk, lipschitz, distance, np.sqrt(2 * blocks * np.log(blocks / delta) * second_moment / m))


def _w1_nips_t2_improved(
    risk: Wide, lipschitz: Wide, distance: Wide, m: Wide, delta: Wide, blocks: Wide, second_moment: Wide
) -> Evaluation:
    """The same without the union over the blocks."""
    return _sum(risk, lipschitz, distance, np.sqrt(-2 * blocks * np.log(delta) * second_moment / m))


def _w1_nips_t3(risk: Wide, lipschitz: Wide, distance: Wide, m: Wide, delta: Wide, blocks: Wide) -> Evaluation:
    """Bounded losses."""
    return _sum(risk, lipschitz, distance, np.sqrt(blocks) * hoeffding(m, np.log(blocks / delta)))


def _w1_nips_t5(risk: Wide, lipschitz: Wide, distance: Wide, m: Wide, delta: Wide) -> Evaluation:
    """Online, with the number of rounds fixed in advance."""
    return _sum(risk, lipschitz, distance, np.sqrt(-2 * np.log(delta) / m))


def _w1_nips_t5_bounded(risk: Wide, lipschitz: Wide, distance: Wide, m: Wide, delta: Wide) -> Evaluation:
    """Online, losses in [0, 1]: Azuma."""
    return _sum(risk, lipschitz, distance, hoeffding(m, -np.log(delta)))


def _progressive_validation(risk: Wide, lipschitz: Wide, distance: Wide, m: Wide, delta: Wide) -> Evaluation:
    """Online, losses in [0, 1]: Azuma at the priors, then the Lipschitz constant."""
    terms = {"predictive_risk": risk, "transport": lipschitz * distance, "confidence": hoeffding(m, -np.log(delta))}
    return round_up(sum(terms.values(), start=wide(0))), terms


def _sum(risk: Wide, lipschitz: Wide, distance: Wide, confidence: Wide) -> Evaluation:
    terms = {"empirical_risk": risk, "transport": 2 * lipschitz * distance, "confidence": confidence}
    return round_up(sum(terms.values(), start=wide(0))), terms


BOUNDS = (
    Bound(
        id="w1_nips_t2",
        title="W1 PAC-Bayes with data-dependent priors, non-negative losses",
        statement=(
            "For K equal blocks, priors P_i that do not depend on S_i, and a loss >= 0 of second moment at most C "
            "under the priors: with probability at least 1 - delta, every posterior rho has rho[R] <= rho[R_S] + "
            "sum_i 2 |S_i| L/m W1(rho, P_i) + sqrt(2 K C ln(K/delta)/m)."
        ),
        certificate="risk + 2 L distance + sqrt(2 K C ln(K/delta)/m)",
        certifies=Certifies.GIBBS,
        loss="non-negative, L-Lipschitz, second moment under the priors at most C; vacuous if at most 1",
        data=IID,
        divergence="W1",
        prior=_PRIORS,
        source=Source(
            VIALLARD_WASSERSTEIN,
            "Theorem 2",
            "published, with C in place of 1; the form for K = 1 in the appendix is larger by sqrt(2)",
        ),
        keys=(_RISK, LIPSCHITZ, _DISTANCE, M, DELTA, BLOCKS, _SECOND),
        evaluate=_w1_nips_t2,
    ),
    Bound(
        id="w1_nips_t2_improved",
        title="W1 PAC-Bayes for non-negative losses without a union over the blocks",
        statement="As w1_nips_t2 with the last term sqrt(2 K C ln(1/delta)/m).",
        certificate="risk + 2 L distance + sqrt(2 K C ln(1/delta)/m)",
        certifies=Certifies.GIBBS,
        loss="non-negative, L-Lipschitz, second moment under the priors at most C; vacuous if at most 1",
        data=IID,
        divergence="W1",
        prior=_PRIORS,
        source=Source(VIALLARD_WASSERSTEIN, "Theorem 2", "derived here: convexity of exp replaces the union bound"),
        keys=(_RISK, LIPSCHITZ, _DISTANCE, M, DELTA, BLOCKS, _SECOND),
        evaluate=_w1_nips_t2_improved,
    ),
    Bound(
        id="w1_nips_t3",
        title="W1 PAC-Bayes with data-dependent priors, bounded losses",
        statement=(
            "For K equal blocks and priors P_i that do not depend on S_i: with probability at least 1 - delta, "
            "every posterior rho has rho[R] <= rho[R_S] + sum_i 2 |S_i| L/m W1(rho, P_i) + sqrt(K "
            "ln(K/delta)/(2m))."
        ),
        certificate="risk + 2 L distance + sqrt(K ln(K/delta)/(2m))",
        certifies=Certifies.GIBBS,
        loss="in [0, 1], L-Lipschitz",
        data=IID,
        divergence="W1",
        prior=_PRIORS,
        source=Source(VIALLARD_WASSERSTEIN, "Theorem 3", "published"),
        keys=(RISK, LIPSCHITZ, _DISTANCE, M, DELTA, BLOCKS),
        evaluate=_w1_nips_t3,
    ),
    Bound(
        id="w1_nips_t5",
        title="Online W1 PAC-Bayes, non-negative losses",
        statement=(
            "For any dependence, predictable priors P_i and a loss >= 0 of conditional second moment at most 1 "
            "under them: with probability at least 1 - delta, the mean over m rounds of rho_i[E_{i-1} l] is at "
            "most that of rho_i[l(., z_i)] + 2L W1(rho_i, P_i), plus sqrt(2 ln(1/delta)/m), for m fixed in "
            "advance."
        ),
        certificate="risk + 2 L distance + sqrt(2 ln(1/delta)/m)",
        certifies=Certifies.GIBBS,
        loss="non-negative, L-Lipschitz, conditional second moment under the priors at most 1; vacuous if at most 1",
        data=_ROUNDS,
        divergence="W1",
        prior=_PAST,
        source=Source(VIALLARD_WASSERSTEIN, "Theorem 5", "published"),
        keys=(_RISK, LIPSCHITZ, _PATH, M, DELTA),
        evaluate=_w1_nips_t5,
    ),
    Bound(
        id="w1_nips_t5_bounded",
        title="Online W1 PAC-Bayes, bounded losses",
        statement="For a loss in [0, 1], as w1_nips_t5 with the last term sqrt(ln(1/delta)/(2m)).",
        certificate="risk + 2 L distance + sqrt(ln(1/delta)/(2m))",
        certifies=Certifies.GIBBS,
        loss="in [0, 1], L-Lipschitz",
        data=_ROUNDS,
        divergence="W1",
        prior=_PAST,
        source=Source(VIALLARD_WASSERSTEIN, "Theorem 5", "derived here: Azuma's inequality for losses in [0, 1]"),
        keys=(RISK, LIPSCHITZ, _PATH, M, DELTA),
        evaluate=_w1_nips_t5_bounded,
    ),
    Bound(
        id="progressive_validation",
        title="Progressive validation, carried over by the Lipschitz constant",
        statement=(
            "For a loss in [0, 1] and predictable h_0, h_1, ...: with probability at least 1 - delta, the mean "
            "over m rounds of E_{i-1} l(h_i, .) is at most that of l(h_{i-1}, z_i) + L d(h_i, h_{i-1}), plus "
            "sqrt(ln(1/delta)/(2m))."
        ),
        certificate="risk of the priors + L distance + sqrt(ln(1/delta)/(2m))",
        certifies=Certifies.GIBBS,
        loss="in [0, 1], L-Lipschitz",
        data=_ROUNDS,
        divergence="W1",
        prior=_PAST,
        source=Source(
            FATHOMETER, "progressive validation", "derived here: never above the bound of w1_nips_t5_bounded"
        ),
        keys=(_PREDICTIVE, LIPSCHITZ, _PATH, M, DELTA),
        evaluate=_progressive_validation,
    ),
)

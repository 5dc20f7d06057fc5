"""Bounds on the risk of a weighted majority vote, from the risks of its members and of pairs of them."""

import numpy as np

from fathometer.evidence import Source
from fathometer.generalization.bounds._bound import Bound, Certifies, Evaluation, Key, KeyKind
from fathometer.generalization.bounds._pieces import DATA_FREE, DELTA, IID, KL, RISK, c_m
from fathometer.generalization.bounds._references import LACASSE, MASEGOSA
from fathometer.numerics import SLACK, Wide, kl_inverse_lower, kl_inverse_upper, round_up, wide

_TANDEM = Key(
    "tandem", "empirical tandem loss: share of rows on which both members of a pair err", at_least=0, at_most=1
)
_ALONE = Key("m", "smallest number of rows that a member has not seen", KeyKind.INTEGER, at_least=1)
_TOGETHER = Key(
    "m",
    "smallest number of rows that neither member of a pair has seen, equal members included",
    KeyKind.INTEGER,
    at_least=1,
)
_VOTE_DATA = f"{IID}; each member is measured on rows that it has not seen, chosen without the data (out of bag)"


def _vote_first_order(risk: Wide, kl: Wide, m: Wide, delta: Wide) -> Evaluation:
    """Where the vote errs, members of half of the weight or more err: Markov's inequality.

    A member measured on more than m rows is the mean of its measurements on m of them, so that the moment of kl, which
    is convex, is at most that of m rows. The prior is on the numbers of the members, which are fixed in advance.
    """
    c = c_m(kl, m, delta)
    gibbs = kl_inverse_upper(risk, c)
    return round_up(2 * wide(gibbs)), {"empirical_risk": risk, "c_m": c, "gibbs_certificate": gibbs}


def _vote_tandem(tandem: Wide, kl: Wide, m: Wide, delta: Wide) -> Evaluation:
    """Markov's inequality for the square of the weight that errs; a pair has the divergence 2 KL from its prior."""
    c = c_m(2 * kl, m, delta)
    pairs = kl_inverse_upper(tandem, c)
    return round_up(4 * wide(pairs)), {"empirical_tandem": tandem, "c_m": c, "tandem_certificate": pairs}


def _vote_c_bound(risk: Wide, tandem: Wide, kl: Wide, m: Wide, delta: Wide) -> Evaluation:
    """Cantelli's inequality for the weight that errs, at its worst over what is known of its moments.

    A weight of mean g < 1/2 and second moment T reaches 1/2 with probability at most (T - g^2)/(T - g + 1/4). That
    grows with T; in g it rises to 4 T at g = 2 T and falls beyond (derived), so that the worst g of an interval is
    the one nearest to 2 T, and the bound is never above that of the tandem loss at delta/2. In g both limits come from
    one event. For two classes this is the C-bound of the Gibbs risk and the disagreement 2 (g - T).
    """
    single, pairs = c_m(kl, m, delta / 2), c_m(2 * kl, m, delta / 2)
    low, high = kl_inverse_lower(risk, single), kl_inverse_upper(risk, single)
    largest = kl_inverse_upper(tandem, pairs)
    second, mean = wide(largest), wide(np.clip(2 * largest, low, high))
    room = second - mean + 0.25
    known = (mean < 0.5) & (wide(high) < 0.5) & (second >= mean**2) & (room > 1e-9)
    with np.errstate(divide="ignore", invalid="ignore"):
        cantelli = np.where(known, (second - mean**2 + SLACK) / (room - SLACK), 4 * second)
    terms = {"empirical_risk": risk, "empirical_tandem": tandem, "gibbs_lower": low, "gibbs_upper": high}
    return round_up(np.minimum(cantelli, 4 * second)), terms | {"tandem_certificate": largest}


BOUNDS = (
    Bound(
        id="vote_first_order",
        title="Majority vote, first order",
        statement=(
            "With probability at least 1 - delta, every weighting rho of the members has a vote whose error is at most "
            "2 kl^-1 of its empirical Gibbs risk at (KL + ln(2 sqrt(m)/delta))/m."
        ),
        certificate="2 kl^-1(risk, (kl + ln(2 sqrt(m)/delta))/m)",
        certifies=Certifies.VOTE,
        loss="0/1",
        data=_VOTE_DATA,
        divergence="KL",
        prior=DATA_FREE,
        source=Source(MASEGOSA, "first-order oracle bound", "derived here: Markov's inequality and Maurer-Seeger"),
        keys=(RISK, KL, _ALONE, DELTA),
        evaluate=_vote_first_order,
    ),
    Bound(
        id="vote_tandem",
        title="Majority vote, tandem loss",
        statement=(
            "With probability at least 1 - delta, every weighting rho of the members has a vote whose error is at most "
            "4 kl^-1 of its empirical tandem loss at (2 KL + ln(2 sqrt(m)/delta))/m."
        ),
        certificate="4 kl^-1(tandem, (2 kl + ln(2 sqrt(m)/delta))/m)",
        certifies=Certifies.VOTE,
        loss="0/1",
        data=_VOTE_DATA,
        divergence="KL",
        prior=DATA_FREE,
        source=Source(
            MASEGOSA,
            "tandem loss bound",
            "derived here: Markov's inequality for the square, and Maurer-Seeger on pairs",
        ),
        keys=(_TANDEM, KL, _TOGETHER, DELTA),
        evaluate=_vote_tandem,
    ),
    Bound(
        id="vote_c_bound",
        title="Majority vote, C-bound",
        statement=(
            "With probability at least 1 - delta, every weighting rho of the members has a vote whose error is at most "
            "the largest (T - g^2)/(T - g + 1/4), T the Maurer-Seeger limit of its tandem loss and g between those of "
            "its Gibbs risk, each at delta/2, if g < 1/2, and at most 4 T."
        ),
        certificate=(
            "(T - g^2)/(T - g + 1/4), T = kl^-1(tandem, (2 kl + ln(4 sqrt(m)/delta))/m), g the number nearest to 2 T "
            "between both kl^-1(risk, (kl + ln(4 sqrt(m)/delta))/m)"
        ),
        certifies=Certifies.VOTE,
        loss="0/1",
        data=_VOTE_DATA,
        divergence="KL",
        prior=DATA_FREE,
        source=Source(
            LACASSE, "C-bound", "derived here: Cantelli's inequality, with Maurer-Seeger on members and on pairs"
        ),
        keys=(RISK, _TANDEM, KL, _TOGETHER, DELTA),
        evaluate=_vote_c_bound,
    ),
)

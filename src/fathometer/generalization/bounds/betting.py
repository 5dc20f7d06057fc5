"""Coin betting on the losses themselves: adapts to their variance, and holds at every sample size at once."""

import numpy as np

from fathometer.evidence import Source
from fathometer.generalization.bounds._betting import betting_upper
from fathometer.generalization.bounds._bound import Bound, Certifies, Evaluation, Key, KeyKind
from fathometer.generalization.bounds._pieces import DATA_FREE, DELTA, UNIT_LOSS
from fathometer.generalization.bounds._references import JANG
from fathometer.numerics import Wide

_LOSSES = Key("losses", "losses of the predictor on the data points", KeyKind.SEQUENCE, at_least=0, at_most=1)
_KL = Key("kl", "-ln of the prior weight of the predictor", at_least=0, may_diverge=True)
_DATA = "constant mean given the past; holds at every n at once (i.i.d. is a special case)"
_REMARK = "derived here: Ville's inequality; a finite mixture of bets is itself a martingale"


def coinbet(losses: Wide, kl: Wide, delta: Wide) -> Evaluation:
    """Largest mean that the mixture of bets has not refuted, for a posterior that is one predictor."""
    budget = kl - np.log(delta)
    terms = {"empirical_risk": np.mean(losses, axis=-1), "variance": np.var(losses, axis=-1), "budget": budget}
    return betting_upper(losses, budget), terms


def test_betting_losses(losses: Wide, delta: Wide) -> Evaluation:
    """Coinbet for a predictor that was fixed in advance."""
    return coinbet(losses, np.zeros_like(delta), delta)


BOUNDS = (
    Bound(
        "coinbet",
        "sup{mu: ln wealth(losses, mu) <= kl + ln(1/delta)}, wealth of a 64-point mixture of bets",
        Certifies.ALL,
        UNIT_LOSS,
        _DATA,
        "-ln weight",
        DATA_FREE,
        Source(JANG, "same family", _REMARK),
        (_LOSSES, _KL, DELTA),
        coinbet,
    ),
    Bound(
        "test_betting_losses",
        "sup{mu: ln wealth(losses, mu) <= ln(1/delta)}, wealth of a 64-point mixture of bets",
        Certifies.ONE,
        UNIT_LOSS,
        f"{_DATA}, predictor fixed before",
        "",
        "",
        Source(JANG, "same family", _REMARK),
        (_LOSSES, DELTA),
        test_betting_losses,
    ),
)

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


def _coinbet(losses: Wide, kl: Wide, delta: Wide) -> Evaluation:
    """Largest mean that the mixture of bets has not refuted, for a posterior that is one predictor."""
    budget = kl - np.log(delta)
    terms = {"empirical_risk": np.mean(losses, axis=-1), "variance": np.var(losses, axis=-1), "budget": budget}
    return betting_upper(losses, budget), terms


def _test_betting_losses(losses: Wide, delta: Wide) -> Evaluation:
    """Coinbet for a predictor that was fixed in advance."""
    return _coinbet(losses, np.zeros_like(delta), delta)


BOUNDS = (
    Bound(
        id="coinbet",
        title="Time-uniform coin betting on losses",
        statement=(
            "With probability at least 1 - delta, at every n at once, every predictor has a risk that a mixture "
            "of 64 bets against its losses has not refuted: ln wealth <= ln(1/weight) + ln(1/delta)."
        ),
        certificate="sup{mu: ln wealth(losses, mu) <= kl + ln(1/delta)}, wealth of a 64-point mixture of bets",
        certifies=Certifies.ALL,
        loss=UNIT_LOSS,
        data=_DATA,
        divergence="-ln weight",
        prior=DATA_FREE,
        source=Source(JANG, "same family", _REMARK),
        keys=(_LOSSES, _KL, DELTA),
        evaluate=_coinbet,
    ),
    Bound(
        id="test_betting_losses",
        title="Held-out bound by coin betting on losses",
        statement=(
            "With probability at least 1 - delta, at every n at once, the risk of a predictor that was fixed "
            "before is one that a mixture of 64 bets against its losses has not refuted: ln wealth <= "
            "ln(1/delta)."
        ),
        certificate="sup{mu: ln wealth(losses, mu) <= ln(1/delta)}, wealth of a 64-point mixture of bets",
        certifies=Certifies.ONE,
        loss=UNIT_LOSS,
        data=f"{_DATA}, predictor fixed before",
        source=Source(JANG, "same family", _REMARK),
        keys=(_LOSSES, DELTA),
        evaluate=_test_betting_losses,
    ),
)

"""What the bounds share: keys and the two terms that most of them end with."""

import numpy as np

from fathometer.evidence import InputError
from fathometer.generalization.bounds._bound import Key, KeyKind
from fathometer.numerics import Wide

RISK = Key("risk", "empirical risk", at_least=0, at_most=1)
KL = Key("kl", "KL(posterior || prior) in nats", at_least=0, may_diverge=True)
M = Key("m", "sample size", KeyKind.INTEGER, at_least=1)
N = Key("n", "number of held-out points", KeyKind.INTEGER, at_least=1)
ERRORS = Key("errors", "number of errors on the held-out points", KeyKind.INTEGER, at_least=0)
DELTA = Key("delta", "probability with which the bound may fail", above=0, below=1)
LIPSCHITZ = Key("lipschitz", "Lipschitz constant of the loss in the predictor, for every data point", at_least=0)
DIM = Key("dim", "number of parameters", KeyKind.INTEGER, at_least=1)
RADIUS = Key("radius", "radius, fixed in advance, of the ball of predictors", above=0)
BLOCKS = Key("blocks", "number of equal blocks", KeyKind.INTEGER, at_least=1, required=False, default=1)

IID = "i.i.d."
UNIT_LOSS = "in [0, 1]"
LIPSCHITZ_LOSS = "in [0, 1], L-Lipschitz in the parameters"
DATA_FREE = "data-free"


def width_key(name: str, of: str) -> Key:
    """A width that is optimised when it is left out; the optimum depends on no data, so that it is fixed in advance."""
    return Key(
        name, f"{of}, fixed in advance; the best one, which depends on no data, if left out", above=0, required=False
    )


def hoeffding(m: Wide, log_inverse_delta: Wide) -> Wide:
    """sqrt(ln(1/delta) / (2m))."""
    return np.sqrt(log_inverse_delta / (2 * m))


def c_m(kl: Wide, m: Wide, delta: Wide) -> Wide:
    """(KL + ln(2 sqrt(m)/delta)) / m, the budget of the Maurer-Seeger bound.

    Args:
        kl: KL(posterior || prior) in nats, at least 0.
        m: sample size, at least 1.
        delta: in (0, 1).
    """
    return (kl + np.log(2 * np.sqrt(m) / delta)) / m


def refuse_more_errors_than_points(errors: Wide, n: Wide) -> None:
    """Refuse counts that no sample gives.

    Raises:
        InputError: if there are more errors than points.
    """
    if np.any(errors > n):
        raise InputError(f"errors must be <= n = {np.max(n):g}, got {np.max(errors):g}")

"""How much noise keeps the uniform law stable."""

from scipy.optimize import brentq
from scipy.special import ive

from fathometer.attention.model._system import Model
from fathometer.attention.predictions._uniform_pattern import growth_rates
from fathometer.evidence import Estimate


def critical_kappa(dim: int, beta: float, model: Model | str) -> Estimate:
    """Inverse noise kappa above which the uniform law of the noisy model is unstable: (d - 1)/rate of degree 1.

    The noise damps degree k at the rate k (k + d - 2)/kappa, and degree 1 always is the first to win (derived). The
    unit of time is that of the model; with the kernel exp(beta <x, y>), kappa is exp(beta) times smaller.

    Args:
        dim: dimension d, >= 2.
        beta: inverse temperature, >= 0.
        model: SA or USA.

    Raises:
        InputError: if a value is not as above.
    """
    return Estimate.exact((dim - 1) / growth_rates(1, dim, beta, model)[0])


def tricritical_beta() -> Estimate:
    """Inverse temperature on the circle (USA) up to which clusters appear continuously as kappa grows past critical.

    It solves I_2(beta)/I_1(beta) = 1/2; above it the transition is of first order, with hysteresis (derived from the
    cubic term of the amplitude equation).
    """
    return Estimate.exact(brentq(_excess_ratio, 1.0, 4.0, xtol=1e-15))  # type: ignore[arg-type]


def _excess_ratio(beta: float) -> float:
    return float(ive(2, beta) / ive(1, beta)) - 0.5

"""How much noise keeps the uniform law stable, and what comes after it."""

import numpy as np
from jaxtyping import Float
from scipy.optimize import brentq
from scipy.special import ive

from fathometer.attention.model._system import Model
from fathometer.attention.model.variants._mean_field_circle import MeanFieldCircle
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


def kappa_excess(law: MeanFieldCircle) -> float:
    """kappa/kappa_c - 1, above 0 if the uniform law is unstable."""
    return law.kappa / float(critical_kappa(2, law.beta, law.model).value) - 1


def onset_order(law: MeanFieldCircle) -> float:
    """Order parameter just above the critical kappa, to leading order, below the tricritical beta (USA).

    The root of 2 (kappa/kappa_c - 1) (1 - s)/(1 - 2 s) with s = I_2(beta)/I_1(beta) (derived from the cubic term of the
    self-consistency equation).
    """
    s = float(ive(2, law.beta) / ive(1, law.beta))
    return float(np.sqrt(2 * kappa_excess(law) * (1 - s) / (1 - 2 * s)))


def order_growth_rate(law: MeanFieldCircle) -> float:
    """Rate lambda_1 - 1/kappa at which a small order parameter grows (derived from the linearised equation)."""
    return float(growth_rates(1, 2, law.beta, law.model)[0]) - 1 / law.kappa


def printed_order_growth_rate(law: MeanFieldCircle) -> float:
    """The same with the Laplacian on the other side, as printed: lambda_1 + 1/kappa."""
    return float(growth_rates(1, 2, law.beta, law.model)[0]) + 1 / law.kappa


def log_point_bound(
    times: Float[np.ndarray, " t"], beta: float, constant: float, start: float
) -> Float[np.ndarray, " t"]:
    """Log of C_0 exp(-t/100) from T_0 on, and inf before, at times of the model.

    Args:
        times: of USA with the kernel exp(beta (<x, y> - 1)); that of exp(beta <x, y>) is exp(beta) times slower.
        beta: inverse temperature.
        constant: C_0 > 0.
        start: T_0 >= 0, in the time of the kernel exp(beta <x, y>).
    """
    raw = times * np.exp(-beta)
    return np.where(raw >= start, np.log(constant) - raw / 100, np.inf)


def _excess_ratio(beta: float) -> float:
    return float(ive(2, beta) / ive(1, beta)) - 0.5

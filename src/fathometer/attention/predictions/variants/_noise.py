"""How much noise keeps the uniform law stable, and what comes after it."""

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import exprel

from fathometer.attention.model._system import Model, read_model
from fathometer.attention.model.variants._mean_field_circle import MeanFieldCircle
from fathometer.attention.model.variants._noisy_law import NoisyLaw
from fathometer.attention.model.variants._zonal_law import ZonalLaw
from fathometer.attention.predictions._uniform_pattern import driven_share_of_law, growth_rates
from fathometer.evidence import Estimate, finite_number, whole_number
from fathometer.numerics import bessel_ratios


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


def tricritical_beta(dim: int = 2) -> Estimate:
    """Inverse temperature (USA) up to which clusters appear continuously as kappa grows past critical.

    It solves I_{d/2+1}(beta)/I_{d/2}(beta) = 1/d, where `landau_quartic` is zero; above it the transition is of first
    order, with hysteresis. It falls from 2.4469 on the circle to 1 in infinite dimension.

    Args:
        dim: dimension d, >= 2.

    Raises:
        InputError: if the dimension is not as above.
    """
    dim = whole_number("dim", dim, at_least=2)
    return Estimate.exact(brentq(lambda beta: dim * _second_ratio(dim, beta) - 1, 1.0, 4.0, xtol=1e-15))  # type: ignore[arg-type]


def landau_quartic(dim: int, beta: float) -> float:
    """Coefficient Q in the least free energy (1 - kappa/kappa_c) a^2/2 + Q a^4 + ... of laws with the order a/sqrt(d).

    Q = d/(4 (d + 2)) - (d - 1)/(4 (d + 2) (1 - w_2/w_1)) for USA, where the kernel multiplies harmonics of degree k by
    w_k, proportional to I_{d/2-1+k}(beta) (derived; the guide's page on noise has the steps).

    Args:
        dim: dimension d, >= 2.
        beta: inverse temperature, > 0.
    """
    return (dim - (dim - 1) / (1 - _second_ratio(dim, beta))) / (4 * (dim + 2))


def onset_curvature(dim: int, beta: float, model: Model | str) -> float:
    """Curvature c in kappa/kappa_c - 1 = c r^2 + ..., r the order parameter of clustered laws next to the uniform one.

    With s_k = I_{d/2-1+k}/I_{d/2-2+k} at beta it is d (1 - d s_2)/((d + 2) (1 - s_2)) for USA, which changes its sign
    at `tricritical_beta`, and d (1 - s_1) (1 + d (s_1 - s_2) - s_1 s_2)/((d + 2) (1 - s_2)) for SA, which is positive
    for every beta, as s_2 < s_1 < 1: softmax has no first-order onset (derived from the cubic term of the stationary
    equation).

    Args:
        dim: dimension d, >= 2.
        beta: inverse temperature, > 0.
        model: SA or USA.
    """
    first, second = beta * bessel_ratios(dim / 2 - 1, 2, beta)
    if read_model(model) is Model.USA:
        return 4 * dim * landau_quartic(dim, beta)
    soft = (1 - first) * (1 + dim * (first - second) - first * second)
    return float(dim * soft / ((dim + 2) * (1 - second)))


def transition_kind(dim: int, beta: float, model: Model | str) -> str:
    """How the order parameter of infinitely many tokens leaves 0 as kappa grows: "continuous" or "jump".

    Args:
        dim: dimension d, >= 2.
        beta: inverse temperature, > 0.
        model: SA or USA.
    """
    return "continuous" if onset_curvature(dim, beta, model) >= 0 else "jump"


def tilt_of_order(order: float, dim: int) -> float:
    """Tilt c of the density exp(c <x, w>)/norm with that order parameter I_{d/2}(c)/I_{d/2-1}(c).

    Args:
        order: in [0, 0.999].
        dim: dimension d, >= 2.

    Raises:
        InputError: if a value is not as above.
    """
    order, dim = finite_number("order", order, at_least=0, at_most=0.999), whole_number("dim", dim, at_least=2)
    most = 2 * dim / (1 - order)
    return float(brentq(lambda c: c * bessel_ratios(dim / 2 - 1, 1, c)[0] - order, 0.0, most, xtol=1e-12))  # type: ignore[arg-type]


def kappa_excess(law: NoisyLaw) -> float:
    """kappa/kappa_c - 1, above 0 if the uniform law is unstable."""
    return law.kappa / float(critical_kappa(law.dimension, law.beta, law.model).value) - 1


def onset_order(law: NoisyLaw) -> float:
    """Order parameter just above the critical kappa, to leading order: sqrt((kappa/kappa_c - 1)/c).

    Args:
        law: with a positive `onset_curvature` c, and kappa above critical.
    """
    return float(np.sqrt(kappa_excess(law) / onset_curvature(law.dimension, law.beta, law.model)))


def order_growth_rate(law: NoisyLaw) -> float:
    """Rate lambda_1 - (d - 1)/kappa at which a small order parameter grows (derived from the linearised equation)."""
    dim = law.dimension
    return float(growth_rates(1, dim, law.beta, law.model)[0]) - (dim - 1) / law.kappa


def finite_size_orders(
    times: Float[np.ndarray, " t"], dim: int, beta: float, kappa: float, model: Model | str, particles: int
) -> NDArray[np.float64]:
    """Mean of |mean of x|^2 of N independent uniform tokens that begin to interact at time 0, as long as it is small.

    (1/N) (s + (1 - s) exp(2 g t)) with the rate g = lambda_1 - (d - 1)/kappa of the order parameter, and what noise and
    attraction leave below the onset, s = 1/(1 - kappa/kappa_c) (derived: the mean direction of N tokens is driven by
    the mean of their noises). Errors are of relative order 1/N away from the onset.

    Args:
        times: >= 0, in the time unit of the model.
        dim: dimension d, >= 2.
        beta: inverse temperature, >= 0.
        kappa: inverse noise, > 0.
        model: SA or USA.
        particles: number N of tokens, >= 1.
    """
    first = float(growth_rates(1, dim, beta, model)[0])
    rate = first - (dim - 1) / kappa
    grown = times * exprel(2 * rate * times)
    return (np.exp(2 * rate * times) + 2 * (dim - 1) / kappa * grown) / particles


def printed_order_growth_rate(law: NoisyLaw) -> float:
    """The same with the Laplacian on the other side, as printed: lambda_1 + (d - 1)/kappa."""
    return order_growth_rate(law) + 2 * (law.dimension - 1) / law.kappa


def driven_share_of_noisy_law(law: NoisyLaw, times: Float[np.ndarray, " t"]) -> Float[np.ndarray, " t"]:
    """Share of the order parameter, by some times, that pairs of other harmonics have driven; to second order.

    Args:
        law: at time 0, whose order parameter is not zero.
        times: >= 0.
    """
    if isinstance(law, ZonalLaw):
        return _driven_share_of_zonal_law(law, times)
    return driven_share_of_law(MeanFieldCircle.expect(law), times)


def _driven_share_of_zonal_law(law: ZonalLaw, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same for a law about an axis.

    With the moments m_k, the shares L_k of the kernel (divided by L_0 for SA) and z_k = w_k/w_0 (SA; 0 for USA), the
    terms of second order of dm_1/dt are sum_l c_l L_l m_l ((1 - z_{l-1}) m_{l-1} - (1 - z_{l+1}) m_{l+1})/beta, from
    the continuity equation and (1 - t^2) G_l' = c_l (G_{l-1} - G_{l+1}), c_l = l (l + d - 2)/(2 l + d - 2).
    """
    dim, moments = law.dim, law.moments(law.density)
    degrees = np.arange(1, len(moments) + 1)
    rates = growth_rates(len(moments), dim, law.beta, law.model) - degrees * (degrees + dim - 2) / law.kappa
    soft = law.model is Model.SA
    shares = law.degrees[1:] / (law.degrees[0] if soft else 1.0)
    ratios = np.cumprod(law.beta * bessel_ratios(dim / 2 - 1, len(moments), law.beta)) if soft else 0 * moments
    pulls = shares * degrees * (degrees + dim - 2) / (2 * degrees + dim - 2) / law.beta * moments
    left = (1 - ratios) * moments
    pairs = np.concatenate([pulls[1:] * left[:-1], -pulls[:-1] * left[1:]])
    excess = np.tile(rates[:-1] + rates[1:], 2) - rates[0]
    with np.errstate(over="ignore", invalid="ignore"):  # 0 times infinity is NaN, and NaN is not small
        grown = times[:, None] * exprel(excess * times[:, None])
        return np.abs(np.sum(pairs * grown, axis=1)) / np.abs(moments[0])


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


def _second_ratio(dim: int, beta: float) -> float:
    """w_2/w_1 = I_{d/2+1}(beta)/I_{d/2}(beta)."""
    return float(beta * bessel_ratios(dim / 2, 1, beta)[0])

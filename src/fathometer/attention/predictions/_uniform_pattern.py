"""How fast small perturbations of the uniform law grow: the first pattern that uniform tokens form."""

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.special import exprel, gammaln, logsumexp, xlogy

from fathometer.attention.model._system import Model, ParticleSystem, read_model
from fathometer.attention.model.variants._mean_field_circle import MeanFieldCircle
from fathometer.evidence import Estimate, finite_number, whole_number
from fathometer.numerics import bessel_ratios


def growth_rates(modes: int, dim: int, beta: float, model: Model | str) -> NDArray[np.float64]:
    """Growth rates about the uniform law of the spherical harmonics of degree 1 to `modes`.

    For SA the rate of degree k is (k (k + d - 2) / beta) I_{k+d/2-1}(beta) / I_{d/2-1}(beta) with the modified Bessel
    functions I; for USA it is that, times the mean of exp(beta (<x, y> - 1)) over uniform x (linearised mean field;
    statement of Bruno, Pasqualotto and Agazzi 2024, formula derived by Funk-Hecke). All are positive for beta > 0.

    Args:
        modes: largest degree, >= 1.
        dim: dimension d, >= 2.
        beta: inverse temperature, >= 0.
        model: SA or USA, in its own time unit.

    Raises:
        InputError: if a value is not as above.
    """
    modes, dim = whole_number("modes", modes, at_least=1), whole_number("dim", dim, at_least=2)
    beta = finite_number("beta", beta, at_least=0)
    degrees = np.arange(1, modes + 1)
    logs = np.cumsum(np.log(bessel_ratios(dim / 2 - 1, modes, beta))) + xlogy(degrees - 1, beta)
    rates = degrees * (degrees + dim - 2) * np.exp(logs)
    return rates * (np.exp(log_mean_kernel(dim, beta)) if read_model(model) is Model.USA else 1.0)


def fastest_mode(dim: int, beta: float) -> int:
    """Degree of the fastest growing harmonic, of SA and USA alike: on the circle the clusters of the first pattern.

    It grows like sqrt(2 beta), at the SA rate 2/e in the limit. Arguments and errors as for `growth_rates`.
    """
    enough = 10 + int(3 * np.sqrt(finite_number("beta", beta, at_least=0)))
    return 1 + int(np.argmax(growth_rates(enough, dim, beta, Model.SA)))


def pattern_time(n: int, dim: int, beta: float, model: Model | str) -> Estimate:
    """Time in which n independent uniform tokens form their first pattern: log(n)/(2 rate of the fastest mode).

    The amplitude starts at about n^(-1/2) and grows to 1 (derived; a heuristic, with bars of a factor of 2 each way).

    Args:
        n: number of tokens, >= 2.
        dim: dimension d, >= 2.
        beta: inverse temperature, > 0.
        model: SA or USA, in its own time unit.

    Raises:
        InputError: if a value is not as above.
    """
    number = whole_number("n", n, at_least=2)
    mode = fastest_mode(dim, finite_number("beta", beta, above=0))
    time = float(np.log(number) / (2 * growth_rates(mode, dim, beta, model)[-1]))
    return Estimate.heuristic(time, time / 2, 2 * time)


def log_mean_kernel(dim: int, beta: float) -> float:
    """Logarithm of the mean of exp(beta (<x, y> - 1)) over uniform x: of Gamma(d/2) (2/b)^(d/2-1) I_{d/2-1}(b) e^-b.

    Summed as the power series of I, all of whose terms are positive.

    Args:
        dim: dimension d, >= 2.
        beta: inverse temperature, >= 0.

    Raises:
        InputError: if a value is not as above.
    """
    dim, beta = whole_number("dim", dim, at_least=2), finite_number("beta", beta, at_least=0)
    if beta == 0:
        return 0.0
    j = np.arange(int(beta) + 60)
    terms = 2 * j * np.log(beta / 2) - gammaln(j + 1) - gammaln(j + dim / 2) + gammaln(dim / 2)
    return float(np.asarray(logsumexp(terms))) - beta


def mode_amplitudes(
    points: Float[np.ndarray, "t n d"], masses: Float[np.ndarray, " n"], modes: int
) -> Float[np.ndarray, "t modes"]:
    """Size of the harmonics of degree 1 to `modes` in the law of the tokens, for each of t states; between 0 and 1.

    The square is sum_ij m_i m_j G_k(<x_i, x_j>) with the Gegenbauer polynomial of degree k, G_k(1) = 1; sizes below
    about 1e-8 are rounding. On the circle the size is |sum_j m_j exp(i k theta_j)|, below 1e-15 k rounding.

    Args:
        points: unit vectors.
        masses: positive, sum 1.
        modes: largest degree, >= 1.
    """
    if points.shape[-1] == 2:
        return np.abs(_circle_harmonics(points, masses, modes))
    return np.stack([_amplitudes(state, masses, modes) for state in points])


def linear_amplitudes(system: ParticleSystem, time: float, modes: int) -> Float[np.ndarray, " modes"]:
    """Size of the harmonics of degree 1 to `modes` at a time, had they grown at their rates alone.

    Args:
        system: tokens at time 0.
        time: >= 0.
        modes: largest degree, >= 1.
    """
    rates = growth_rates(modes, system.points.shape[1], system.beta, system.model)
    return mode_amplitudes(system.points[None], system.masses, modes)[0] * np.exp(rates * time)


def driven_share(system: ParticleSystem, mode: int, time: float, modes: int) -> float:
    """Share of the harmonic k on the circle, by some time, that pairs of others have driven; to second order.

    For c_l = sum_j m_j exp(i l theta_j), dc_k/dt = r_k c_k + sum_{l != 0, k} (k/l) r_l (1 - z_{k-l}) c_l c_{k-l} + ...
    with the `growth_rates` r and z_l = beta r_l / l^2 for SA, 0 for USA (derived from the continuity equation); so the
    share is |sum_l (k/l) r_l (1 - z_{k-l}) c_l c_{k-l} (exp(x_l t) - 1)/x_l| / |c_k|, x_l = r_l + r_{k-l} - r_k.

    Args:
        system: tokens on the circle at time 0.
        mode: degree k, whose harmonic is not zero.
        time: t >= 0.
        modes: largest degree that counts, >= k.
    """
    rates = growth_rates(modes, 2, system.beta, system.model)
    harmonics = _circle_harmonics(system.points[None], system.masses, modes)[0]
    softened = rates / np.arange(1, modes + 1) ** 2 * system.beta if system.model is Model.SA else np.zeros(modes)
    return float(_driven(harmonics, mode, np.array([time]), rates, rates, softened)[0])


def driven_share_of_law(law: MeanFieldCircle, times: Float[np.ndarray, " t"]) -> Float[np.ndarray, " t"]:
    """The same for the first harmonic of a noisy law, all of whose rates are less by k^2 / kappa.

    Args:
        law: at time 0, whose order parameter is not zero.
        times: >= 0.
    """
    modes = len(law.density) // 2
    harmonics = np.fft.rfft(law.density)[1:].conj() * 2 * np.pi / len(law.density)
    rates, degrees = growth_rates(modes, 2, law.beta, law.model), np.arange(1, modes + 1)
    softened = rates / degrees**2 * law.beta if law.model is Model.SA else np.zeros(modes)
    return _driven(harmonics, 1, times, rates, rates - degrees**2 / law.kappa, softened)


def _driven(
    positive: NDArray[np.complex128],
    mode: int,
    times: NDArray[np.float64],
    rates: NDArray[np.float64],
    growth: NDArray[np.float64],
    softened: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Second-order share of a harmonic, for rates of attraction, those of growth, and z of `driven_share`."""
    modes = len(positive)
    harmonics = np.concatenate([positive[::-1].conj(), [0.0], positive])
    first = np.setdiff1d(np.arange(mode - modes, modes + 1), [0, mode])
    second = mode - first
    one, other = np.abs(first) - 1, np.abs(second) - 1
    drive = mode / first * rates[one] * (1 - softened[other]) * harmonics[modes + first] * harmonics[modes + second]
    excess = growth[one] + growth[other] - growth[mode - 1]
    with np.errstate(over="ignore", invalid="ignore"):  # 0 times infinity is NaN, and NaN is not small
        grown = times[:, None] * exprel(excess * times[:, None])
        return np.abs(np.sum(drive * grown, axis=1)) / np.abs(positive[mode - 1])


def _circle_harmonics(points: NDArray[np.float64], masses: NDArray[np.float64], modes: int) -> NDArray[np.complex128]:
    tokens = points[..., 0] + 1j * points[..., 1]
    power, harmonics = np.ones_like(tokens), np.empty((len(points), modes), np.complex128)
    for k in range(modes):
        power = power * tokens
        harmonics[:, k] = power @ masses
    return harmonics


def _amplitudes(points: NDArray[np.float64], masses: NDArray[np.float64], modes: int) -> NDArray[np.float64]:
    cosines, dim = np.clip(points @ points.T, -1, 1), points.shape[1]
    before, now, squares = np.ones_like(cosines), cosines, []
    for k in range(1, modes + 1):
        squares.append(masses @ now @ masses)
        before, now = now, ((2 * k + dim - 2) * cosines * now - k * before) / (k + dim - 2)
    return np.sqrt(np.maximum(squares, 0.0))

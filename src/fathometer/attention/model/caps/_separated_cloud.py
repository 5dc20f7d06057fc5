"""Tokens in separated caps: the problem of the metastability theorem, and its constants in closed form."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy.typing import NDArray

from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.model.caps._geometry import Number, cap_clearance, nearest_centres, smallest_angle
from fathometer.evidence import Estimate, InputError, Problem, finite_array, finite_number

SHARE = 0.9
"""Decay rate when none is given, as a share of the largest admissible one."""


LEAST_BETA = 1e-100
"""Below, 1/beta^2 overflows."""


@dataclass(frozen=True, eq=False)
class SeparatedCloud(Problem):
    """n tokens, k caps S_q(eps) = {x : <x, w_q> >= 1 - eps} that are meant to hold them, and a decay rate.

    The constants are those of the main theorem of Geshkovski, Koubbi, Polyanskiy and Rigollet (2024), with the exact
    alpha (derived) and the corrected bound on the decay rate.

    Attributes:
        system: the tokens at time 0, with beta >= 1e-100; the theorem asks for more.
        centres: shape (k, d), unit rows w_q (within 1e-6), 1 <= k <= n, no two equal.
        epsilon: in (0, 1).
        rate: the decay rate lambda: inside a cap |x_i - x_j|^2 falls to 2 exp(-lambda beta). If not given, 0.9 times
            the largest admissible one, and 0 if there is none.

    Raises:
        InputError: if a value is not as above.
    """

    system: ParticleSystem
    centres: NDArray[np.float64]
    epsilon: float
    rate: float = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        finite_number("beta", self.system.beta, at_least=LEAST_BETA)
        object.__setattr__(self, "centres", _centres(self.centres, self.system))
        object.__setattr__(self, "epsilon", finite_number("epsilon", self.epsilon, above=0, below=1))
        rate = SHARE * max(0.0, min(self.largest_rates)) if self.rate is None else self.rate
        object.__setattr__(self, "rate", finite_number("rate", rate))

    @property
    def members(self) -> Int[np.ndarray, " n"]:
        """Index of the nearest centre of every token at time 0."""
        return nearest_centres(self.system.points, self.centres)

    @property
    def clearance(self) -> float:
        """1 - alpha, with all its digits."""
        return float(cap_clearance(smallest_angle(self.centres), self.epsilon))

    @property
    def alpha(self) -> Estimate:
        """Largest <x, y> with x and y in different caps S_q(2 eps); 0 by convention for a single cap."""
        return Estimate.exact(1 - self.clearance)

    @property
    def gamma(self) -> Estimate:
        """Separation 1 - alpha - 8 eps - log(2 n^2 / eps) / beta; the caps are separated if it is positive."""
        return Estimate.exact(separation(self.clearance, self.epsilon, *self._size))

    @property
    def trivial_rate(self) -> Estimate:
        """lambda_* = log(1 / (8 eps)) / beta: up to here the widths that are promised are those of the caps."""
        return Estimate.exact(-np.log(8 * self.epsilon) / self.system.beta)

    @property
    def largest_rates(self) -> tuple[float, float]:
        """The two upper limits L_1 and L_2 of an admissible decay rate; -inf where there is none, e^700 if beyond."""
        first, second = rate_limits(self.clearance, self.epsilon, *self._size)
        return float(first), float(second)

    @property
    def log_time_to_slow_manifold(self) -> Estimate:
        """Log of T_1 = 2 n exp(8 eps beta) + e n lambda beta^2 / (beta - 1); NaN unless beta > 1 and lambda > 0."""
        n, beta = self._size
        if beta <= 1 or self.rate <= 0:
            return Estimate.exact(np.nan)
        decay = 1 + np.log(n * self.rate * beta**2 / (beta - 1))
        return Estimate.exact(np.logaddexp(np.log(2 * n) + 8 * self.epsilon * beta, decay))

    @property
    def log_exit_time(self) -> Estimate:
        """Log of T_2 = (eps / n) exp((1 - alpha) beta), before which no token leaves S_q(2 eps)."""
        return Estimate.exact(log_exit_time(self.clearance, self.epsilon, *self._size))

    @property
    def log_width_square(self) -> float:
        """Log of 2 exp(-lambda beta), the square of the widths that are promised between T_1 and T_2."""
        return np.log(2) - self.rate * self.system.beta

    @property
    def _size(self) -> tuple[int, float]:
        return len(self.system.points), self.system.beta


def separation(clearance: Number, epsilon: Number, n: int, beta: float) -> Number:
    """The gamma of `SeparatedCloud`, 1 - alpha - 8 eps - log(2 n^2 / eps) / beta.

    Args:
        clearance: 1 - alpha, one or many.
        epsilon: depth of the caps in (0, 1), one or many.
        n: number of tokens, >= 1.
        beta: inverse temperature, > 0.
    """
    return clearance - 8 * epsilon - np.log(2 * n**2 / epsilon) / beta


def log_exit_time(clearance: Number, epsilon: Number, n: int, beta: float) -> Number:
    """Log of T_2 = (eps / n) exp((1 - alpha) beta) of `SeparatedCloud`.

    Args:
        clearance: 1 - alpha, one or many.
        epsilon: depth of the caps in (0, 1), one or many.
        n: number of tokens, >= 1.
        beta: inverse temperature, > 0.
    """
    return np.log(epsilon / n) + clearance * beta


def log_leak(cloud: SeparatedCloud) -> float:
    """Log of exp(-(1 - alpha) beta), the largest pull between two caps S_q(2 eps)."""
    return -cloud.clearance * cloud.system.beta


def log_pull(distance: float | Float[np.ndarray, " s"], beta: float) -> float | Float[np.ndarray, " s"]:
    """Log of F(s) = s (1 - s) exp(-beta s), the pull between two tokens with <x, y> = 1 - s; s in (0, 1)."""
    return np.log(distance) + np.log1p(-distance) - beta * distance


def rate_limits(clearance: Number, epsilon: Number, n: int, beta: float, sign: float = 1.0) -> tuple[Number, Number]:
    """Upper limits of the decay rate: L_1 keeps T_1 below T_2, L_2 lets the widths decay as far as that.

    L_1 = exp((1 - alpha) beta + log((beta - 1) eps / (beta^2 n^2 e))) (1 - exp(-gamma beta)),
    L_2 = 1 - alpha - log(2 n^2 / (1 - 8 eps)) / beta - 8 eps.

    Args:
        clearance: 1 - alpha.
        epsilon: in (0, 1).
        n: number of tokens.
        beta: inverse temperature, > 0.
        sign: of the logarithm in L_1; it is printed with the sign -1, with which T_1 can exceed T_2.
    """
    gamma = separation(clearance, epsilon, n, beta)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        prefactor = np.log((beta - 1) * epsilon / (beta**2 * n**2 * np.e))
        log_first = clearance * beta + sign * prefactor + np.log(-np.expm1(-gamma * beta))
        second = clearance - np.log(2 * n**2 / (1 - 8 * epsilon)) / beta - 8 * epsilon
    first = np.where((gamma > 0) & (beta > 1), np.exp(np.minimum(log_first, 700.0)), -np.inf)
    return first[()], np.where(8 * np.asarray(epsilon) < 1, second, -np.inf)[()]


def _centres(values: NDArray[np.float64], system: ParticleSystem) -> Float[np.ndarray, "k d"]:
    n, d = system.points.shape
    rows = finite_array("centres", values, ndim=2)
    if rows.shape[1] != d or not 1 <= len(rows) <= n:
        raise InputError(f"centres must have shape (k, {d}) with 1 <= k <= {n}, got {rows.shape}")
    centres = ParticleSystem(rows, 0.0, system.model).points
    if smallest_angle(centres) == 0:
        raise InputError("centres must differ from each other, two of them are equal")
    return centres

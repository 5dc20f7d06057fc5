"""Infinitely many noisy tokens on the circle: a density on a grid."""

from dataclasses import dataclass
from functools import cached_property

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import NDArray
from scipy.special import ive, xlogy

from fathometer.attention.model._system import Model, read_beta, read_model
from fathometer.attention.model.variants._noisy_law import NoisyLaw
from fathometer.evidence import InputError, Problem, finite_array, finite_number


@dataclass(frozen=True, eq=False)
class MeanFieldCircle(NoisyLaw):
    """The law f of tokens on the circle: df/dt = -d(f v)/dtheta + (1/kappa) d^2 f/dtheta^2.

    v = (1/beta) d(k * f)/dtheta for USA and (1/beta) d log(k * f)/dtheta for SA, k = exp(beta (cos - 1)).

    Attributes:
        density: f at time 0 on the equidistant angles 2 pi j/N, shape (N,), N >= 8 even; not negative; divided by its
            integral.
        beta: inverse temperature, above 0.
        kappa: inverse noise, above 0, in the time unit of the model; 1e300 and the like for no noise.
        model: SA or USA.

    Raises:
        InputError: if a value is not as above.
    """

    density: NDArray[np.float64]
    beta: float
    kappa: float
    model: Model

    def __post_init__(self) -> None:
        density = finite_array("density", self.density, ndim=1)
        if len(density) < 8 or len(density) % 2 or np.any(density < 0) or not np.any(density > 0):
            raise InputError("density must have an even number of at least 8 entries, not negative and not all zero")
        object.__setattr__(self, "density", density / (density.mean() * 2 * np.pi))
        object.__setattr__(self, "beta", finite_number("beta", read_beta(self.beta), above=0))
        object.__setattr__(self, "kappa", finite_number("kappa", self.kappa, above=0))
        object.__setattr__(self, "model", read_model(self.model))

    @cached_property
    def spectrum(self) -> NDArray[np.float64]:
        """Fourier coefficients of k at the frequencies of the real transform: 2 pi I_j(beta) exp(-beta)."""
        return 2 * np.pi * ive(np.arange(len(self.density) // 2 + 1), self.beta)

    @property
    def dimension(self) -> int:
        """Two: the circle in the plane."""
        return 2

    def amplitudes(self, density: Float[np.ndarray, "*t cells"]) -> Float[np.ndarray, "*t modes"]:
        """|integral of exp(i k theta) f| for k = 1 to half the number of cells.

        Args:
            density: one or more, on the equidistant angles.
        """
        return np.abs(np.fft.rfft(density)[..., 1:]) * 2 * np.pi / density.shape[-1]

    def balanced(self, density: Float[np.ndarray, " cells"]) -> NDArray[np.float64]:
        """The law that a density would hold in balance: exp((kappa/beta) k * f)/norm, (k * f)^(kappa/beta)/norm for SA.

        Args:
            density: on the equidistant angles.
        """
        smooth = np.fft.irfft(self.spectrum * np.fft.rfft(density), len(density))
        potential = self.kappa / self.beta * (smooth if self.model is Model.USA else np.log(smooth))
        weights = np.exp(potential - potential.max())
        return weights / (weights.mean() * 2 * np.pi)

    def free_energy(self, density: Float[np.ndarray, "*t cells"]) -> Float[np.ndarray, "*t"]:
        """Free energy of densities, in units in which that of the uniform law is 0.

        Args:
            density: one or more, on the equidistant angles.
        """
        pairs = np.sum(self.spectrum[1:] * self.amplitudes(density) ** 2, axis=-1) / np.pi
        entropy = 2 * np.pi * np.mean(xlogy(density, 2 * np.pi * np.maximum(density, 0)), axis=-1)
        return np.asarray(entropy - self.kappa / (2 * self.beta) * pairs)


@dataclass(frozen=True, eq=False)
class ClusteringLaw(Problem):
    """A law, and the constants with which it is meant to become a point at an exponential rate.

    Attributes:
        law: at time 0.
        largest_beta: beta_0 > 0, below which beta has to be.
        constant: C_0 > 0, in front of the rate.
        start: T_0 >= 0, in the time of the kernel exp(beta <x, y>), from which on the rate is meant.

    Raises:
        InputError: if a value is not as above.
    """

    law: MeanFieldCircle
    largest_beta: float
    constant: float
    start: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "largest_beta", finite_number("largest_beta", self.largest_beta, above=0))
        object.__setattr__(self, "constant", finite_number("constant", self.constant, above=0))
        object.__setattr__(self, "start", finite_number("start", self.start, at_least=0))


def first_harmonic(density: Float[np.ndarray, "*t cells"]) -> Float[np.ndarray, "*t"]:
    """|integral of exp(i theta) f| of densities on equidistant angles."""
    return np.asarray(np.abs(np.fft.rfft(density)[..., 1]) * 2 * np.pi / density.shape[-1])


def density_velocity(
    density: Float[Array, " cells"],
    spectrum: Float[Array, " modes"],
    beta: Float[Array, ""],
    kappa: Float[Array, ""],
    model: Model,
) -> Float[Array, " cells"]:
    """df/dt with spectral derivatives, for the spectrum of a `MeanFieldCircle`.

    Args:
        density: f on the equidistant angles, shape (cells,).
        spectrum: of the kernel, shape (cells/2 + 1,), see `MeanFieldCircle.spectrum`.
        beta: inverse temperature, > 0.
        kappa: inverse noise, > 0.
        model: SA or USA.
    """
    cells = len(density)
    modes = jnp.arange(cells // 2 + 1.0)
    derivative = jax.lax.complex(jnp.zeros_like(modes), modes)
    smoothing, damping = spectrum.astype(derivative.dtype), (modes**2 / kappa).astype(derivative.dtype)
    own = jnp.fft.rfft(density)
    slope = jnp.fft.irfft(derivative * smoothing * own, cells) / beta
    drift = slope if model is Model.USA else slope / jnp.fft.irfft(smoothing * own, cells)
    return -jnp.fft.irfft(derivative * jnp.fft.rfft(density * drift) + damping * own, cells)

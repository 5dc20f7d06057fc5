"""Infinitely many noisy tokens on a sphere of any dimension, whose law is symmetric about an axis."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.special import exprel, logsumexp, xlogy

from fathometer.attention.model._system import Model, read_model
from fathometer.attention.model.variants._noisy_law import NoisyLaw
from fathometer.evidence import InputError, finite_array, finite_number, whole_number
from fathometer.numerics import exponential_degrees, gegenbauer, zonal_nodes

LARGEST_DIM = 512
LARGEST_BETA = 200.0
LARGEST_SOFTMAX_BETA = 16.0
"""Beyond, k * f opposite to a cluster is below what rounding leaves of a sum of harmonics."""

_LEAST_KERNEL = 1e-15


@dataclass(frozen=True, eq=False)
class ZonalLaw(NoisyLaw):
    """A law on the sphere of R^d with a density f(<x, w>) about an axis w, on the Gauss nodes of `zonal_nodes`.

    Attributes:
        dim: dimension d, 2 to 512.
        density: f at time 0 at the nodes, relative to the uniform law, shape (nodes,), 8 <= nodes <= 1024, in the order
            of increasing <x, w>; not negative; divided by its mean.
        beta: inverse temperature, above 0, at most 200 (USA) or 16 (SA).
        kappa: inverse noise, above 0, in the time unit of the model.
        model: SA or USA.

    Raises:
        InputError: if a value is not as above.
    """

    dim: int
    density: NDArray[np.float64]
    beta: float
    kappa: float
    model: Model

    def __post_init__(self) -> None:
        dim, model, beta = read_zonal(self.dim, self.beta, self.model)
        object.__setattr__(self, "dim", dim)
        object.__setattr__(self, "model", model)
        object.__setattr__(self, "beta", beta)
        object.__setattr__(self, "kappa", finite_number("kappa", self.kappa, above=0))
        density = finite_array("density", self.density, ndim=1)
        if not 8 <= len(density) <= 1024 or np.any(density < 0) or not np.any(density > 0):
            raise InputError("density must have 8 to 1024 entries, not negative and not all zero")
        object.__setattr__(self, "density", density)
        object.__setattr__(self, "density", density / (self.weights @ density))

    @classmethod
    def tilted(
        cls, dim: int, beta: float, kappa: float, model: Model | str, tilt: float, nodes: int = 64
    ) -> "ZonalLaw":
        """The law with a density proportional to exp(tilt <x, w>): nearly uniform for a small tilt, else a cluster.

        Its order parameter is about tilt/d while that is small.

        Args:
            dim: dimension d, 2 to 512.
            beta: as in the attributes.
            kappa: as in the attributes.
            model: SA or USA.
            tilt: any number.
            nodes: of the density, 8 to 1024.

        Raises:
            InputError: if a value is not as above.
        """
        count = whole_number("nodes", nodes, at_least=8, at_most=1024)
        cosines, log_weights = zonal_nodes(count, whole_number("dim", dim, at_least=2, at_most=LARGEST_DIM))
        logs = finite_number("tilt", tilt) * cosines
        return cls(dim, np.exp(logs - np.asarray(logsumexp(logs + log_weights))), beta, kappa, read_model(model))

    @property
    def dimension(self) -> int:
        """Dimension d of the space around the sphere."""
        return self.dim

    @cached_property
    def _quadrature(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return zonal_nodes(len(self.density), self.dim)

    @property
    def cosines(self) -> NDArray[np.float64]:
        """The nodes: values of <x, w>, increasing."""
        return self._quadrature[0]

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """Share of the uniform law at each node, sum 1."""
        return np.exp(self._quadrature[1])

    @cached_property
    def degrees(self) -> NDArray[np.float64]:
        """Shares of the degrees 0, 1, ... in the kernel, as `exponential_degrees`."""
        return exponential_degrees(self.dim, self.beta)

    @cached_property
    def harmonics(self) -> NDArray[np.float64]:
        """Gegenbauer polynomials of degree 1, 2, ... at the nodes, as many as the kernel has; shape (modes, nodes)."""
        return gegenbauer(len(self.degrees), self.cosines, self.dim)[1:]

    @cached_property
    def conductance(self) -> NDArray[np.float64]:
        """Of diffusion between neighbouring nodes, shape (nodes - 1,), positive.

        Chosen so that <x, w> decays at the rate d - 1, as on the sphere: its flux over a border is the integral of
        (d - 1) <x, w> over all that is beyond.
        """
        upper = np.cumsum((self.weights * self.cosines)[::-1])[::-1][1:]
        half = len(upper) // 2
        upper[:half] = upper[::-1][:half]
        return (self.dim - 1) * upper / np.diff(self.cosines)

    def moments(self, density: Float[np.ndarray, "*t nodes"]) -> Float[np.ndarray, "*t modes"]:
        """Means of the Gegenbauer polynomials of degree 1, 2, ...: between -1 and 1.

        Args:
            density: one or more, at the nodes.
        """
        return (self.weights * density) @ self.harmonics.T

    def amplitudes(self, density: Float[np.ndarray, "*t nodes"]) -> Float[np.ndarray, "*t modes"]:
        """Sizes of the `moments`.

        Args:
            density: one or more, at the nodes.
        """
        return np.abs(self.moments(density))

    def potential(self, density: Float[np.ndarray, " nodes"]) -> NDArray[np.float64]:
        """Whose gradient moves the tokens: (k * f)/beta, log(k * f)/beta for SA.

        Args:
            density: at the nodes.
        """
        smooth = self.degrees[0] + (self.degrees[1:] * self.moments(density)) @ self.harmonics
        return (smooth if self.model is Model.USA else np.log(np.maximum(smooth, _LEAST_KERNEL))) / self.beta

    def balanced(self, density: Float[np.ndarray, " nodes"]) -> NDArray[np.float64]:
        """The law that a density would hold in balance: exp(kappa potential)/norm.

        Args:
            density: at the nodes.
        """
        logs = self.kappa * self.potential(density)
        return np.exp(logs - np.asarray(logsumexp(logs + self._quadrature[1])))

    def free_energy(self, density: Float[np.ndarray, "*t nodes"]) -> Float[np.ndarray, "*t"]:
        """Free energy of densities, in units in which that of the uniform law is 0.

        Args:
            density: one or more, at the nodes.
        """
        pairs = self.moments(density) ** 2 @ self.degrees[1:]
        entropy = xlogy(density, np.maximum(density, 0)) @ self.weights
        return np.asarray(entropy - self.kappa / (2 * self.beta) * pairs)

    def flow(self, masses: Float[np.ndarray, " nodes"]) -> NDArray[np.float64]:
        """Rate at which the probabilities of the nodes change: the scheme of Scharfetter and Gummel.

        Probability moves between neighbours, so that it is kept and stays positive; laws are at rest exactly if they
        are the ones that they balance, the free energy never increases, and a small order parameter has its exact rate.
        All else has an error of second order in the distance of the nodes.

        Args:
            masses: probabilities, not negative, sum 1.
        """
        density = masses / self.weights
        climb = self.kappa * np.diff(self.potential(density))
        flux = self.conductance / self.kappa * (density[:-1] / exprel(-climb) - density[1:] / exprel(climb))
        return -np.diff(flux, prepend=0.0, append=0.0)

    def resampled(self, nodes: int) -> "ZonalLaw":
        """The same law on another number of nodes, interpolated in the logarithm.

        Args:
            nodes: how many, 8 to 1024.
        """
        cosines = zonal_nodes(whole_number("nodes", nodes, at_least=8, at_most=1024), self.dim)[0]
        logs = np.log(np.maximum(self.density, 1e-300))
        density = np.exp(_interpolated(np.arccos(cosines), np.arccos(self.cosines), logs))
        return ZonalLaw(self.dim, density, self.beta, self.kappa, self.model)


def read_zonal(dim: int, beta: float, model: Model | str) -> tuple[int, Model, float]:
    """Return the dimension, the model and the inverse temperature of tokens with noise.

    Args:
        dim: dimension d.
        beta: inverse temperature.
        model: SA or USA.

    Raises:
        InputError: if they are not what a `ZonalLaw` allows.
    """
    known = read_model(model)
    most = LARGEST_BETA if known is Model.USA else LARGEST_SOFTMAX_BETA
    return (
        whole_number("dim", dim, at_least=2, at_most=LARGEST_DIM),
        known,
        finite_number("beta", beta, above=0, at_most=most),
    )


def _interpolated(
    at: NDArray[np.float64], angles: NDArray[np.float64], logs: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Values of the cubic spline through symmetric continuations beyond both ends."""
    around = np.concatenate([2 * np.pi - angles, angles, -angles])
    order = np.argsort(around)
    return CubicSpline(around[order], np.tile(logs, 3)[order])(at)

"""Infinitely many noisy tokens: what a law on the circle and an axially symmetric law on a sphere have in common."""

from abc import abstractmethod

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from fathometer.attention.model._system import Model
from fathometer.evidence import Problem


class NoisyLaw(Problem):
    """Abstract base of laws f of tokens: df/dt = -div(f v) + (1/kappa) Laplacian f.

    v = grad(k * f)/beta for USA and grad log(k * f)/beta for SA, k = exp(beta (<x, y> - 1)). Runs have the states
    "density", as `density` of the law at time 0.

    Attributes:
        density: at time 0.
        beta: inverse temperature, above 0.
        kappa: inverse noise, above 0.
        model: SA or USA.
    """

    density: NDArray[np.float64]
    beta: float
    kappa: float
    model: Model

    @property
    @abstractmethod
    def dimension(self) -> int:
        """Dimension d of the space around the sphere."""

    @abstractmethod
    def amplitudes(self, density: Float[np.ndarray, "*t cells"]) -> Float[np.ndarray, "*t modes"]:
        """Sizes of the harmonics of degree 1, 2, ... in densities: 0 if uniform, 1 if a point."""

    @abstractmethod
    def balanced(self, density: Float[np.ndarray, " cells"]) -> NDArray[np.float64]:
        """The law that a density would hold in balance: exp((kappa/beta) k * f)/norm, (k * f)^(kappa/beta)/norm for SA.

        A law is stationary if and only if it is the one that it balances.
        """

    @abstractmethod
    def free_energy(self, density: Float[np.ndarray, "*t cells"]) -> Float[np.ndarray, "*t"]:
        """Entropy minus kappa/(2 beta) times the interaction, int f log f - kappa/(2 beta) iint k f f; 0 if uniform."""

    def orders(self, density: Float[np.ndarray, "*t cells"]) -> Float[np.ndarray, "*t"]:
        """Order parameters |mean of x| of densities."""
        return self.amplitudes(density)[..., 0]

    @property
    def order(self) -> float:
        """Order parameter |mean of x| at time 0: 0 if uniform, 1 if a point."""
        return float(self.orders(self.density))

"""The equation of axially symmetric stationary laws, in the moments of the law."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from fathometer.attention.model._system import Model
from fathometer.numerics import exponential_degrees, gegenbauer, zonal_nodes

_SETTLED = 1e-11
_LEAST_KERNEL = 1e-15


class ZonalEquations:
    """f = exp(a k * f)/norm for USA, (k * f)^a/norm for SA, with a = kappa/beta, as equations R(m, log a) = 0.

    The law is known from the means m_k of the Gegenbauer polynomials G_k: k * f = sum_k L_k m_k G_k with the shares L_k
    of the degrees in the kernel. R_k is the mean of G_k under the law on the right, minus m_k. Unknowns are
    z = (m_1, ..., m_K, log a).
    """

    def __init__(self, dim: int, beta: float, model: Model, nodes: int) -> None:
        self.model = model
        shares = exponential_degrees(dim, beta)
        self.constant, self.shares = shares[0], shares[1:]
        self.cosines, self.log_weights = zonal_nodes(nodes, dim)
        self.harmonics = gegenbauer(len(shares), self.cosines, dim)[1:]
        self.dim = dim

    @cached_property
    def start(self) -> NDArray[np.float64]:
        """The uniform law at the critical a, from where the branch starts."""
        softened = self.constant if self.model is Model.SA else 1.0
        return np.append(np.zeros(len(self.shares)), np.log(self.dim * softened / self.shares[0]))

    def law(self, z: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Probabilities of the nodes under the law on the right, k * f or its logarithm, and the derivative of that."""
        smooth = self.constant + (self.shares * z[:-1]) @ self.harmonics
        if self.model is Model.SA:
            smooth = np.maximum(smooth, _LEAST_KERNEL)
            height, slope = np.log(smooth), 1 / smooth
        else:
            height, slope = smooth, np.ones_like(smooth)
        logs = self.log_weights + np.exp(z[-1]) * height
        return np.exp(logs - logsumexp(logs)), height, slope

    def residual(self, z: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """R and its derivatives, shapes (K,) and (K, K + 1)."""
        (p, height, slope), a = self.law(z), np.exp(z[-1])
        means = self.harmonics @ p
        spread = (self.harmonics - means[:, None]) * p
        by_moments = a * spread @ (self.shares[:, None] * self.harmonics * slope).T - np.eye(len(means))
        return means - z[:-1], np.column_stack([by_moments, a * spread @ height])

    def corrected(
        self, guess: NDArray[np.float64], normal: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """Newton's method in the plane through the guess; the solution and the direction of the branch there.

        None if it does not settle.
        """
        z = guess.copy()
        for _ in range(10):
            r, jacobian = self.residual(z)
            bordered = np.vstack([jacobian, normal])
            try:
                step = np.linalg.solve(bordered, np.append(-r, -normal @ (z - guess)))
            except np.linalg.LinAlgError:
                return None
            z = z + step
            if not np.all(np.isfinite(z)) or abs(z[-1] - guess[-1]) > 1:
                return None
            if np.max(np.abs(step)) < _SETTLED:
                ahead = np.linalg.solve(np.vstack([self.residual(z)[1], normal]), np.eye(len(z))[-1])
                return z, ahead / np.linalg.norm(ahead)
        return None

    def stable(self, z: NDArray[np.float64]) -> bool:
        """Whether no axially symmetric perturbation grows: no eigenvalue of dR/dm has a positive real part.

        For USA these are the signs of the free energy's second derivatives.
        """
        return bool(np.max(np.linalg.eigvals(self.residual(z)[1][:, :-1]).real) < 0)

    def free_energy(self, z: NDArray[np.float64]) -> float:
        """Int f log f - (a/2) iint k f f of a stationary law (USA); 0 if uniform."""
        (p, height, _), a = self.law(z), np.exp(z[-1])
        entropy = a * (p @ height - np.max(height)) - logsumexp(self.log_weights + a * (height - np.max(height)))
        return float(entropy - a / 2 * np.sum(self.shares * z[:-1] ** 2))

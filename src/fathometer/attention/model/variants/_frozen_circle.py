"""Tokens on the circle that are attracted by each other and by frozen tokens."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from fathometer.attention.model._hessian import circle_hessian, pull_slope
from fathometer.evidence import InputError, Problem, finite_array, finite_number


@dataclass(frozen=True, eq=False)
class FrozenCircle(Problem):
    """Softmax attention on the circle with tokens that do not move: the nuclei of causal attention, idealised.

    dtheta_i/dt = [sum_j h(theta_j - theta_i) + sum_q a_q h(phi_q - theta_i)] / Z_i, h(x) = exp(beta (cos x - 1)) sin x.

    Attributes:
        angles: of the tokens that move, at time 0, shape (n,), in radians.
        frozen: phi, of those that do not, shape (m,).
        weights: a, shape (m,), >= 1.
        beta: inverse temperature, > 0.
        c: separation of the frozen tokens in units of 1/sqrt(beta), above 0.
        epsilon: distance from a frozen token in which others are meant to end, in that unit; above 0.

    Raises:
        InputError: if a value is not as above.
    """

    angles: NDArray[np.float64]
    frozen: NDArray[np.float64]
    weights: NDArray[np.float64]
    beta: float
    c: float
    epsilon: float

    def __post_init__(self) -> None:
        for name in ("angles", "frozen", "weights"):
            object.__setattr__(self, name, finite_array(name, getattr(self, name), ndim=1))
        for name in ("beta", "c", "epsilon"):
            object.__setattr__(self, name, finite_number(name, getattr(self, name), above=0))
        if len(self.weights) != len(self.frozen) or np.any(self.weights < 1):
            raise InputError(f"weights must be >= 1, one for each of {len(self.frozen)} frozen tokens")

    @property
    def total(self) -> float:
        """N, the number of tokens that move plus the weights of the frozen ones."""
        return len(self.angles) + float(np.sum(self.weights))

    def velocities(self, angles: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
        """Velocities of the moving tokens at these angles."""
        ahead, kernels = self._kernels(angles)
        return np.sum(kernels * np.sin(ahead), axis=1) / np.sum(kernels, axis=1)

    def forces(self, angles: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
        """Z_i dtheta_i/dt, the gradient of the energy sum exp(beta (cos - 1)) / beta over pairs with a moving token."""
        ahead, kernels = self._kernels(angles)
        return np.sum(kernels * np.sin(ahead), axis=1)

    def hessian(self, angles: Float[np.ndarray, " n"]) -> Float[np.ndarray, "n n"]:
        """Second derivatives of that energy; negative definite where the moving tokens are stable."""
        everyone, masses = self._with_frozen(angles)
        return circle_hessian(everyone, masses, self.beta)[: len(angles), : len(angles)]

    def _kernels(self, angles: Float[np.ndarray, " n"]) -> tuple[Float[np.ndarray, "n s"], Float[np.ndarray, "n s"]]:
        everyone, masses = self._with_frozen(angles)
        ahead = everyone - angles[:, None]
        return ahead, masses * np.exp(-2 * self.beta * np.sin(ahead / 2) ** 2)

    def _with_frozen(self, angles: Float[np.ndarray, " n"]) -> tuple[Float[np.ndarray, " s"], Float[np.ndarray, " s"]]:
        return np.concatenate([angles, self.frozen]), np.concatenate([np.ones(len(angles)), self.weights])

    def distances(self, angles: Float[np.ndarray, "*t n"]) -> Float[np.ndarray, "*t n"]:
        """Angle of every token to the nearest frozen one."""
        return np.min(2 * np.arcsin(np.abs(np.sin((angles[..., None] - self.frozen) / 2))), axis=-1)

    def pull(self, distance: float) -> float:
        """H at a distance in units of 1/sqrt(beta)."""
        angle = distance / np.sqrt(self.beta)
        return float(np.exp(-2 * self.beta * np.sin(angle / 2) ** 2) * np.sin(angle))

    def slope(self, distance: float) -> float:
        """G = h' at a distance in units of 1/sqrt(beta)."""
        return float(pull_slope(np.array([distance / np.sqrt(self.beta)]), self.beta)[0])

    @property
    def gaps(self) -> NDArray[np.float64]:
        """Angles between frozen tokens, of every pair."""
        gaps = 2 * np.arcsin(np.abs(np.sin((self.frozen[:, None] - self.frozen) / 2)))
        return gaps[np.triu_indices(len(gaps), 1)]

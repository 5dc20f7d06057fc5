"""Second derivatives of the energy."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from fathometer.attention.model._energy import energy_deficit
from fathometer.evidence import finite_number, whole_number
from fathometer.numerics import project_to_sphere


def pull_slope(angle: Float[np.ndarray, "*n"], beta: float, d: int = 2) -> Float[np.ndarray, "*n"]:
    """g(z) = ((d - 1) cos z - beta sin^2 z) exp(beta (cos z - 1)).

    On the circle (d = 2) it is the derivative of the pull sin z exp(beta (cos z - 1)).

    Args:
        angle: z in radians.
        beta: inverse temperature, of any sign.
        d: dimension, >= 2.
    """
    return ((d - 1) * np.cos(angle) - beta * np.sin(angle) ** 2) * np.exp(-2 * beta * np.sin(angle / 2) ** 2)


def interaction_range(beta: float, d: int = 2) -> float:
    """Angle tau* in (0, pi/2) at which g changes sign: beta sin^2 tau* = (d - 1) cos tau*; beta > 0, d >= 2.

    On the circle it is between (beta + 1/2)^{-1/2} and beta^{-1/2} (Geshkovski et al. 2024).
    """
    beta, dim = finite_number("beta", beta, above=0), whole_number("d", d, at_least=2) - 1
    root = np.hypot(dim, 2 * beta)
    deficit = 2 * dim / (2 * beta + dim + root)  # 1 - cos tau*, without cancellation
    return float(2 * np.arcsin(np.sqrt(deficit / 2)))


def circle_hessian(
    angles: Float[np.ndarray, " n"], masses: Float[np.ndarray, " n"], beta: float
) -> Float[np.ndarray, "n n"]:
    """Second derivatives of EE/(2 beta) in the angles of tokens on the circle.

    They are m_i m_j g(theta_i - theta_j) for i != j; rows sum to 0 (Geshkovski et al. 2024, with masses).

    Args:
        angles: in radians.
        masses: positive, sum 1.
        beta: inverse temperature.
    """
    mixed = masses[:, None] * masses * pull_slope(angles[:, None] - angles, beta)
    np.fill_diagonal(mixed, 0.0)
    return mixed - np.diag(mixed.sum(axis=1))


@jax.jit
def _tangent_hessian(
    frames: Float[Array, "n d e"], points: Float[Array, "n d"], masses: Float[Array, " n"], beta: Float[Array, ""]
) -> Float[Array, "m m"]:
    shape = frames.shape[0], frames.shape[2]

    def energy(flat: Float[Array, " m"]) -> Float[Array, ""]:
        moved = points + jnp.einsum("nde,ne->nd", frames, flat.reshape(shape))
        return -energy_deficit(project_to_sphere(moved), masses, beta)

    return jax.hessian(energy)(jnp.zeros(shape[0] * shape[1]))

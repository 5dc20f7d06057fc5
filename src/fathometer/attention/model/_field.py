"""The vector field of the tokens, as pure functions of arrays."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from fathometer.attention.model._system import Model

Scalar = Float[Array, ""] | float


@jax.jit
def interaction(
    points: Float[Array, "n d"], masses: Float[Array, " n"], beta: Scalar
) -> tuple[Float[Array, "n d"], Float[Array, " n"]]:
    """Force on every token and its partition function.

    With w_ij = m_j exp(-beta |x_i - x_j|^2 / 2) the force is sum_j w_ij P_{x_i} x_j, written as
    sum_j w_ij ((x_j - x_i) + |x_i - x_j|^2 x_i / 2), and Z_i = sum_j w_ij. A token adds exactly nothing to its own
    force, and coincident tokens get bitwise equal forces. Times m_i, the force is the gradient of EE/(2 beta).

    Args:
        points: unit vectors.
        masses: positive, sum 1.
        beta: inverse temperature, >= 0. Pairs with beta |x_i - x_j|^2 / 2 > 745 do not feel each other in float64.

    Returns:
        Forces, shape (n, d), tangent at the points, and Z, shape (n,), in [m_i, 1].
    """

    def on(token: Float[Array, " d"]) -> tuple[Float[Array, " d"], Float[Array, ""]]:
        pulls = points - token[None]
        squares = jnp.sum(pulls**2, axis=-1)
        weights = masses * jnp.exp(-beta * squares / 2)
        return weights @ pulls + jnp.dot(weights, squares) * token / 2, jnp.sum(weights)

    return jax.lax.map(on, points)


def velocity(
    points: Float[Array, "n d"], masses: Float[Array, " n"], beta: Scalar, model: Model
) -> Float[Array, "n d"]:
    """Velocity dx_i/dt of every token, tangent at the points, in the time unit of the model (see `Model`).

    Args:
        points: unit vectors.
        masses: positive, sum 1.
        beta: inverse temperature, >= 0.
        model: SA or USA.
    """
    return velocity_and_dissipation(points, masses, beta, model)[0]


def velocity_and_dissipation(
    points: Float[Array, "n d"], masses: Float[Array, " n"], beta: Scalar, model: Model
) -> tuple[Float[Array, "n d"], Float[Array, ""]]:
    """Velocity, and the rate at which EE/(2 beta) rises.

    Both models climb this energy; the rate is sum_i m_i |dx_i/dt|^2 for USA and sum_i m_i Z_i |dx_i/dt|^2 for SA: in
    both, the sum of m_i <force_i, velocity_i>.

    Args:
        points: unit vectors, shape (n, d).
        masses: positive, sum 1, shape (n,).
        beta: inverse temperature, >= 0.
        model: SA or USA.
    """
    force, partition = interaction(points, masses, beta)
    speed = force if model is Model.USA else force / partition[:, None]
    return speed, jnp.dot(masses, jnp.sum(force * speed, axis=-1))


def angular_velocity(
    angles: Float[Array, " n"], masses: Float[Array, " n"], beta: Scalar, model: Model
) -> Float[Array, " n"]:
    """Velocity of the angles of tokens on the circle, in the time unit of the model (see `Model`).

    sum_j m_j k sin(theta_j - theta_i) with k = exp(beta (cos(theta_j - theta_i) - 1)) for USA, and that divided by
    sum_j m_j k for SA.

    Args:
        angles: in radians.
        masses: positive, sum 1.
        beta: inverse temperature, >= 0.
        model: SA or USA.
    """

    def of(angle: Float[Array, ""]) -> Float[Array, ""]:
        pulls = masses * jnp.exp(-2 * beta * jnp.sin((angles - angle) / 2) ** 2)
        speed = jnp.dot(pulls, jnp.sin(angles - angle))
        return speed / jnp.sum(pulls) if model is Model.SA else speed

    return jax.lax.map(of, angles)

"""The law of gradient flow for weights that are packed for compiled code."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from fathometer.deep_linear.dynamics.flow._clock import Motion, norm
from fathometer.deep_linear.model._padded_weights import Layers, backward, moved
from fathometer.deep_linear.model._problem import DeepLinear


class Setting(NamedTuple):
    """What the risk depends on."""

    sigma: Float[Array, "d d"]
    w_star: Float[Array, " d"]
    output: Float[Array, " o"]
    curvature: Float[Array, ""]  # 2 lambda_max


def setting_of(problem: DeepLinear) -> Setting:
    """The arrays of a problem."""
    data = problem.regression
    return Setting(*map(jnp.asarray, (data.sigma, data.w_star, problem.output, 2 * data.lambda_max)))


def gradient_flow(layers: Layers, setting: Setting) -> Motion:
    """Velocity -grad R of one network (batch axis of length 1).

    The clock runs at |grad R| / |W|, the pace on a plateau, plus 2 lambda_max |b_1|^2, that near a minimizer.
    """
    passed = backward(layers, setting.output)
    error = passed.product[:, 0] - setting.w_star
    half_slope = setting.sigma @ error
    velocity = moved(jax.tree.map(jnp.zeros_like, layers), layers, passed, 2 * half_slope[:, None])
    size, bottom = norm(layers), jnp.sum(passed.first**2)
    pace = jnp.where(size > 0, norm(velocity) / jnp.where(size > 0, size, 1.0), 0.0)
    return Motion(velocity, pace + setting.curvature * bottom, error @ half_slope)

"""The law of gradient flow for weights that are packed for compiled code."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from fathometer.deep_linear.dynamics.flow._clock import Course, Motion, norm
from fathometer.deep_linear.model._network import Weights
from fathometer.deep_linear.model._padded_weights import Layers, RiskArrays, backward, moved, pack, risk_arrays
from fathometer.deep_linear.model._problem import DeepLinear


class Setting(NamedTuple):
    """What the law depends on."""

    risk: RiskArrays
    curvature: Float[Array, ""]  # 2 lambda_max


def flow_from(problem: DeepLinear, weights: Weights) -> Course:
    """Gradient flow of one network, from W_k of shape (d_k, d_{k-1})."""
    setting = Setting(risk_arrays(problem), jnp.asarray(2 * problem.regression.lambda_max))
    return Course(gradient_flow, pack(tuple(matrix[None] for matrix in weights)), setting)


def gradient_flow(layers: Layers, setting: Setting) -> Motion:
    """Velocity -grad R of one network (batch axis of length 1).

    The clock runs at |grad R| / |W|, the pace on a plateau, plus 2 lambda_max |b_1|^2, that near a minimizer.
    """
    passed = backward(layers, setting.risk.output)
    error = passed.product[:, 0] - setting.risk.w_star
    half_slope = setting.risk.sigma @ error
    velocity = moved(jax.tree.map(jnp.zeros_like, layers), layers, passed, 2 * half_slope[:, None])
    size, bottom = norm(layers), jnp.sum(passed.first**2)
    pace = jnp.where(size > 0, norm(velocity) / jnp.where(size > 0, size, 1.0), 0.0)
    return Motion(velocity, pace + setting.curvature * bottom, error @ half_slope)

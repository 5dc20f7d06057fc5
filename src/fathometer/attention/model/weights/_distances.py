"""How far the weights of a layer are from what theorems ask for: relative Frobenius distances, all heads together."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.attention.model._variant import Variant
from fathometer.attention.model._variant_field import Normalization, attention_average
from fathometer.attention.model.weights._mlp import mlp_output
from fathometer.numerics import in_float64, tangent_projection

Matrices = Float[np.ndarray, "h d d"]


def score_matrices(variant: Variant) -> NDArray[np.float64]:
    """Q'K of every head, shape (heads, d, d)."""
    return np.asarray(np.swapaxes(_by_head(variant.query), 1, 2) @ _by_head(variant.key))


def value_matrices(variant: Variant) -> NDArray[np.float64]:
    """V of every head, shape (heads, d, d)."""
    return _by_head(variant.value)


def _by_head(matrix: Float[np.ndarray, "*h k d"]) -> NDArray[np.float64]:
    return np.reshape(matrix, (-1, *matrix.shape[-2:]))


def relative_distance(matrices: Float[np.ndarray, "*h"], others: Float[np.ndarray, "*h"]) -> float:
    """|A - B|/|A| in the Frobenius norm, all heads together; 0 if both are zero."""
    size, apart = np.linalg.norm(matrices), np.linalg.norm(matrices - others)
    return float(apart / size) if size > 0 else float(apart > 0)


def identity_factors(matrices: Matrices) -> NDArray[np.float64]:
    """The factors s_h >= 0 for which s_h I are nearest to the matrices, shape (heads,)."""
    return np.maximum(np.trace(matrices, axis1=1, axis2=2) / matrices.shape[-1], 0.0)


def multiples(factors: Float[np.ndarray, " h"], d: int) -> NDArray[np.float64]:
    """The matrices s_h I."""
    return factors[:, None, None] * np.eye(d)


def distance_from_multiples(matrices: Matrices) -> float:
    """Relative distance from the nearest s_h I with s_h >= 0, a factor for each head."""
    return relative_distance(matrices, multiples(identity_factors(matrices), matrices.shape[-1]))


def score_factor(variant: Variant) -> float:
    """The c >= 0 for which c I is nearest to Q'K, the same for all heads."""
    scores = score_matrices(variant)
    return max(0.0, float(np.mean(np.trace(scores, axis1=1, axis2=2))) / scores.shape[-1])


def score_distance(variant: Variant, factor: float) -> float:
    """Relative distance of Q'K, with the K'b of a bias b of the queries as one more column, from c I."""
    scores, d = score_matrices(variant), variant.query.shape[-1]
    linear = np.zeros((len(scores), d, 1))
    if variant.query_bias is not None:
        linear = np.einsum("hkd,hk->hd", _by_head(variant.key), np.reshape(variant.query_bias, (len(scores), -1)))[
            ..., None
        ]
    wanted = np.broadcast_to(np.eye(d, d + 1) * factor, (len(scores), d, d + 1))
    return relative_distance(np.concatenate([scores, linear], axis=2), wanted)


def asymmetry(matrices: Matrices) -> float:
    """Relative distance from the symmetric parts."""
    return relative_distance(matrices, (matrices + np.swapaxes(matrices, 1, 2)) / 2)


def gradient_factors(variant: Variant) -> NDArray[np.float64]:
    """The factors s_h for which s_h Q_h'K_h are nearest to V_h, shape (heads,)."""
    scores, values = score_matrices(variant), value_matrices(variant)
    squares = np.sum(scores**2, axis=(1, 2))
    return np.asarray(np.sum(scores * values, axis=(1, 2)) / np.where(squares > 0, squares, 1.0))


def distance_from_scores(variant: Variant) -> float:
    """Relative distance of the values V_h from the nearest s_h Q_h'K_h, s_h of any sign."""
    return relative_distance(
        value_matrices(variant), gradient_factors(variant)[:, None, None] * score_matrices(variant)
    )


@in_float64
def extra_share(variant: Variant) -> float:
    """Size of what MLP and bias add to the velocity at time 0, relative to the attention without them; 0 if neither.

    Root mean squares over tokens of the tangent parts; inf if the attention moves none.
    """
    system, weights = variant.system, variant.weights
    points, masses = jnp.asarray(system.points), jnp.asarray(system.masses)
    alone = attention_average(points, masses, system.beta, weights._replace(bias=None), variant.rules)
    added = jnp.zeros_like(points) if weights.bias is None else jnp.broadcast_to(weights.bias, points.shape)
    if weights.mlp is not None:
        added = added + mlp_output(points, weights.mlp, variant.rules.activation)
    sizes = [float(jnp.linalg.norm(tangent_projection(points, each))) for each in (added, alone)]
    return sizes[0] / sizes[1] if sizes[1] > 0 else float(np.inf if sizes[0] > 0 else 0.0)


def has_weights(variant: Variant) -> bool:
    """Whether it differs from the plain model by more than its mask, its normalisation and hardmax."""
    plain = Variant(variant.system)
    arrays = ("query", "key", "value")
    same = all(np.array_equal(getattr(variant, name), getattr(plain, name)) for name in arrays)
    extra = (variant.mlp, variant.query_bias, variant.bias)
    return not same or any(part is not None for part in extra)


def plain_equivalent(variant: Variant) -> tuple[ParticleSystem, float] | None:
    """Plain tokens that move as those of a variant do, and how many times faster; None if there are none.

    With Q_h'K_h = c I and V_h = s_h I, c >= 0, s_h >= 0, SA at beta is plain SA at c beta, sum_h s_h times as fast, and
    USA is plain USA at c beta, exp(beta (c - 1)) sum_h s_h times as fast (derived).
    """
    c, values = score_factor(variant), value_matrices(variant)
    apart = max(score_distance(variant, c), distance_from_multiples(values), extra_share(variant))
    if apart > _SAME or variant.causal or variant.hard or variant.normalization is not Normalization.POST:
        return None
    system, speed = variant.system, float(np.sum(identity_factors(values)))
    factor = 1.0 if system.model is Model.SA else float(np.exp(system.beta * (c - 1)))
    if speed == 0:
        return None
    return ParticleSystem(system.points, c * system.beta, system.model, system.masses), speed * factor


_SAME = 1e-12
"""Relative distance that is rounding."""

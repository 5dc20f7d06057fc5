"""Tokens that are also pushed by noise."""

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import lineax
from jaxtyping import Array, Float

from fathometer.attention.model._field import Scalar
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.model._variant import Variant
from fathometer.attention.model._variant_field import Normalization, Rules, Weights, variant_velocity
from fathometer.evidence import InputError, Problem, finite_number
from fathometer.numerics import tangent_projection


@dataclass(frozen=True, eq=False)
class NoisySystem(Problem):
    """Tokens with independent Brownian motions on the sphere: dx_i = velocity dt + sqrt(2/kappa) dW_i.

    Attributes:
        system: tokens at time 0, beta, model and masses.
        kappa: inverse noise, above 0, in the time unit of the model.
        variant: of the same system, with its weights, mask and Post-LN; the plain model when not given.

    Raises:
        InputError: if kappa is not positive, or the variant is of another system or has Pre-LN.
    """

    system: ParticleSystem
    kappa: float
    variant: Variant = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        object.__setattr__(self, "kappa", finite_number("kappa", self.kappa, above=0))
        object.__setattr__(self, "variant", Variant(self.system) if self.variant is None else self.variant)
        if self.variant.system != self.system or self.variant.normalization is not Normalization.POST:
            raise InputError("variant must be of the same system and have Post-LN")


def drift(
    vectors: Float[Array, "n d"], masses: Float[Array, " n"], beta: Scalar, weights: Weights, rules: Rules
) -> Float[Array, "n d"]:
    """Velocity of the variant, continued with degree 1.

    Rounding and steps let the norms drift, and the directions must not notice.

    Args:
        vectors: near the sphere, shape (n, d).
        masses: positive, sum 1.
        beta: inverse temperature, >= 0.
        weights: Q, K and V, each of shape (d, d).
        rules: what is fixed when it is compiled.
    """
    norms = jnp.linalg.norm(vectors, axis=-1, keepdims=True)
    return norms * variant_velocity(vectors / norms, masses, beta, weights, rules)


def noise(vectors: Float[Array, "n d"], kappa: Scalar) -> lineax.FunctionLinearOperator:
    """What an increment of Brownian motion moves: its tangent part times sqrt(2/kappa), continued with degree 1."""
    norms = jnp.linalg.norm(vectors, axis=-1, keepdims=True)
    size = jnp.sqrt(2 / kappa) * norms
    shape = jax.ShapeDtypeStruct(vectors.shape, vectors.dtype)
    return lineax.FunctionLinearOperator(lambda dw: size * tangent_projection(vectors / norms, dw), shape)

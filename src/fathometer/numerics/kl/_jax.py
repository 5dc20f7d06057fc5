"""The upper inverse of kl(q||p) for training: compiled, batched and differentiable, and not rounded up."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

_STEPS = 8
_BELOW_ONE = 1 - 2.0**-53


@jax.custom_jvp
def differentiable_kl_inverse(q: Float[Array, "..."], c: Float[Array, "..."]) -> Float[Array, "..."]:
    """The p in [q, 1] with kl(q||p) = c to about 1e-14 relative, with the derivatives of the implicit function theorem.

    Meant for objectives that are minimised by gradients; a certificate is evaluated with `kl_inverse_upper`, which is
    never rounded down. Halley's iteration from 1 - p = (1-q) exp(-t), t^2 = 2qw + w^2, w = c/(1-q).

    Args:
        q: in [0, 1], any shape; unchecked.
        c: non-negative, of the same shape; unchecked. At c = 0 the derivative in c is infinite.
    """
    rest = jnp.where(q < 1, 1 - q, 1.0)
    inside, w = jnp.where(q > 0, q, 0.5), c / rest
    p = jnp.minimum(q - rest * jnp.expm1(-jnp.sqrt(w * (2 * q + w))), _BELOW_ONE)
    for _ in range(_STEPS):
        away = jnp.maximum(p - inside, 1e-300)
        slope = away / (p * (1 - p))
        step = (c + inside * jnp.log1p(away / inside) + rest * jnp.log1p(-away / rest)) / slope
        bent = step * (away * away + inside * rest) * slope / (2 * away * away)
        moved = jnp.minimum(p + step / (1 + bent), _BELOW_ONE)
        p = jnp.where((moved > inside) & jnp.isfinite(moved), moved, p)
    p = jnp.where(q > 0, p, -jnp.expm1(-c))
    return jnp.where((q < 1) & (c > 0), p, q)


@differentiable_kl_inverse.defjvp
def _derivative(primals: tuple[Array, Array], tangents: tuple[Array, Array]) -> tuple[Array, Array]:
    (q, c), (q_dot, c_dot) = primals, tangents
    p = differentiable_kl_inverse(q, c)
    by_c = p * (1 - p) / (p - q)
    log_ratio = jnp.log(p / jnp.where(q > 0, q, jnp.finfo(q.dtype).tiny))
    by_q = (jnp.log1p((p - q) / (1 - p)) + log_ratio) * by_c
    return p, by_q * q_dot + by_c * c_dot

"""Gauss-Newton and Fisher products of a JAX network: curvature through what the network returns."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from fathometer.evidence import InputError
from fathometer.network._objective import Matrix
from fathometer.network.curvature.objectives._data import Batch

if TYPE_CHECKING:
    from fathometer.network.curvature.objectives._jax import JaxObjective


def output_product(
    of: "JaxObjective", at: Float[Array, " n"], vector: Float[Array, " n"], batch: Batch, matrix: Matrix
) -> Float[Array, " n"]:
    """J' S J v of one chunk: S the Hessian of the loss in the outputs z, or the covariance of its gradient there.

    Args:
        of: the loss.
        at: parameters.
        vector: v.
        batch: the chunk.
        matrix: GGN or FISHER.
    """

    def outputs(w: Float[Array, " n"]) -> Array:
        return _outputs(of, w, batch)

    def slope(z: Array) -> Array:
        return jax.grad(lambda z: of.value_of(lambda *args, **kwargs: z, batch))(z)

    z, pushed = jax.jvp(outputs, (at,), (vector,))
    image = jax.jvp(slope, (z,), (pushed,))[1] if matrix is Matrix.GGN else _covariance(z, slope, pushed)
    return jax.vjp(outputs, at)[1](image)[0]


def _outputs(of: "JaxObjective", at: Float[Array, " n"], batch: Batch) -> Array:
    """What the network returns for a chunk.

    Raises:
        InputError: if it is no array or the loss does not call the network once.
    """
    seen: list[Any] = []
    model = of.model_at(at)

    def noting(*args: Any, **kwargs: Any) -> Any:
        seen.append(model(*args, **kwargs))
        return seen[-1]

    of.value_of(noting, batch)
    if len(seen) != 1 or not isinstance(seen[0], jax.Array):
        raise InputError("this matrix needs a loss that calls the network once and a network that returns one array")
    return seen[0]


def _covariance(z: Array, slope: Callable[[Array], Array], pushed: Array) -> Array:
    """Covariance of the gradient under the network's own labels; NaN where the loss is no known likelihood."""
    grad, image = slope(z), jax.jvp(slope, (z,), (pushed,))[1]
    likelihood, weight = _log_probabilities(z, grad)
    known = _is_softmax(z, grad) | _is_sigmoid(z, grad) | _is_gaussian(z, slope)
    return jnp.where(likelihood, weight * jnp.exp(z) * pushed, jnp.where(known, image, jnp.nan))


def _log_probabilities(z: Array, grad: Array) -> tuple[Array, Array]:
    """Whether the loss is minus the log-probability z_y itself, and the weights of its rows."""
    if z.ndim < 2:
        return jnp.asarray(False), jnp.zeros(())
    sums, single = jnp.exp(z).sum(-1), jnp.count_nonzero(grad, axis=-1) <= 1
    return _alike(sums, jnp.ones_like(sums)) & jnp.all(single), -grad.sum(-1, keepdims=True)


def _is_softmax(z: Array, grad: Array) -> Array:
    if z.ndim < 2 or z.shape[-1] < 2:
        return jnp.asarray(False)
    p, label = jax.nn.softmax(z, -1), grad.argmin(-1)
    spike = jax.nn.one_hot(label, z.shape[-1], dtype=z.dtype)
    weight = -(grad * spike).sum(-1, keepdims=True) / (1 - (p * spike).sum(-1, keepdims=True))
    return _alike(grad, weight * (p - spike))


def _is_sigmoid(z: Array, grad: Array) -> Array:
    p = jax.nn.sigmoid(z)
    weights = jnp.where(grad > 0, grad / p, -grad / (1 - p))
    return _alike(weights, jnp.broadcast_to(weights.mean(), weights.shape))


def _is_gaussian(z: Array, slope: Callable[[Array], Array]) -> Array:
    image = jax.jvp(slope, (z,), (jnp.ones_like(z),))[1]
    return _alike(image, jnp.broadcast_to(image.mean(), image.shape)) & (image.mean() > 0)


def _alike(a: Array, b: Array) -> Array:
    close = 1e-4 if a.dtype == jnp.float32 else 1e-8
    return jnp.allclose(a, b, rtol=close, atol=close * jnp.abs(a).max())

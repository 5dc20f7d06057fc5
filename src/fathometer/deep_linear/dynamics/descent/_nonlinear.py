"""Descent on any loss by automatic differentiation, for many runs at once; the paper's GELU network."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float
from numpy.typing import ArrayLike, NDArray

import fathometer.numerics  # noqa: F401  (switches JAX to float64)
from fathometer.deep_linear.dynamics.descent._training import Recording, step_sizes
from fathometer.evidence import InputError, finite_number, whole_number

Parameters = Any
"""Any nesting of tuples, lists and dictionaries of arrays."""
Loss = Callable[[Parameters, Any], Float[Array, ""]]


class LossDescent(NamedTuple):
    """What came of a batch of runs; R + 1 records at steps 0, every, ..., iterations.

    Attributes:
        loss: shape (R + 1, batch); inf from the divergence on.
        diverged_at: first step at which the loss was above the threshold or NaN, shape (batch,); else inf.
        parameters: at the end, with the batch axis in front; those of a diverged run as they were at that step.
    """

    loss: NDArray[np.float64]
    diverged_at: NDArray[np.float64]
    parameters: Parameters


def gelu_risk(weights: Sequence[Float[Array, "_ _"]], data: tuple[Array, Array]) -> Float[Array, ""]:
    """Mean squared error of a network without biases, GELU after every layer but the last.

    Source: the authors' code, which takes JAX's default, the approximation of GELU by a hyperbolic tangent.

    Args:
        weights: W_1 to W_L, W_k of shape (d_k, d_{k-1}), d_L = 1.
        data: X of shape (n, d) and y of shape (n,).
    """
    X, y = data
    hidden = X
    for matrix in weights[:-1]:
        hidden = jax.nn.gelu(hidden @ matrix.T, approximate=True)
    return jnp.mean((hidden @ weights[-1][0] - y) ** 2)


def descend_loss_batch(
    loss: Loss,
    parameters: Parameters,
    data: Any,
    steps: ArrayLike,
    iterations: int,
    *,
    every: int = 1,
    threshold: float = 1e10,
) -> LossDescent:
    """Run parameters <- parameters - step grad loss(parameters, data) for a batch of step sizes and starts.

    Args:
        loss: from one run's parameters and the data to a scalar; a module-level function is compiled once.
        parameters: arrays with the batch axis in front.
        data: any nesting of arrays, the same for all runs.
        steps: step sizes, positive, shape (batch,).
        iterations: number of steps, a multiple of `every`.
        every: steps between two records.
        threshold: a loss above it, or NaN, counts as divergence; the run is frozen there.

    Raises:
        InputError: if a value is out of range or shapes do not fit.
    """
    etas, recording = jnp.asarray(step_sizes(steps)), Recording(every)
    records = recording.count(whole_number("iterations", iterations, at_least=1))
    start = jax.tree.map(jnp.asarray, parameters)
    if any(leaf.shape[:1] != etas.shape for leaf in jax.tree.leaves(start)):
        raise InputError(f"every parameter must have the batch axis of the {etas.size} steps in front")
    limit = jnp.asarray(finite_number("threshold", threshold, above=0))
    end, losses = _run(loss, start, data, etas, limit, jnp.asarray(recording.every), records=records)
    return LossDescent(np.asarray(losses), np.asarray(end.diverged_at), jax.tree.map(np.asarray, end.parameters))


class _State(NamedTuple):
    parameters: Parameters
    diverged_at: Float[Array, " b"]
    step: Float[Array, ""]


@partial(jax.jit, static_argnames=("loss", "records"))
def _run(
    loss: Loss, parameters: Parameters, data: Any, eta: Array, limit: Array, every: Array, *, records: int
) -> tuple[_State, Array]:
    """Alternate a record and `every` steps; the last record is at the end."""
    values, slopes = jax.vmap(loss, (0, None)), jax.vmap(jax.value_and_grad(loss), (0, None))

    def flag(state: _State, value: Array) -> _State:
        bad = ~(value <= limit) & jnp.isinf(state.diverged_at)
        return state._replace(diverged_at=jnp.where(bad, state.step, state.diverged_at))

    def advance(_, state: _State) -> _State:
        value, slope = slopes(state.parameters, data)
        state = flag(state, value)
        effective = jnp.where(jnp.isinf(state.diverged_at), eta, 0.0)

        def move(old: Array, change: Array) -> Array:
            factor = effective.reshape(-1, *[1] * (old.ndim - 1))
            return jnp.where(factor > 0, old - factor * change, old)

        return _State(jax.tree.map(move, state.parameters, slope), state.diverged_at, state.step + 1)

    def record(state: _State) -> tuple[_State, Array]:
        value = values(state.parameters, data)
        state = flag(state, value)
        return state, jnp.where(jnp.isinf(state.diverged_at), value, jnp.inf)

    def body(state: _State, _) -> tuple[_State, Array]:
        state, value = record(state)
        return lax.fori_loop(0, every, advance, state), value

    start = _State(parameters, jnp.full(eta.shape, jnp.inf), jnp.zeros(()))
    end, before = lax.scan(body, start, length=records)
    end, final = record(end)
    return end, jnp.concatenate([before, final[None]])

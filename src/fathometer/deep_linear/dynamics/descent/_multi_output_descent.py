"""Gradient descent of networks with several outputs."""

import dataclasses
from collections.abc import Sequence
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from fathometer.deep_linear.dynamics.descent._training import Recording
from fathometer.deep_linear.model._multi_output import MultiOutput, as_multi_output_weights
from fathometer.deep_linear.model._network import as_states, without_batch
from fathometer.deep_linear.model.starts._guaranteed_descent import GuaranteedDescent
from fathometer.evidence import (
    Axis,
    AxisKind,
    Estimate,
    Origin,
    Provenance,
    Trajectory,
    finite_number,
    whole_number,
)

_PACKAGES = ("fathometer", "jax", "jaxlib", "numpy")


def descend_multi_output(
    problem: MultiOutput, weights: Sequence[ArrayLike], step: float, iterations: int, *, every: int = 1
) -> Trajectory:
    """Train with a constant step size on the full risk.

    Args:
        problem: the network.
        weights: initial W_1 to W_L, W_k of shape (d_k, d_{k-1}).
        step: step size, positive.
        iterations: number of steps, a multiple of `every`.
        every: steps between two observations.

    Returns:
        Along the steps, observed `excess_risk`; states W1 to WL.

    Raises:
        InputError: if a value is out of range or shapes do not fit.
    """
    read = without_batch(as_multi_output_weights(problem, weights))
    eta, recording = finite_number("step", step, above=0), Recording(every)
    count = recording.count(whole_number("iterations", iterations, at_least=recording.every))
    data = problem.regression
    arrays = map(jnp.asarray, (data.sigma, data.M_star, eta, recording.every))
    kept, excess = _descend(tuple(map(jnp.asarray, read)), *arrays, records=count)
    axis = Axis(AxisKind.STEP, recording.every * np.arange(len(excess), dtype=np.float64))
    return Trajectory(
        problem,
        axis,
        as_states(tuple(np.asarray(layer) for layer in kept)),
        Origin.TRAINED,
        {"excess_risk": Estimate.exact(np.asarray(excess), along=axis)},
        provenance=Provenance.here(packages=_PACKAGES),
    )


def run_guaranteed_descent(start: GuaranteedDescent, iterations: int, *, every: int = 1) -> Trajectory:
    """Train with the step of the problem; see `descend_multi_output`.

    Args:
        start: network, weights and step.
        iterations: number of steps, a multiple of `every`.
        every: steps between two observations.

    Raises:
        InputError: if a number is out of range.
    """
    run = descend_multi_output(start.network, start.weights, start.step, iterations, every=every)
    return dataclasses.replace(run, problem=start)


@partial(jax.jit, static_argnames="records")
def _descend(layers: tuple[Array, ...], sigma: Array, M_star: Array, eta: Array, every: Array, *, records: int):
    def excess(layers: tuple[Array, ...]) -> Float[Array, ""]:
        M = layers[0]
        for layer in layers[1:]:
            M = layer @ M
        return jnp.sum((M - M_star) @ sigma * (M - M_star))

    def advance(_, layers: tuple[Array, ...]) -> tuple[Array, ...]:
        return jax.tree.map(lambda layer, slope: layer - eta * slope, layers, jax.grad(excess)(layers))

    def body(layers: tuple[Array, ...], _):
        return lax.fori_loop(0, every, advance, layers), (layers, excess(layers))

    end, before = lax.scan(body, layers, length=records)
    return jax.tree.map(lambda many, one: jnp.concatenate([many, one[None]]), before, (end, excess(end)))

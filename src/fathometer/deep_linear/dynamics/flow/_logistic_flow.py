"""Gradient flow of a deep linear classifier on the logistic loss."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from fathometer.deep_linear.dynamics.flow._precise_solve import solve_precisely, states_of, times_from_zero
from fathometer.deep_linear.model._network import as_states
from fathometer.deep_linear.model.starts._logistic_start import LogisticStart
from fathometer.evidence import (
    Origin,
    Provenance,
    Trajectory,
)
from fathometer.numerics import Solved, in_three_ways, nudged

_PACKAGES = ("fathometer", "diffrax", "jax", "jaxlib", "numpy", "scipy")
_TOLERANCE = 1e-10


def logistic_flow(start: LogisticStart, times: ArrayLike) -> Trajectory:
    """Integrate to 1e-10 relative, with an explicit method of order 8.

    Args:
        start: data and initial weights.
        times: shape (length,), from 0 on, strictly increasing, at least two.

    Returns:
        Along time: states W1 to WL.

    Raises:
        InputError: if the times do not fit.
    """
    axis = times_from_zero(times)
    numbers = jnp.asarray(axis.points), jnp.asarray(start.y[:, None] * start.X)
    provenance = Provenance.here(packages=_PACKAGES)

    def run(tolerance: float, nudge: float) -> Trajectory:
        layers = [layer * nudged(np.ones(layer.shape), nudge) for layer in start.weights]
        solved = _integrate(tuple(map(jnp.asarray, layers)), *numbers, jnp.asarray(tolerance))
        kept = tuple(np.array(layer) for layer in states_of(solved))
        for layer, first in zip(kept, start.weights, strict=True):
            layer[0] = first
        weights = as_states(kept)
        return Trajectory(start, axis, weights, Origin.SIMULATED, provenance=provenance)

    return in_three_ways(run, _TOLERANCE, None)


@jax.jit
def _integrate(
    layers: tuple[Array, ...], times: Float[Array, " T"], signed: Float[Array, "n d"], tolerance: Float[Array, ""]
) -> Solved:
    return solve_precisely(times, _velocity, layers, tolerance, data=signed)


def _velocity(_, layers: tuple[Array, ...], signed: Float[Array, "n d"]) -> tuple[Array, ...]:
    return jax.tree.map(jnp.negative, jax.grad(_loss)(layers, signed))


def _loss(layers: tuple[Array, ...], signed: Float[Array, "n d"]) -> Float[Array, ""]:
    scores = signed.T
    for layer in layers:
        scores = layer @ scores
    return jnp.mean(jnp.logaddexp(0.0, -scores))

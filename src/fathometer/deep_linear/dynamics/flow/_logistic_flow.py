"""Gradient flow of a deep linear classifier on the logistic loss."""

from dataclasses import dataclass
from functools import cached_property

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linprog

from fathometer.deep_linear.model._network import as_states, as_weights
from fathometer.deep_linear.model._problem import DeepLinear, Regression
from fathometer.deep_linear.observables._layer_structure import StructureBounds, structure_bounds
from fathometer.evidence import (
    Axis,
    AxisKind,
    InputError,
    Origin,
    Problem,
    Provenance,
    Trajectory,
    finite_array,
)
from fathometer.numerics import in_three_ways, nudged

_PACKAGES = ("fathometer", "diffrax", "jax", "jaxlib", "numpy", "scipy")
_TOLERANCE = 1e-10
_STEP_LIMIT = 2**20


@dataclass(frozen=True, eq=False)
class LogisticStart(Problem):
    """Gradient flow of mean_i log(1 + exp(-y_i w . x_i)), w = W_1^T ... W_L^T, from given weights.

    Attributes:
        X: inputs, shape (n, d).
        y: labels -1 or 1, shape (n,).
        weights: W_1 to W_L at time 0, W_k of shape (d_k, d_{k-1}), d_L = 1.

    Raises:
        InputError: if a value is not finite, a label is neither -1 nor 1, or shapes do not fit.
    """

    X: NDArray[np.float64]
    y: NDArray[np.float64]
    weights: tuple[NDArray[np.float64], ...]

    def __post_init__(self) -> None:
        X, y = finite_array("X", self.X, ndim=2), finite_array("y", self.y, ndim=1)
        if len(X) != len(y) or not X.size:
            raise InputError(f"X must be (n, d) and y (n,) with n, d >= 1, got {X.shape} and {y.shape}")
        if not np.all(np.abs(y) == 1):
            raise InputError("labels must be -1 or 1")
        shape = DeepLinear(Regression(np.eye(X.shape[1]), np.zeros(X.shape[1])), len(self.weights))
        weights = as_weights(shape, self.weights)
        if weights[0].ndim != 2:
            raise InputError(f"weights must have no batch axis, got W_1 of shape {weights[0].shape}")
        for name, value in (("X", X), ("y", y), ("weights", weights)):
            object.__setattr__(self, name, value)

    @cached_property
    def separation(self) -> float:
        """Largest min_i y_i w . x_i over w with entries in [-1, 1]: positive if the data are separable."""
        signed = self.y[:, None] * self.X
        system = np.column_stack([-signed, np.ones(len(signed))])
        limits = [(-1, 1)] * self.X.shape[1] + [(None, None)]
        found = linprog(np.eye(self.X.shape[1] + 1)[-1] * -1, A_ub=system, b_ub=np.zeros(len(signed)), bounds=limits)
        return float(found.x[-1])

    @cached_property
    def bounds(self) -> StructureBounds:
        """What the start says about the layers at all times."""
        return structure_bounds(self.weights)


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
    axis = Axis(AxisKind.TIME, finite_array("times", times, ndim=1))
    if len(axis) < 2 or axis.points[0] != 0:
        raise InputError("times must begin at 0 and be at least two")
    numbers = jnp.asarray(axis.points), jnp.asarray(start.y[:, None] * start.X)
    provenance = Provenance.here(packages=_PACKAGES)

    def run(tolerance: float, nudge: float) -> Trajectory:
        layers = [layer * nudged(np.ones(layer.shape), nudge) for layer in start.weights]
        states = _integrate(tuple(map(jnp.asarray, layers)), *numbers, jnp.asarray(tolerance))
        kept = tuple(np.array(layer) for layer in states)
        for layer, first in zip(kept, start.weights, strict=True):
            layer[0] = first
        weights = as_states(kept)
        return Trajectory(start, axis, weights, Origin.SIMULATED, provenance=provenance)

    return in_three_ways(run, _TOLERANCE, None)


@jax.jit
def _integrate(
    layers: tuple[Array, ...], times: Float[Array, " T"], signed: Float[Array, "n d"], tolerance: Float[Array, ""]
) -> tuple[Array, ...]:
    scale = jnp.sqrt(sum(jnp.sum(layer**2) for layer in layers))
    solution = diffrax.diffeqsolve(
        diffrax.ODETerm(lambda t, layers, signed: jax.tree.map(jnp.negative, jax.grad(_loss)(layers, signed))),
        diffrax.Dopri8(),
        t0=times[0],
        t1=times[-1],
        dt0=None,
        y0=layers,
        args=signed,
        saveat=diffrax.SaveAt(ts=times),
        stepsize_controller=diffrax.PIDController(rtol=tolerance, atol=tolerance * scale),
        max_steps=_STEP_LIMIT,
    )
    return jax.tree.map(jnp.asarray, solution.ys)


def _loss(layers: tuple[Array, ...], signed: Float[Array, "n d"]) -> Float[Array, ""]:
    scores = signed.T
    for layer in layers:
        scores = layer @ scores
    return jnp.mean(jnp.logaddexp(0.0, -scores))

"""The oscillation of a deep linear network next to a flattest minimizer, from its derivatives there."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from fathometer.deep_linear.model._network import as_single_weights
from fathometer.deep_linear.model._padded_weights import RiskArrays, risk_arrays
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model.flat._flat_risk import Shapes, flat_risk, flattened, shapes_of
from fathometer.evidence import Record

_FLAT = 1e-8  # of the sharpness, below which an eigenvalue is one of the manifold of minimizers


@dataclass(frozen=True, eq=False)
class NetworkOscillation(Record):
    """What descent with step (2 + mu) / S does next to a minimizer of sharpness S, for small mu.

    Derived: W = s +- d v up to higher order, v the top eigenvector. The mean slope at the two points is zero, so
    s = -(d^2 / 2) H^+ T[v, v] with the third derivatives T; the mean Hessian between them has eigenvalue 2 / step, so
    d^2 = mu / (2 A) with A = (T[v,v] H^+ T[v,v] / 2 - Q[v,v,v,v] / 6) / S and the fourth derivatives Q.

    Attributes:
        sharpness: S, the largest eigenvalue.
        second: the next one.
        criterion: A; the oscillation exists for mu > 0 and is stable where it is positive.
        drift: share of T[v, v], the slope of the sharpness, along the manifold of minimizers: 0 at a flattest one,
            where descent drifts no further.
    """

    sharpness: float
    second: float
    criterion: float
    drift: float

    def amplitude_squared(self, excess: float) -> float:
        """d^2, half the distance of the two points squared, to first order; NaN where there is no such orbit.

        Args:
            excess: mu = step S - 2.
        """
        there = self.criterion != 0 and excess / self.criterion > 0
        return excess / (2 * self.criterion) if there else math.nan


def network_oscillation(problem: DeepLinear, weights: Sequence[ArrayLike]) -> NetworkOscillation:
    """Evaluate second to fourth derivatives of the risk at a minimizer.

    Args:
        problem: the network; small, since the full Hessian is used.
        weights: a global minimizer, W_k of shape (d_k, d_{k-1}).

    Raises:
        InputError: if the weights do not fit the network.
    """
    read = as_single_weights(problem, weights)  # type: ignore[arg-type]
    parts = _derivatives(flattened(read), risk_arrays(problem), shapes_of(read))
    values, third, fourth = (np.asarray(part) for part in parts)
    curved = values > _FLAT * values[-1]
    total = float(np.linalg.norm(third))
    criterion = (np.sum(third[curved] ** 2 / values[curved]) / 2 - float(fourth) / 6) / values[-1]
    drift = float(np.linalg.norm(third[~curved])) / total if total else 0.0
    return NetworkOscillation(float(values[-1]), float(values[-2]), float(criterion), drift)


@partial(jax.jit, static_argnames="shapes")
def _derivatives(flat: Float[Array, " p"], risk: RiskArrays, shapes: Shapes) -> tuple[Array, Array, Array]:
    """Eigenvalues of the Hessian, T[v, v] in its eigenvectors, and Q[v, v, v, v]."""
    values, vectors = jnp.linalg.eigh(jax.hessian(flat_risk)(flat, risk, shapes))
    top = vectors[:, -1]

    def slope(t: Array) -> Array:
        return jax.grad(flat_risk)(flat + t * top, risk, shapes)

    second = _derived(_derived(slope))
    return values, vectors.T @ second(jnp.zeros(())), top @ _derived(second)(jnp.zeros(()))


def _derived(function: Callable[[Array], Array]) -> Callable[[Array], Array]:
    return lambda t: jax.jvp(function, (t,), (jnp.ones(()),))[1]

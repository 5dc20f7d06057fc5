"""The edge of stability: averaged descent beside the flow that keeps the sharpness at 2 / step."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float, Int
from numpy.typing import ArrayLike

from fathometer.deep_linear.model._network import as_states
from fathometer.deep_linear.model._padded_weights import RiskArrays, risk_arrays
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model.flat._flat_risk import Shapes, flat_risk, flattened, shapes_of, unflattened
from fathometer.deep_linear.model.starts._edge_of_stability import EdgeOfStability
from fathometer.evidence import (
    Axis,
    AxisKind,
    Estimate,
    InputError,
    Origin,
    Provenance,
    Trajectory,
    whole_number,
)
from fathometer.numerics import nudged

_PACKAGES = ("fathometer", "jax", "jaxlib", "numpy")
_SUBSTEPS = 8
_FEWER = 3  # of a twin, whose errors are larger by 8/3


def reach_edge(
    network: DeepLinear, weights: Sequence[ArrayLike], step: float, limit: int = 2000, settle: int = 60
) -> EdgeOfStability:
    """Follow gradient flow until the sharpness is 2 / step, and the central flow for some steps more.

    Args:
        network: the network.
        weights: W_1 to W_L, W_k of shape (d_k, d_{k-1}), of a sharpness below 2 / step.
        step: step size, positive.
        limit: of the time, in steps.
        settle: how many steps more.

    Raises:
        InputError: if the sharpness does not reach 2 / step, or a value is out of range.
    """
    start = EdgeOfStability(network, tuple(weights), step)  # type: ignore[arg-type]
    count = whole_number("limit", limit, at_least=1) + whole_number("settle", settle, at_least=0)
    path = _central(
        flattened(start.weights), _setting(start), jnp.asarray(_SUBSTEPS), shapes=shapes_of(start.weights), count=count
    )
    reached = np.flatnonzero(np.asarray(path.sharpness[:limit]) >= 2 / start.step)
    if not reached.size:
        raise InputError(f"the sharpness must reach 2 / step = {2 / start.step:.6g} within {limit} steps")
    return EdgeOfStability(
        network, unflattened(np.asarray(path.weights[reached[0] + settle]), shapes_of(start.weights)), step
    )


def run_at_edge(problem: EdgeOfStability, iterations: int) -> Trajectory:
    """Run descent from the centre, displaced along the top eigenvector by the oscillation that is predicted.

    The centre of the central flow moves by dW/dt = -grad R - (x^2 / 2) grad S, with the variance
    x^2 = max(0, -2 <grad S, grad R> / |grad S|^2) that holds the sharpness S at 2 / step; below it is gradient flow.
    With one unstable direction this is gradient flow projected onto {S <= 2 / step}. Integrated by Euler's method with
    8 substeps for each step, each pulled back to S = 2 / step.

    Source: Damian, Nichani and Lee (2023); Cohen et al. (2024), one unstable direction.

    Args:
        problem: where it starts.
        iterations: number of steps, at least 1.

    Returns:
        Along steps 0 ... iterations: the centre as states W1 to WL; observed `sharpness` of the averaged descent
        (W_t + W_{t+1}) / 2, its `distance` from the centre, and `flow_distance`, that of gradient flow from the centre.

    Raises:
        InputError: if the number of iterations is below 1.
    """
    count, shapes = whole_number("iterations", iterations, at_least=1) + 1, shapes_of(problem.weights)
    setting, axis = _setting(problem), Axis(AxisKind.STEP, np.arange(float(count)))
    provenance = Provenance.here(packages=_PACKAGES)

    def run(substeps: int, nudge: bool) -> Trajectory:
        flat = np.asarray(flattened(problem.weights))
        start = jnp.asarray(flat * nudged(np.ones(flat.shape)) if nudge else flat)
        how = {"shapes": shapes, "count": count}
        centre = _central(start, setting, jnp.asarray(substeps), **how)
        flow = _flow(start, setting, jnp.asarray(substeps), **how)
        averaged, sharpness = _averaged_descent(start, setting, **how)
        measured = {
            "sharpness": sharpness,
            "distance": jnp.linalg.norm(averaged - centre.weights, axis=1),
            "flow_distance": jnp.linalg.norm(flow - centre.weights, axis=1),
        }
        observed = {name: Estimate.exact(np.asarray(values), along=axis) for name, values in measured.items()}
        states = as_states(unflattened(np.asarray(centre.weights), shapes))
        return Trajectory(problem, axis, states, Origin.SIMULATED, observed, provenance=provenance)

    return run(_SUBSTEPS, False).checked([run(_FEWER, True)])


class _Setting(NamedTuple):
    risk: RiskArrays
    step: Float[Array, ""]


class _Path(NamedTuple):
    weights: Float[Array, "T p"]
    sharpness: Float[Array, " T"]


def _top(flat: Float[Array, " p"], setting: _Setting, shapes: Shapes) -> tuple[Array, Array]:
    """Sharpness and top eigenvector."""
    values, vectors = jnp.linalg.eigh(jax.hessian(flat_risk)(flat, setting.risk, shapes))
    return values[-1], vectors[:, -1]


def _forces(flat: Float[Array, " p"], setting: _Setting, shapes: Shapes) -> tuple[Array, Array, Array, Array]:
    """-grad R, S, grad S and the variance x^2 that holds S."""
    sharpness, slope = jax.value_and_grad(lambda at: _top(at, setting, shapes)[0])(flat)
    down = -jax.grad(flat_risk)(flat, setting.risk, shapes)
    return down, sharpness, slope, jnp.maximum(0.0, 2 * slope @ down / (slope @ slope))


@partial(jax.jit, static_argnames=("shapes", "count"))
def _central(
    start: Float[Array, " p"], setting: _Setting, substeps: Int[Array, ""], *, shapes: Shapes, count: int
) -> _Path:
    part, limit = setting.step / substeps.astype(start.dtype), 2 / setting.step

    def substep(_, flat: Array) -> Array:
        down, sharpness, slope, variance = _forces(flat, setting, shapes)
        back = part * variance / 2 + jnp.maximum(sharpness - limit, 0.0) / (slope @ slope)
        return flat + part * down - jnp.where(sharpness >= limit, back, 0.0) * slope

    def body(flat: Array, _):
        return lax.fori_loop(0, substeps, substep, flat), _Path(flat, _top(flat, setting, shapes)[0])

    return lax.scan(body, start, length=count)[1]


@partial(jax.jit, static_argnames=("shapes", "count"))
def _flow(
    start: Float[Array, " p"], setting: _Setting, substeps: Int[Array, ""], *, shapes: Shapes, count: int
) -> Float[Array, "T p"]:
    part = setting.step / substeps.astype(start.dtype)

    def substep(_, flat: Array) -> Array:
        return flat - part * jax.grad(flat_risk)(flat, setting.risk, shapes)

    return lax.scan(lambda flat, _: (lax.fori_loop(0, substeps, substep, flat), flat), start, length=count)[1]


@partial(jax.jit, static_argnames=("shapes", "count"))
def _averaged_descent(
    start: Float[Array, " p"], setting: _Setting, *, shapes: Shapes, count: int
) -> tuple[Float[Array, "T p"], Float[Array, " T"]]:
    """Means of two successive iterates and their sharpness; W_0 is displaced by x along the top eigenvector."""
    _, sharpness, _, variance = _forces(start, setting, shapes)
    amplitude = jnp.where(sharpness >= 2 / setting.step, jnp.sqrt(variance), 0.0)
    displaced = start + amplitude * _top(start, setting, shapes)[1]

    def body(flat: Array, _):
        after = flat - setting.step * jax.grad(flat_risk)(flat, setting.risk, shapes)
        mean = (flat + after) / 2
        return after, (mean, _top(mean, setting, shapes)[0])

    return lax.scan(body, displaced, length=count)[1]


def _setting(problem: EdgeOfStability) -> _Setting:
    return _Setting(risk_arrays(problem.network), jnp.asarray(problem.step))

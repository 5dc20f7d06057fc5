"""The edge of stability with one adaptive scale: scalar RMSProp and Adam beside their central flow."""

import dataclasses
import math
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from fathometer.deep_linear.model._curvature import reduced_sharpness
from fathometer.deep_linear.model._network import as_single_weights, as_states
from fathometer.deep_linear.model._padded_weights import RiskArrays, risk_arrays
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model.flat._flat_risk import Shapes, flat_risk, flattened, shapes_of, unflattened
from fathometer.deep_linear.model.starts._adaptive_edge import AdaptiveEdge
from fathometer.evidence import Axis, AxisKind, Estimate, Origin, Provenance, Trajectory, whole_number
from fathometer.numerics import nudged

_PACKAGES = ("fathometer", "jax", "jaxlib", "numpy")
_SUBSTEPS, _FEWER = 4.0, 1.5  # for each unit of the limit: 8 and 3 at the limit 2 of RMSProp


def settle_at_adaptive_edge(
    network: DeepLinear,
    weights: Sequence[ArrayLike],
    step: float,
    beta2: float,
    beta1: float = 0.0,
    steps: int = 60,
) -> AdaptiveEdge:
    """Choose nu so that the weights are at the edge, and follow the central flow for some steps.

    Args:
        network: the network.
        weights: W_1 to W_L, W_k of shape (d_k, d_{k-1}), with a sharpness above 0.
        step: step size, positive.
        beta2: of the scale, in (0, 1]; 1 keeps it.
        beta1: of the momentum, in [0, 1).
        steps: how many, at least 1.

    Raises:
        InputError: if a value is out of range.
    """
    read = as_single_weights(network, weights)  # type: ignore[arg-type]
    free = AdaptiveEdge(network, read, 1.0, step, beta2, beta1)
    variance = (step * float(reduced_sharpness(network, read).value) / free.limit) ** 2
    start = dataclasses.replace(free, variance=variance)
    count = whole_number("steps", steps, at_least=1) + 1
    path = _central(_start(start), _setting(start), jnp.asarray(True), shapes=shapes_of(read), count=count)
    layers = unflattened(np.asarray(path.weights[-1]), shapes_of(read))
    return dataclasses.replace(start, weights=layers, variance=float(path.variance[-1]))


def run_at_adaptive_edge(problem: AdaptiveEdge, iterations: int) -> Trajectory:
    """Run scalar Adam from the centre, displaced by the oscillation that is predicted, and both flows.

    Central flow, derived in `docs/deep-linear-edge.md` by averaging over W +- x v: with r = step / sqrt(nu),
    dW/dt = -r (grad R + (x^2 / 2) grad S), dnu/dt = -log(beta2) (|grad R|^2 + x^2 S^2 - nu), and the variance x^2 >= 0
    that holds r S at its limit (2 + 2 beta1) / (1 - beta1). The stable flow is the same with x = 0.

    Source: Cohen et al. (2024), scalar RMSProp; with momentum derived here.

    Args:
        problem: where it starts.
        iterations: number of steps, at least 1.

    Returns:
        Along steps 0 ... iterations: the centre as states W1 to WL, and its "variance"; observed `effective` (r S
        over its limit, of the averaged optimiser (W_t + W_{t+1}) / 2), its `distance` from the centre, `flow_distance`,
        that of the stable flow from the centre, `oscillation`, the x that the flow predicts, and `swing`, half the step
        of the optimiser along the top eigenvector.

    Raises:
        InputError: if the number of iterations is below 1.
    """
    count, shapes = whole_number("iterations", iterations, at_least=1) + 1, shapes_of(problem.weights)
    axis, provenance = Axis(AxisKind.STEP, np.arange(float(count))), Provenance.here(packages=_PACKAGES)

    def run(per_unit: float, nudge: bool) -> Trajectory:
        start, setting = _start(problem), _setting(problem, per_unit)
        if nudge:
            start = start._replace(weights=start.weights * nudged(np.ones(start.weights.shape)))
        centre, stable = (
            _central(start, setting, jnp.asarray(held), shapes=shapes, count=count) for held in (True, False)
        )
        averaged, effective, swing = _averaged(start, setting, shapes=shapes, count=count)
        measured = {
            "swing": swing,
            "effective": effective,
            "distance": jnp.linalg.norm(averaged - centre.weights, axis=1),
            "flow_distance": jnp.linalg.norm(stable.weights - centre.weights, axis=1),
            "oscillation": jnp.sqrt(centre.squared),
        }
        observed = {name: Estimate.exact(np.asarray(values), along=axis) for name, values in measured.items()}
        states = as_states(unflattened(np.asarray(centre.weights), shapes))
        states = dict(states) | {"variance": np.asarray(centre.variance)}
        return Trajectory(problem, axis, states, Origin.SIMULATED, observed, provenance=provenance)

    return run(_SUBSTEPS, False).checked([run(_FEWER, True)])


class _Setting(NamedTuple):
    risk: RiskArrays
    step: Array
    beta1: Array
    beta2: Array
    limit: Array
    substeps: Array


class _State(NamedTuple):
    weights: Float[Array, "*T p"]
    variance: Float[Array, "*T"]
    squared: Float[Array, "*T"]  # x^2 of the oscillation


class _Forces(NamedTuple):
    down: Float[Array, " p"]
    sharpness: Array
    slope: Float[Array, " p"]
    rise: Array  # of log(r S) per step without an oscillation
    fall: Array  # by x^2 = 1


def _setting(problem: AdaptiveEdge, per_unit: float = _SUBSTEPS) -> _Setting:
    numbers = (problem.step, problem.beta1, problem.beta2, problem.limit, math.ceil(per_unit * problem.limit))
    return _Setting(risk_arrays(problem.network), *map(jnp.asarray, numbers))


def _start(problem: AdaptiveEdge) -> _State:
    return _State(flattened(problem.weights), jnp.asarray(problem.variance), jnp.zeros(()))


def _top(flat: Float[Array, " p"], setting: _Setting, shapes: Shapes) -> tuple[Array, Array]:
    values, vectors = jnp.linalg.eigh(jax.hessian(flat_risk)(flat, setting.risk, shapes))
    return values[-1], vectors[:, -1]


def _forces(flat: Float[Array, " p"], variance: Array, setting: _Setting, shapes: Shapes) -> _Forces:
    sharpness, slope = jax.value_and_grad(lambda at: _top(at, setting, shapes)[0])(flat)
    down = -jax.grad(flat_risk)(flat, setting.risk, shapes)
    scale, rate = setting.step / jnp.sqrt(variance), -jnp.log(setting.beta2)
    rise = scale * (slope @ down) / sharpness + rate * (1 - down @ down / variance) / 2
    fall = scale * (slope @ slope) / (2 * sharpness) + rate * sharpness**2 / (2 * variance)
    return _Forces(down, sharpness, slope, rise, fall)


@partial(jax.jit, static_argnames=("shapes", "count"))
def _central(start: _State, setting: _Setting, held: Array, *, shapes: Shapes, count: int) -> _State:
    part = 1 / setting.substeps.astype(start.weights.dtype)
    rate = -jnp.log(setting.beta2)

    def substep(_, state: _State) -> _State:
        flat, variance, _ = state
        forces, scale = _forces(flat, variance, setting, shapes), setting.step / jnp.sqrt(variance)
        ratio = scale * forces.sharpness / setting.limit
        at_edge = held & (ratio >= 1)
        squared = jnp.where(at_edge, jnp.maximum(0.0, forces.rise / forces.fall), 0.0)
        moved = part * squared + jnp.where(at_edge, jnp.log(ratio) / forces.fall, 0.0)  # the rest pulls back to it
        power = forces.down @ forces.down - variance
        flat = flat + scale * (part * forces.down - moved / 2 * forces.slope)
        return _State(flat, variance + rate * (part * power + moved * forces.sharpness**2), squared)

    def body(state: _State, _) -> tuple[_State, _State]:
        forces = _forces(state.weights, state.variance, setting, shapes)
        expected = jnp.where(held, jnp.maximum(0.0, forces.rise / forces.fall), 0.0)
        return lax.fori_loop(0, setting.substeps, substep, state), state._replace(squared=expected)

    return lax.scan(body, start, length=count)[1]


@partial(jax.jit, static_argnames=("shapes", "count"))
def _averaged(start: _State, setting: _Setting, *, shapes: Shapes, count: int) -> tuple[Array, Array, Array]:
    """Means of two successive iterates, their r S over the limit, and x; at first displaced by it along the top."""
    forces = _forces(start.weights, start.variance, setting, shapes)
    sharpness, top = _top(start.weights, setting, shapes)
    there = setting.step * sharpness / jnp.sqrt(start.variance) >= setting.limit * (1 - 1e-3)
    x = jnp.where(there, jnp.sqrt(jnp.maximum(0.0, forces.rise / forces.fall)), 0.0)
    swing = x * sharpness * (1 - setting.beta1) / (1 + setting.beta1)  # of m, one step behind the gradient
    momentum = jnp.where(setting.beta1 > 0, -forces.down - swing * top, jnp.zeros_like(top))

    def body(state: tuple[Array, Array, Array], _):
        flat, variance, momentum = state
        slope = jax.grad(flat_risk)(flat, setting.risk, shapes)
        after = setting.beta2 * variance + (1 - setting.beta2) * (slope @ slope)
        momentum = setting.beta1 * momentum + (1 - setting.beta1) * slope
        moved = flat - setting.step * momentum / jnp.sqrt(after)
        mean = (flat + moved) / 2
        sharpness, top = _top(mean, setting, shapes)
        effective = setting.step * sharpness / jnp.sqrt((variance + after) / 2) / setting.limit
        return (moved, after, momentum), (mean, effective, jnp.abs(top @ (moved - flat)) / 2)

    return lax.scan(body, (start.weights + x * top, start.variance, momentum), length=count)[1]

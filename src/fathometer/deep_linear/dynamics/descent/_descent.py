"""Gradient descent for many runs at once, compiled once per shape, on (sigma, w_star) alone or on mini-batches."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Bool, Float
from numpy.typing import ArrayLike, NDArray

from fathometer.deep_linear.dynamics.descent._running_sharpness import columns, sharpness_of_runs
from fathometer.deep_linear.dynamics.descent._stochastic import (
    MiniBatches,
    PackedSamples,
    drawn_samples,
    mini_batch_slope,
)
from fathometer.deep_linear.model._momentum import Momentum
from fathometer.deep_linear.model._network import Weights, as_weights
from fathometer.deep_linear.model._padded_weights import Layers, backward, moved, pack, unpack
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.evidence import InputError, finite_array, whole_number

_BLOW_UP = 1e10
_PART = 0.25  # seconds of a part of a long run


class Descent(NamedTuple):
    """What came of a batch of runs; R + 1 records at steps 0, every, ..., iterations.

    Attributes:
        excess_risk: risk above its minimum, shape (R + 1, batch); inf from the divergence on.
        distance: |w - w_star|, shape (R + 1, batch); NaN from the divergence on.
        diverged_at: first step at which the risk was above `divergence_threshold` or NaN, shape (batch,); else inf.
        weights: at the end, W_k of shape (batch, d_k, d_{k-1}); those of a diverged run as they were at that step.
        stored: weights at every record, W_k of shape (R + 1, batch, d_k, d_{k-1}), if they were asked for.
        sharpness: top Hessian eigenvalue of the risk, shape (R + 1, batch), NaN from the divergence on, if asked for.
        residual: |H v - sharpness v| of its unit eigenvector, shape (R + 1, batch), if asked for.
    """

    excess_risk: NDArray[np.float64]
    distance: NDArray[np.float64]
    diverged_at: NDArray[np.float64]
    weights: Weights
    stored: Weights | None = None
    sharpness: NDArray[np.float64] | None = None
    residual: NDArray[np.float64] | None = None


def divergence_threshold(problem: DeepLinear) -> float:
    """Risk above which a run counts as diverged: 1e10, or 1e10 times the risk of w = 0 if that is above 1."""
    return _BLOW_UP * max(1.0, problem.regression.risk_min + problem.regression.explained)


def descend_batch(
    problem: DeepLinear,
    weights: Sequence[ArrayLike],
    steps: ArrayLike,
    iterations: int,
    *,
    every: int = 1,
    store: bool = False,
    sharpness: bool = False,
    momentum: Momentum | None = None,
    batches: MiniBatches | None = None,
) -> Descent:
    """Run W <- W - step grad R(W) for a batch of step sizes and initial weights.

    Args:
        problem: the network.
        weights: initial W_1 to W_L, W_k of shape (d_k, d_{k-1}) for all runs, or (batch, d_k, d_{k-1}).
        steps: step sizes, positive, shape (batch,).
        iterations: number of steps, a multiple of `every`.
        every: steps between two records.
        store: whether to keep the weights at every record.
        sharpness: whether to record the sharpness.
        momentum: heavy ball or Nesterov; None for plain descent.
        batches: gradients from mini-batches; None for the full risk. What is recorded is always the full risk.

    Raises:
        InputError: if a value is out of range or shapes do not fit.
    """
    start, state, setting, limit, rule = _prepared(problem, weights, steps, store, sharpness, momentum, batches)
    count, stride = whole_number("iterations", iterations, at_least=1), whole_number("every", every, at_least=1)
    if count % stride:
        raise InputError(f"iterations must be a multiple of every = {stride}, got {count}")
    end, seen = _run(state, setting, limit, jnp.asarray(stride), records=count // stride, rule=rule)
    kept = None if seen.layers is None else unpack(seen.layers, start)
    parts = [None if part is None else np.asarray(part) for part in (seen.sharpness, seen.residual)]
    excess, distance, at = (np.asarray(part) for part in (seen.excess, seen.distance, end.diverged_at))
    return Descent(excess, distance, at, unpack(end.layers, start), kept, *parts)


def descend_in_parts(
    problem: DeepLinear,
    weights: Sequence[ArrayLike],
    step: float,
    iterations: int,
    watch: Callable[[int], bool],
    *,
    momentum: Momentum | None = None,
    batches: MiniBatches | None = None,
) -> tuple[Descent, int]:
    """One run with records at its start and end alone, in parts of about a quarter of a second: the same in every bit.

    Args:
        problem: as for `descend_batch`.
        weights: as there, without a batch axis.
        step: step size, positive.
        iterations: number of steps.
        watch: is told after each part how many steps are done, and says whether to go on.
        momentum: as there.
        batches: as there.

    Returns:
        The run with its weights, and the number of steps that were made: fewer if it was stopped or diverged.

    Raises:
        InputError: if a value is out of range or shapes do not fit.
    """
    start, state, setting, limit, rule = _prepared(problem, weights, [step], True, False, momentum, batches)
    count, done, part, seen = whole_number("iterations", iterations, at_least=1), 0, 1, []
    while done < count:
        began, part = time.monotonic(), min(part, count - done)
        state, records = _run(state, setting, limit, jnp.asarray(part), records=1, rule=rule)
        done, seen = done + part, [*seen[:1], jax.tree.map(np.asarray, records)]
        part = _next_part(part, time.monotonic() - began)
        if np.all(np.isfinite(state.diverged_at)):
            done = count
        elif not watch(done):
            break
    both = jax.tree.map(lambda first, last: np.stack([first[0], last[1]]), seen[0], seen[-1])
    at = np.asarray(state.diverged_at)
    return Descent(both.excess, both.distance, at, unpack(state.layers, start), unpack(both.layers, start)), done


def _next_part(part: int, seconds: float) -> int:
    """Steps for a quarter of a second at the speed of the last part, at most 16 times as many as before."""
    return max(1, min(16 * part, int(part * _PART / max(seconds, 1e-6))))


def _prepared(
    problem: DeepLinear,
    weights: Sequence[ArrayLike],
    steps: ArrayLike,
    store: bool,
    sharpness: bool,
    momentum: Momentum | None,
    batches: MiniBatches | None,
) -> "tuple[Weights, _State, _Setting, Array, _Rule]":
    """What compiled code begins with.

    Raises:
        InputError: if a value is out of range or shapes do not fit.
    """
    etas = finite_array("steps", steps, ndim=1)
    if not etas.size or np.any(etas <= 0):
        raise InputError("steps must be positive and at least one")
    start = _batched(as_weights(problem, weights), etas.size)
    data = problem.regression
    beta = None if momentum is None else jnp.asarray(momentum.beta)
    samples = None if batches is None else batches.packed(problem)
    setting = _Setting(*map(jnp.asarray, (data.sigma, data.w_star, problem.output, etas)), beta=beta, samples=samples)
    rule = _Rule(momentum is not None and momentum.nesterov, 0 if batches is None else batches.size, store)
    limit = jnp.asarray(divergence_threshold(problem) - data.risk_min)
    direction, layers, never = (
        _any_direction(start) if sharpness else None,
        pack(start),
        jnp.full(etas.shape, jnp.inf, jnp.float64),
    )
    state = _State(layers, None if beta is None else layers, never, jnp.zeros((), jnp.float64), direction)
    return start, state, setting, limit, rule


class _Rule(NamedTuple):
    """What the compiled code depends on."""

    nesterov: bool
    batch_size: int
    store: bool


class _Setting(NamedTuple):
    sigma: Float[Array, "d d"]
    w_star: Float[Array, " d"]
    output: Float[Array, " o"]
    eta: Float[Array, " b"]
    beta: Float[Array, ""] | None
    samples: PackedSamples | None


class _State(NamedTuple):
    layers: Layers
    previous: Layers | None  # one step before; None without momentum
    diverged_at: Float[Array, " b"]
    step: Float[Array, ""]
    direction: Float[Array, "n b"] | None  # where the search for the sharpness begins


class _Seen(NamedTuple):
    excess: Float[Array, "*r b"]
    distance: Float[Array, "*r b"]
    layers: Layers | None
    sharpness: Float[Array, "*r b"] | None
    residual: Float[Array, "*r b"] | None


@partial(jax.jit, static_argnames=("records", "rule"))
def _run(
    start: _State,
    setting: _Setting,
    limit: Array,
    every: Array,
    *,
    records: int,
    rule: _Rule,
) -> tuple[_State, _Seen]:
    """Alternate a record and `every` steps; the last record is at the end."""

    def advance(_, state: _State) -> _State:
        excess, after = _step(state, setting, rule)
        state = _flag(state, excess, limit)
        running = jnp.isinf(state.diverged_at)
        keep = partial(jax.tree.map, lambda new, old: jnp.where(_expand(running, new.ndim), new, old))
        previous = None if state.previous is None else keep(state.layers, state.previous)
        return state._replace(layers=keep(after, state.layers), previous=previous, step=state.step + 1)

    def body(state: _State, _) -> tuple[_State, _Seen]:
        state, seen = _record(state, setting, limit, rule)
        return lax.fori_loop(0, every, advance, state), seen

    end, before = lax.scan(body, start, length=records)
    end, final = _record(end, setting, limit, rule)
    return end, jax.tree.map(lambda many, one: jnp.concatenate([many, one[None]]), before, final)


def _step(state: _State, setting: _Setting, rule: _Rule) -> tuple[Float[Array, " b"], Layers]:
    """Excess risk where the gradient is taken, and the layers after the step."""
    layers, base = state.layers, state.layers
    if state.previous is not None:
        base = jax.tree.map(lambda now, old: now + setting.beta * (now - old), layers, state.previous)
    at = base if rule.nesterov else layers
    passed = backward(at, setting.output)
    error = passed.product - setting.w_star[:, None]
    half_slope = setting.sigma @ error
    excess = jnp.sum(error * half_slope, axis=0)
    if setting.samples is not None:
        drawn = drawn_samples(setting.samples, state.step, rule.batch_size, setting.eta.size)
        half_slope = mini_batch_slope(setting.samples, drawn, passed.product)
    return excess, moved(base, at, passed, 2 * setting.eta[None, :] * half_slope)


def _record(state: _State, setting: _Setting, limit: Array, rule: _Rule) -> tuple[_State, _Seen]:
    error = backward(state.layers, setting.output).product - setting.w_star[:, None]
    excess, distance = jnp.sum(error * (setting.sigma @ error), axis=0), jnp.sqrt(jnp.sum(error**2, axis=0))
    state = _flag(state, excess, limit)
    running = jnp.isinf(state.diverged_at)
    value = residual = None
    if state.direction is not None:
        still = jax.tree.map(lambda leaf: jnp.where(_expand(running, leaf.ndim), leaf, 0.0), state.layers)
        value, residual, vector = sharpness_of_runs(still, state.direction, *setting[:3])
        state = state._replace(direction=jnp.where(running, vector, state.direction))
        value, residual = (jnp.where(running, part, jnp.nan) for part in (value, residual))
    excess, distance = jnp.where(running, excess, jnp.inf), jnp.where(running, distance, jnp.nan)
    return state, _Seen(excess, distance, state.layers if rule.store else None, value, residual)


def _any_direction(weights: Weights) -> Float[Array, "n b"]:
    """A Gaussian direction for each run, which no symmetry of the network singles out; zero on the padding."""
    generator = np.random.default_rng(0)
    return columns(pack(tuple(generator.standard_normal(matrix.shape) for matrix in weights)))


def _flag(state: _State, excess: Float[Array, " b"], limit: Array) -> _State:
    """Note the step at which a run passes the limit for the first time; NaN counts as beyond."""
    bad = ~(excess <= limit) & jnp.isinf(state.diverged_at)
    return state._replace(diverged_at=jnp.where(bad, state.step, state.diverged_at))


def _expand(mask: Bool[Array, " b"], ndim: int) -> Array:
    return mask.reshape((1,) * (ndim - 1) + mask.shape)


def _batched(weights: Weights, batch: int) -> Weights:
    """Weights with one batch axis.

    Raises:
        InputError: if they have another batch axis already.
    """
    lead = weights[0].shape[:-2]
    if lead not in ((), (batch,)):
        raise InputError(f"weights must have no batch axis or one of {batch}, as many as steps, got {lead}")
    return tuple(np.broadcast_to(matrix, (batch, *matrix.shape[-2:])) for matrix in weights)

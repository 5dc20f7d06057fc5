"""Gradient descent for many runs at once, compiled once per shape, on (sigma, w_star) alone or on mini-batches."""

import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike, NDArray

from fathometer.deep_linear.dynamics.descent._compiled_descent import Rule, Setting, State, advance
from fathometer.deep_linear.dynamics.descent._running_sharpness import columns
from fathometer.deep_linear.dynamics.descent._training import Recording, Training, step_sizes
from fathometer.deep_linear.model._network import Weights, as_weights
from fathometer.deep_linear.model._padded_weights import pack, risk_arrays, unpack
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.evidence import InputError

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
    training: Training,
    recording: Recording | None = None,
) -> Descent:
    """Run W <- W - step grad R(W) for a batch of step sizes and initial weights.

    Args:
        problem: the network.
        weights: initial W_1 to W_L, W_k of shape (d_k, d_{k-1}) for all runs, or (batch, d_k, d_{k-1}).
        steps: step sizes, positive, shape (batch,).
        training: number of steps, momentum and mini-batches.
        recording: what is kept, and how often; if None, the excess risk and the distance after every step.

    Raises:
        InputError: if a step size is out of range, shapes do not fit, or the number of steps is no multiple of
            `recording.every`.
    """
    keep = Recording() if recording is None else recording
    records, run = keep.count(training.iterations), _prepared(problem, weights, steps, training, keep)
    end, seen = advance(run.state, run.setting, jnp.asarray(keep.every), records=records, rule=run.rule)
    kept = None if seen.layers is None else unpack(seen.layers, run.start)
    parts = [None if part is None else np.asarray(part) for part in (seen.sharpness, seen.residual)]
    excess, distance, at = (np.asarray(part) for part in (seen.excess, seen.distance, end.diverged_at))
    return Descent(excess, distance, at, unpack(end.layers, run.start), kept, *parts)


def descend_in_parts(
    problem: DeepLinear,
    weights: Sequence[ArrayLike],
    step: float,
    training: Training,
    watch: Callable[[int], bool],
    marks: Sequence[int] = (),
) -> tuple[Descent, NDArray[np.float64]]:
    """One run with few records, in parts of about a quarter of a second: the same in every bit.

    Args:
        problem: the network.
        weights: as for `descend_batch`, without a batch axis.
        step: step size, positive.
        training: number of steps, momentum and mini-batches.
        watch: is told after each part how many steps are done, and says whether to go on.
        marks: numbers of steps after which there is a record, besides the start and the end.

    Returns:
        The run with its weights, and the numbers of steps after which there are records: the last one is the number of
        steps that were made, fewer if it was stopped.

    Raises:
        InputError: if the step size is out of range or shapes do not fit.
    """
    start, state, setting, rule = _prepared(problem, weights, [step], training, Recording(store=True))
    count, done, part, going = training.iterations, 0, 1, True
    stops, at, seen = sorted({mark for mark in marks if 0 < mark < count} | {count}), [0], []
    while going and done < count:
        began, part = time.monotonic(), min(part, stops[bisect_right(stops, done)] - done)
        state, records = advance(state, setting, jnp.asarray(part), records=1, rule=rule)
        first, last = (jax.tree.map(lambda leaf, side=side: np.asarray(leaf)[side], records) for side in (0, 1))
        done, lost = done + part, np.all(np.isfinite(state.diverged_at))
        part = _next_part(part, time.monotonic() - began)
        going = not lost and watch(done)
        seen = seen or [first]
        if done in stops or not going:
            at, seen = [*at, count if lost else done], [*seen, last]
    kept = jax.tree.map(lambda *leaves: np.stack(leaves), *seen)
    diverged_at = np.asarray(state.diverged_at)
    run = Descent(kept.excess, kept.distance, diverged_at, unpack(state.layers, start), unpack(kept.layers, start))
    return run, np.array(at, np.float64)


def _next_part(part: int, seconds: float) -> int:
    """Steps for a quarter of a second at the speed of the last part, at most 16 times as many as before."""
    return max(1, min(16 * part, int(part * _PART / max(seconds, 1e-6))))


class _Prepared(NamedTuple):
    """Weights at the start, and what the compiled loop begins with."""

    start: Weights
    state: State
    setting: Setting
    rule: Rule


def _prepared(
    problem: DeepLinear, weights: Sequence[ArrayLike], steps: ArrayLike, training: Training, recording: Recording
) -> _Prepared:
    """Hand a run over to compiled code.

    Raises:
        InputError: if a step size is out of range or shapes do not fit.
    """
    etas, momentum, batches = step_sizes(steps), training.momentum, training.batches
    start = _batched(as_weights(problem, weights), etas.size)
    layers, never = pack(start), jnp.full(etas.shape, jnp.inf, jnp.float64)
    direction = _any_direction(start) if recording.sharpness else None
    setting = Setting(
        risk_arrays(problem),
        jnp.asarray(etas),
        jnp.asarray(divergence_threshold(problem) - problem.regression.risk_min),
        jnp.asarray(momentum.beta) if momentum.beta else None,
        None if batches is None else batches.packed(problem),
    )
    state = State(layers, layers if momentum.beta else None, never, jnp.zeros((), jnp.float64), direction)
    nesterov = momentum.nesterov and momentum.beta > 0
    return _Prepared(start, state, setting, Rule(nesterov, 0 if batches is None else batches.size, recording.store))


def _any_direction(weights: Weights) -> Float[Array, "n b"]:
    """A Gaussian direction for each run, which no symmetry of the network singles out; zero on the padding."""
    generator = np.random.default_rng(0)
    return columns(pack(tuple(generator.standard_normal(matrix.shape) for matrix in weights)))


def _batched(weights: Weights, batch: int) -> Weights:
    """Weights with one batch axis.

    Raises:
        InputError: if they have another batch axis already.
    """
    lead = weights[0].shape[:-2]
    if lead not in ((), (batch,)):
        raise InputError(f"weights must have no batch axis or one of {batch}, as many as steps, got {lead}")
    return tuple(np.broadcast_to(matrix, (batch, *matrix.shape[-2:])) for matrix in weights)

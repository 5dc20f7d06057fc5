"""The compiled loop of descent: records and steps of all runs of a batch, in turn."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Bool, Float

from fathometer.deep_linear.dynamics.descent._running_sharpness import sharpness_of_runs
from fathometer.deep_linear.dynamics.descent._stochastic import PackedSamples, drawn_samples, mini_batch_slope
from fathometer.deep_linear.model._padded_weights import Layers, RiskArrays, backward, moved


class Rule(NamedTuple):
    """What the compiled code depends on."""

    nesterov: bool
    batch_size: int  # 0 for the full risk
    store: bool


class Setting(NamedTuple):
    """What stays the same during a run."""

    risk: RiskArrays
    eta: Float[Array, " b"]
    limit: Float[Array, ""]  # excess risk above which a run has diverged
    beta: Float[Array, ""] | None  # None without momentum
    samples: PackedSamples | None


class State(NamedTuple):
    """What changes."""

    layers: Layers
    previous: Layers | None  # one step before; None without momentum
    diverged_at: Float[Array, " b"]
    step: Float[Array, ""]
    direction: Float[Array, "n b"] | None  # where the search for the sharpness begins; None if it is not recorded


class Seen(NamedTuple):
    """Records; layers and sharpness only if they are asked for."""

    excess: Float[Array, "*r b"]
    distance: Float[Array, "*r b"]
    layers: Layers | None
    sharpness: Float[Array, "*r b"] | None
    residual: Float[Array, "*r b"] | None


@partial(jax.jit, static_argnames=("records", "rule"))
def advance(start: State, setting: Setting, every: Array, *, records: int, rule: Rule) -> tuple[State, Seen]:
    """Alternate a record and `every` steps; the last record is at the end.

    Args:
        start: of b runs.
        setting: what stays the same.
        every: steps between two records, at least 1.
        records: number of them after the first.
        rule: what the code depends on.
    """

    def step(_, state: State) -> State:
        excess, after = _step(state, setting, rule)
        state = _flag(state, excess, setting.limit)
        running = jnp.isinf(state.diverged_at)
        keep = partial(jax.tree.map, lambda new, old: jnp.where(_expand(running, new.ndim), new, old))
        previous = None if state.previous is None else keep(state.layers, state.previous)
        return state._replace(layers=keep(after, state.layers), previous=previous, step=state.step + 1)

    def body(state: State, _) -> tuple[State, Seen]:
        state, seen = _record(state, setting, rule)
        return lax.fori_loop(0, every, step, state), seen

    end, before = lax.scan(body, start, length=records)
    end, final = _record(end, setting, rule)
    return end, jax.tree.map(lambda many, one: jnp.concatenate([many, one[None]]), before, final)


def _step(state: State, setting: Setting, rule: Rule) -> tuple[Float[Array, " b"], Layers]:
    """Excess risk where the gradient is taken, and the layers after the step."""
    risk, layers, base = setting.risk, state.layers, state.layers
    if state.previous is not None:
        base = jax.tree.map(lambda now, old: now + setting.beta * (now - old), layers, state.previous)
    at = base if rule.nesterov else layers
    passed = backward(at, risk.output)
    error = passed.product - risk.w_star[:, None]
    half_slope = risk.sigma @ error
    excess = jnp.sum(error * half_slope, axis=0)
    if setting.samples is not None:
        drawn = drawn_samples(setting.samples, state.step, rule.batch_size, setting.eta.size)
        half_slope = mini_batch_slope(setting.samples, drawn, passed.product)
    return excess, moved(base, at, passed, 2 * setting.eta[None, :] * half_slope)


def _record(state: State, setting: Setting, rule: Rule) -> tuple[State, Seen]:
    error = backward(state.layers, setting.risk.output).product - setting.risk.w_star[:, None]
    excess, distance = jnp.sum(error * (setting.risk.sigma @ error), axis=0), jnp.sqrt(jnp.sum(error**2, axis=0))
    state = _flag(state, excess, setting.limit)
    running = jnp.isinf(state.diverged_at)
    value = residual = None
    if state.direction is not None:
        still = jax.tree.map(lambda leaf: jnp.where(_expand(running, leaf.ndim), leaf, 0.0), state.layers)
        value, residual, vector = sharpness_of_runs(still, state.direction, setting.risk)
        state = state._replace(direction=jnp.where(running, vector, state.direction))
        value, residual = (jnp.where(running, part, jnp.nan) for part in (value, residual))
    excess, distance = jnp.where(running, excess, jnp.inf), jnp.where(running, distance, jnp.nan)
    return state, Seen(excess, distance, state.layers if rule.store else None, value, residual)


def _flag(state: State, excess: Float[Array, " b"], limit: Array) -> State:
    """Note the step at which a run passes the limit for the first time; NaN counts as beyond."""
    bad = ~(excess <= limit) & jnp.isinf(state.diverged_at)
    return state._replace(diverged_at=jnp.where(bad, state.step, state.diverged_at))


def _expand(mask: Bool[Array, " b"], ndim: int) -> Array:
    return mask.reshape((1,) * (ndim - 1) + mask.shape)

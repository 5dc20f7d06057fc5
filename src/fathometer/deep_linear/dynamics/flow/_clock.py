"""Adaptive integration on a rescaled clock, for flows that leave a saddle after an enormous time.

The clock tau runs as d tau = rate dt, where the rate follows the pace of the flow; the time t is part of the state.
A plateau of length 1e40 then costs some hundred steps, and nothing is lost when the pace is of order one again.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, cast

import diffrax
import jax
import jax.numpy as jnp
import optimistix
from jaxtyping import Array, Bool, Float

import fathometer.numerics  # noqa: F401  (switches JAX to float64)

State = Any
"""Arrays in any nesting: the weights, or the product of a balanced network."""


class Motion(NamedTuple):
    """What a law of motion says about a state: its velocity in time, the rate of the clock, and the excess risk."""

    velocity: State
    rate: Float[Array, ""]
    excess: Float[Array, ""]


Law = Callable[[State, Any], Motion]
"""From a state and the data to its motion; a module-level function, because compiled code is kept for each."""


class Limits(NamedTuple):
    """Where a run ends: at that excess risk or at that time, whichever comes first."""

    excess: Float[Array, ""]
    until: Float[Array, ""]


class Run(NamedTuple):
    """The end of a run.

    Attributes:
        state: where it ended.
        time: when.
        converged: whether the excess risk reached its limit.
        late: whether the time did.
        at_rest: whether the velocity became zero to rounding, or the state sank to zero as far as the tolerance tells.
        clocks: at the start and after every step, inf behind the last.
        times: at these clocks.
    """

    state: State
    time: Float[Array, ""]
    converged: Bool[Array, ""]
    late: Bool[Array, ""]
    at_rest: Bool[Array, ""]
    clocks: Float[Array, " s"]
    times: Float[Array, " s"]


_REST = 1e-14
_SUNK = 1e3  # in tolerances, relative to the start


@partial(jax.jit, static_argnames=("law", "max_steps", "stiff"))
def run_out(
    law: Law, start: State, data: Any, limits: Limits, tolerance: Array, *, max_steps: int, stiff: bool = False
) -> Run:
    """Integrate until a limit is reached, and note clock and time of every step."""
    times = diffrax.SubSaveAt(t0=True, steps=True, fn=lambda clock, carried, args: carried[1])
    saved = (diffrax.SubSaveAt(t1=True), times)
    reasons = partial(_reasons, law, limits, _SUNK * tolerance * norm(start))
    event = diffrax.Event(lambda _, carried, args, **__: jnp.any(reasons(carried, args)))
    solution = _solve(law, start, data, tolerance, diffrax.SaveAt(subs=saved), max_steps, stiff, event)
    ts, ys = cast(Any, solution.ts), cast(Any, solution.ys)
    carried = jax.tree.map(lambda leaf: leaf[0], ys[0])
    converged, late, at_rest = reasons(carried, data)
    return Run(carried[0], carried[1], converged, late, at_rest, ts[1], ys[1])


class Records(NamedTuple):
    """States on the way, with their times and the rates of the clock there."""

    states: State
    times: Float[Array, " r"]
    rates: Float[Array, " r"]


@partial(jax.jit, static_argnames=("law", "max_steps", "stiff"))
def states_at(
    law: Law,
    start: State,
    data: Any,
    clocks: Float[Array, " r"],
    tolerance: Array,
    *,
    max_steps: int,
    stiff: bool = False,
) -> Records:
    """Run once more and stop at clocks that do not decrease."""

    def record(clock: object, carried: tuple[State, Array], args: Any) -> tuple[State, Array, Array]:
        return *carried, law(carried[0], args).rate

    saved = diffrax.SaveAt(ts=clocks, fn=record)
    solution = _solve(law, start, data, tolerance, saved, max_steps, stiff, stops=clocks)
    return Records(*cast(Any, solution.ys))


def square(state: State) -> Float[Array, ""]:
    """Sum of the squares of all entries."""
    return sum((jnp.sum(leaf**2) for leaf in jax.tree.leaves(state)), start=jnp.zeros(()))


def norm(state: State) -> Float[Array, ""]:
    """Root of the sum of the squares of all entries, which may be too small for a float."""
    leaves = [leaf for leaf in jax.tree.leaves(state) if leaf.size]
    largest = jnp.max(jnp.stack([jnp.max(jnp.abs(leaf)) for leaf in leaves]))
    unit = jnp.where(largest > 0, largest, 1.0)
    return unit * jnp.sqrt(square(jax.tree.map(lambda leaf: leaf / unit, state)))


def _solve(
    law: Law,
    start: State,
    data: Any,
    tolerance: Array,
    saveat: diffrax.SaveAt,
    max_steps: int,
    stiff: bool,
    event: diffrax.Event | None = None,
    stops: Float[Array, " r"] | None = None,
) -> diffrax.Solution:
    """Integrate on the clock, from 0 to the last stop or to an event; steps end at the stops.

    The method is explicit of order 8, or implicit of order 5 for stiff flows, whose steps no curvature limits.
    """
    control = _control(law, start, data, tolerance)
    return diffrax.diffeqsolve(
        diffrax.ODETerm(partial(_on_the_clock, law)),
        diffrax.Kvaerno5() if stiff else diffrax.Dopri8(),
        0.0,
        jnp.inf if stops is None else stops[-1],
        None,
        (start, jnp.zeros(())),
        args=data,
        saveat=saveat,
        stepsize_controller=control if stops is None else diffrax.ClipStepSizeController(control, step_ts=stops),
        event=event,
        adjoint=diffrax.ForwardMode(),
        max_steps=max_steps,
        throw=False,
    )


def _control(law: Law, start: State, data: Any, tolerance: Array) -> diffrax.PIDController:
    """Step control by the largest error, relative to an entry or to the typical entry at the start if that is larger.

    The weights start tiny: an absolute tolerance of another size would lose their direction. From zero, what counts is
    how far they move in one unit of the clock.
    """
    size = sum(leaf.size for leaf in jax.tree.leaves(start))
    motion, length = law(start, data), norm(start)
    moves = norm(motion.velocity) / jnp.where(motion.rate > 0, motion.rate, 1.0)
    typical = jnp.where(length > 0, length, jnp.where(moves > 0, moves, 1.0)) / jnp.sqrt(size)
    return diffrax.PIDController(
        rtol=tolerance, atol=tolerance * typical, pcoeff=0.4, icoeff=0.3, norm=optimistix.max_norm
    )


def _on_the_clock(law: Law, clock: object, carried: tuple[State, Array], data: Any) -> tuple[State, Array]:
    """Velocities of the state and of the time as the clock runs."""
    motion = law(carried[0], data)
    pace = jnp.where(motion.rate > 0, 1 / jnp.where(motion.rate > 0, motion.rate, 1.0), 1.0)
    return jax.tree.map(lambda leaf: leaf * pace, motion.velocity), pace


def _reasons(law: Law, limits: Limits, sunk: Array, carried: tuple[State, Array], data: Any) -> Bool[Array, "3"]:
    """Reasons to stop: converged, late, at rest; the weights of a state at rest may have become tiny."""
    motion, size = law(carried[0], data), norm(carried[0])
    still = norm(motion.velocity) <= _REST * motion.rate * size
    return jnp.stack([motion.excess <= limits.excess, carried[1] >= limits.until, still | (size < sunk)])

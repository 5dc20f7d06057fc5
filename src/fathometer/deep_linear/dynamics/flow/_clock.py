"""Adaptive integration on a rescaled clock, for flows that leave a saddle after an enormous time.

The clock tau runs as d tau = rate dt, where the rate follows the pace of the flow; the time t is part of the state.
A plateau of length 1e40 then costs some hundred steps, and nothing is lost when the pace is of order one again.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from fathometer.numerics import Solved, solve_at, solve_to, step_control

MAX_STEPS = 100_000
State = Any
"""Arrays in any nesting: the weights, or the product of a balanced network."""


class Motion(NamedTuple):
    """What a law of motion says about a state: its velocity in time, the rate of the clock, and the excess risk."""

    velocity: State
    rate: Float[Array, ""]
    excess: Float[Array, ""]


Law = Callable[[State, Any], Motion]
"""From a state and the data to its motion; a module-level function, because compiled code is kept for each."""


class Course(eqx.Module):
    """What is followed: a law of motion, the data that it depends on, and the state at time 0."""

    law: Law = eqx.field(static=True)
    start: State
    data: Any

    @property
    def motion(self) -> Motion:
        """What the law says about the start."""
        return self.law(self.start, self.data)


class Method(eqx.Module):
    """How it is followed: the relative error of a step, whether steps are implicit, and the largest number of them.

    Explicit steps are of order 8; implicit ones of order 5, for stiff flows: no curvature limits them.
    """

    tolerance: Float[Array, ""]
    stiff: bool = eqx.field(static=True, default=False)
    most_steps: int = eqx.field(static=True, default_factory=lambda: MAX_STEPS)

    def control(self, course: Course) -> diffrax.PIDController:
        """Step control by the error of every entry, relative to it or, if larger, to the typical one at the start.

        The weights start tiny: an absolute tolerance of another size would lose their direction. From zero, what counts
        is how far they move in one unit of the clock.
        """
        size = sum(leaf.size for leaf in jax.tree.leaves(course.start))
        motion, length = course.motion, norm(course.start)
        moves = norm(motion.velocity) / jnp.where(motion.rate > 0, motion.rate, 1.0)
        typical = jnp.where(length > 0, length, jnp.where(moves > 0, moves, 1.0)) / jnp.sqrt(size)
        return step_control(self.tolerance, self.tolerance * typical)

    @property
    def solver(self) -> diffrax.AbstractSolver:
        """Of order 8, or implicit of order 5."""
        return diffrax.Kvaerno5() if self.stiff else diffrax.Dopri8()


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


@jax.jit
def run_out(course: Course, limits: Limits, method: Method) -> Run:
    """Integrate until a limit is reached, and note clock and time of every step.

    Args:
        course: what is followed.
        limits: where it ends.
        method: how it is followed.
    """
    times = diffrax.SubSaveAt(t0=True, steps=True, fn=lambda clock, carried, args: carried[1])
    reasons = partial(_reasons, course.law, limits, _SUNK * method.tolerance * norm(course.start))
    save = diffrax.SaveAt(subs=(diffrax.SubSaveAt(t1=True), times))
    event = diffrax.Event(lambda _, carried, args, **__: jnp.any(reasons(carried, args)))
    solved = _followed(partial(solve_to, jnp.asarray(jnp.inf)), course, method, save=save, event=event)
    state, time = jax.tree.map(lambda leaf: leaf[0], solved.states[0])
    converged, late, at_rest = reasons((state, time), course.data)
    return Run(state, time, converged, late, at_rest, solved.times[1], solved.states[1])


class Records(NamedTuple):
    """States on the way, with their times and the rates of the clock there."""

    states: State
    times: Float[Array, " r"]
    rates: Float[Array, " r"]


@jax.jit
def states_at(course: Course, clocks: Float[Array, " r"], method: Method) -> Records:
    """Run once more; steps end at clocks that do not decrease.

    Args:
        course: what is followed.
        clocks: where states are kept, from 0 on, shape (r,).
        method: how it is followed.
    """

    def record(clock: object, carried: tuple[State, Array], args: Any) -> tuple[State, Array, Array]:
        return *carried, course.law(carried[0], args).rate

    return Records(*_followed(partial(solve_at, clocks), course, method, save=record, lands=True).states)


def _followed(solve: Callable[..., Solved], course: Course, method: Method, **how: Any) -> Solved:
    """Integrate state and time together on the clock."""
    field, start = partial(_on_the_clock, course.law), (course.start, jnp.zeros(()))
    common = {"most_steps": method.most_steps, "data": course.data, "solver": method.solver}
    return solve(field, start, method.control(course), **common, **how)


def square(state: State) -> Float[Array, ""]:
    """Sum of the squares of all entries."""
    return sum((jnp.sum(leaf**2) for leaf in jax.tree.leaves(state)), start=jnp.zeros(()))


def norm(state: State) -> Float[Array, ""]:
    """Root of the sum of the squares of all entries, which may be too small for a float."""
    leaves = [leaf for leaf in jax.tree.leaves(state) if leaf.size]
    largest = jnp.max(jnp.stack([jnp.max(jnp.abs(leaf)) for leaf in leaves]))
    unit = jnp.where(largest > 0, largest, 1.0)
    return unit * jnp.sqrt(square(jax.tree.map(lambda leaf: leaf / unit, state)))


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

"""Differential equations in compiled code: one call of the solver for all that is integrated with JAX.

Everything here may be called inside `jax.jit` and in any precision: floats of the times set that of the arithmetic.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import diffrax
import jax.numpy as jnp
import optimistix
from jaxtyping import Array, Bool, Float, Int, Real

State = Any
"""Arrays in any nesting."""

Field = Callable[[Any, State, Any], State]
"""From the time, the state and the data to the velocity of the state."""


class Solved(NamedTuple):
    """What came of an integration.

    Attributes:
        times: that were saved, inf behind the last one that was reached.
        states: at these times, with a leading axis of times; or what was saved of them.
        done: whether the end or the event was reached.
        steps: number of steps that were accepted.
    """

    times: Any
    states: Any
    done: Bool[Array, ""]
    steps: Int[Array, ""]

    @property
    def reached(self) -> Float[Array, ""]:
        """The last saved time that was reached."""
        return jnp.max(jnp.where(jnp.isfinite(self.times), self.times, 0.0))


def step_control(
    relative: Real[Array, ""] | float, absolute: Real[Array, ""] | float | None = None
) -> diffrax.PIDController:
    """Step control by the largest error of a step in any number of the state.

    The coefficients are those of a PI controller, which rejects fewer steps at the limit of stability.

    Args:
        relative: error that a step may make in a number, in units of it.
        absolute: error that it may make besides; the same number when not given.
    """
    small = relative if absolute is None else absolute
    return diffrax.PIDController(rtol=relative, atol=small, pcoeff=0.4, icoeff=0.3, norm=optimistix.max_norm)


def solve_at(
    times: Float[Array, " t"],
    field: Field | diffrax.AbstractTerm,
    start: State,
    control: diffrax.AbstractStepSizeController,
    *,
    most_steps: int,
    data: Any = None,
    solver: diffrax.AbstractSolver | None = None,
    save: Callable[[Any, State, Any], Any] | None = None,
    lands: bool = False,
) -> Solved:
    """Integrate from time 0 and save the states at some times.

    Args:
        times: shape (t,), not decreasing, from 0 on.
        field: velocity as a function of time, state and data; or a term of diffrax, for noise.
        start: state at time 0.
        control: of the steps, such as `step_control`.
        most_steps: after so many steps it ends, not done.
        data: handed to the field.
        solver: Tsit5, explicit of order 5, when not given.
        save: what is kept, as a function of time, state and data; the state when not given.
        lands: steps end at the times. Otherwise states there are interpolated, which does not keep tight tolerances.
    """
    saved = diffrax.SaveAt(ts=times) if save is None else diffrax.SaveAt(ts=times, fn=save)
    control = diffrax.ClipStepSizeController(control, step_ts=times) if lands else control  # type: ignore[arg-type]
    return _solved(field, start, times[-1], control, saved, most_steps, data, solver)


def solve_to(
    end: Float[Array, ""],
    field: Field | diffrax.AbstractTerm,
    start: State,
    control: diffrax.AbstractStepSizeController,
    *,
    most_steps: int,
    data: Any = None,
    solver: diffrax.AbstractSolver | None = None,
    save: diffrax.SaveAt | None = None,
    event: diffrax.Event | None = None,
    first_step: Float[Array, ""] | None = None,
) -> Solved:
    """Integrate from time 0 to an end, or to an event if that comes first.

    Args:
        end: last time; inf if only the event ends it.
        field: as for `solve_at`.
        start: as for `solve_at`.
        control: as for `solve_at`.
        most_steps: as for `solve_at`.
        data: as for `solve_at`.
        solver: as for `solve_at`.
        save: what is kept; the last state, with a leading axis of length 1, when not given.
        event: ends the integration.
        first_step: length of the first step; chosen by the control when not given.
    """
    saved = diffrax.SaveAt(t1=True) if save is None else save
    return _solved(field, start, end, control, saved, most_steps, data, solver, event, first_step)


def _solved(
    field: Field | diffrax.AbstractTerm,
    start: State,
    end: Float[Array, ""],
    control: diffrax.AbstractStepSizeController,
    saved: diffrax.SaveAt,
    most_steps: int,
    data: Any,
    solver: diffrax.AbstractSolver | None,
    event: diffrax.Event | None = None,
    first_step: Float[Array, ""] | None = None,
) -> Solved:
    solution = diffrax.diffeqsolve(
        field if isinstance(field, diffrax.AbstractTerm) else diffrax.ODETerm(field),
        diffrax.Tsit5() if solver is None else solver,
        jnp.zeros_like(end),
        end,
        first_step,
        start,
        args=data,
        saveat=saved,
        stepsize_controller=control,
        adjoint=diffrax.ForwardMode(),
        event=event,
        max_steps=most_steps,
        throw=False,
    )
    done = diffrax.is_okay(solution.result)
    return Solved(solution.ts, solution.ys, done, solution.stats["num_accepted_steps"])

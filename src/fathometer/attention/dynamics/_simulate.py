"""Simulation of the particle system in plain time."""

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from fathometer.attention.dynamics._assembly import DIFFRAX, assemble, read_times
from fathometer.attention.model._field import velocity_and_dissipation
from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.evidence import Axis, InputError, Trajectory, finite_number
from fathometer.numerics import (
    LOOSER,
    in_three_ways,
    nudge_of,
    nudged,
    project_to_sphere,
    solve_at,
    step_control,
    with_twins,
)

MAX_STEPS = 1_000_000


Watch = Callable[[float, Callable[[], Trajectory]], None]
"""Called at every time with the time and a function that quickly returns the run so far, without events; what it
raises stops the run."""


def simulate(
    system: ParticleSystem, times: ArrayLike, *, tolerance: float = 1e-8, watch: Watch | None = None
) -> Trajectory:
    """Integrate the tokens' motion with an adaptive Runge-Kutta method.

    Inside clusters the motion is stiff with rate 1, so steps are at most about 3 time units long, however slow the
    clusters are. Far longer times need another method.

    Args:
        system: the tokens at time 0.
        times: shape (length,), strictly increasing from 0: where states are saved.
        tolerance: error of a step in any coordinate, in units of the square of the interaction range 1/max(1, beta);
            between 1e-13 and 1e-7. Energies and dissipation then have a relative error of about the tolerance.
        watch: see `Watch`. The run then goes from one time to the next, which takes a few more steps.

    Returns:
        A trajectory along time with states "points", shape (length, n, d), unit rows, and "dissipated", shape
        (length,), the integral of the dissipation (the rise of EE/(2 beta)); and with events "k clusters" at the
        default resolution (see `cluster_events`). It was run again, with a looser tolerance and from a start that
        differs by rounding: what is observed has the difference as interval. Its `condition` is how much states change
        per change of the start; next to a saddle, where they are not known, it has a `warning`.

    Raises:
        InputError: if the times or the tolerance are not as above, or the times ask for more than a million steps.
    """
    axis = read_times(times)
    tolerance = finite_number("tolerance", tolerance, at_least=1e-13, at_most=1e-7)
    local = local_error(system.beta, tolerance)
    if watch is not None:
        return _watched(system, axis, local, watch)

    def run(error: float, nudge: float) -> Trajectory:
        return _trajectory(system, axis, _integrate(system, axis.points, error, nudge))

    return in_three_ways(run, local)


def _trajectory(
    system: ParticleSystem, axis: Axis, states: dict[str, Float[np.ndarray, "t ..."]], counted: bool = True
) -> Trajectory:
    """The run with these states; without events if clusters are not counted."""
    return assemble(system, axis, states, DIFFRAX, beta=system.beta if counted else None)


def _watched(system: ParticleSystem, axis: Axis, local: float, watch: Watch) -> Trajectory:
    """The run and its twins side by side, from one time to the next."""
    seen: list[list[dict[str, Float[np.ndarray, "1 ..."]]]] = []

    def so_far(count: int) -> Trajectory:
        head = Axis(axis.kind, axis.points[:count], axis.label)
        joined = (
            {name: np.concatenate([state[name] for state in way]) for name in way[0]}
            for way in zip(*seen[:count], strict=True)
        )
        counted = count == len(axis.points)
        own, looser, moved = (_trajectory(system, head, states, counted) for states in joined)
        return with_twins(own, looser, moved, size=nudge_of(local))

    start = {"points": system.points[None], "dissipated": np.zeros(1)}
    moved = ParticleSystem.project(nudged(system.points, nudge_of(local)), system.beta, system.model, system.masses)
    now = [system.points, system.points, moved.points]
    seen.append([start] * 3)
    watch(0.0, partial(so_far, 1))
    for count, span in enumerate(np.diff(axis.points), start=2):
        last = []
        for way, points in enumerate(now):
            here = ParticleSystem.project(points, system.beta, system.model, system.masses)
            segment = _integrate(here, np.array([0.0, span]), local * (LOOSER if way else 1.0), 0.0)
            gained = seen[-1][way]["dissipated"] + segment["dissipated"][1:]
            last.append({"points": segment["points"][1:], "dissipated": gained})
        now = [state["points"][0] for state in last]
        seen.append(last)
        watch(float(axis.points[count - 1]), partial(so_far, count))
    return so_far(len(axis.points))


def _integrate(
    system: ParticleSystem, times: Float[np.ndarray, " t"], local: float, nudge: float
) -> dict[str, Float[np.ndarray, "t ..."]]:
    """Points and dissipated energy at the times, integrated in the tokens' span, which they never leave.

    Raises:
        InputError: if the last time is out of reach.
    """
    n, d = system.points.shape
    basis = np.linalg.qr(system.points.T)[0] if d > n else np.eye(d)
    start = system.points @ basis
    start = nudged(start, nudge)
    points, dissipated, reached, done = _solve(
        *map(jnp.asarray, (start, system.masses, system.beta, times, local)), system.model
    )
    if not done:
        raise InputError(f"times must end earlier: {MAX_STEPS} steps reached only t = {float(reached):.6g}")
    states = np.asarray(points) @ basis.T
    states[0] = system.points
    states.setflags(write=False)
    return {"points": states, "dissipated": np.asarray(dissipated)}


@partial(jax.jit, static_argnames="model")
def _solve(
    points: Float[Array, "n d"],
    masses: Float[Array, " n"],
    beta: Float[Array, ""],
    times: Float[Array, " t"],
    local: Float[Array, ""],
    model: Model,
) -> tuple[Float[Array, "t n d"], Float[Array, " t"], Float[Array, ""], Array]:
    """Points and dissipated energy at the times, the last time that was reached, and whether it is the last one."""
    start, field = (points, jnp.zeros(())), partial(flow, model=model)
    solved = solve_at(times, field, start, step_control(local), data=(masses, beta), most_steps=MAX_STEPS, lands=True)
    saved, dissipated = solved.states
    return project_to_sphere(saved), dissipated, solved.reached, solved.done


def local_error(beta: float, tolerance: float) -> float:
    """Error of a step that a tolerance in units of the square of the interaction range allows in any coordinate."""
    return max(tolerance / max(beta, 1.0), 1e-14)


State = tuple[Float[Array, "n d"], Float[Array, ""]]


def flow(t: object, state: State, args: tuple[Float[Array, " n"], Float[Array, ""]], model: Model) -> State:
    """Right-hand side for points in ambient coordinates, seen from the sphere, and the energy dissipated.

    Args:
        t: ignored.
        state: points near the sphere, shape (n, d), and the energy dissipated.
        args: masses, shape (n,), and beta.
        model: SA or USA.
    """
    return velocity_and_dissipation(project_to_sphere(state[0]), *args, model)

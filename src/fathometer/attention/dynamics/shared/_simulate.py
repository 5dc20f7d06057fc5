"""Simulation of one system on a ring of devices: no device ever holds all tokens."""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from fathometer.attention.dynamics._assembly import read_times
from fathometer.attention.dynamics._simulate import Watch
from fathometer.attention.dynamics.large import Precision
from fathometer.attention.dynamics.large._course import MOST_STEPS, State
from fathometer.attention.dynamics.large._tiles import rounding_error
from fathometer.attention.dynamics.large._ways import Asked, Look, Progress, follow, nudge_for
from fathometer.attention.dynamics.shared._ring import Ring
from fathometer.attention.dynamics.shared._tile import Kernel
from fathometer.attention.dynamics.shared._turns import Plan, felt_on_ring
from fathometer.attention.dynamics.shared._velocity import read_kernel
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._standard import pair_mass
from fathometer.evidence import InputError, Observable, Trajectory, finite_number
from fathometer.numerics import WIDE_VECTORS, nudged, project_to_sphere, solve_to, step_control


def simulate_shared(
    system: ParticleSystem,
    times: ArrayLike,
    ring: Ring,
    *,
    precision: Precision | str = Precision.FLOAT64,
    kernel: Kernel | str | None = None,
    tolerance: float = 1e-6,
    observables: Sequence[Observable] = (),
    keep_states: bool = False,
    progress: Progress | None = None,
    watch: Watch | None = None,
) -> Trajectory:
    """Integrate the motion of tokens that are shared over a ring of devices, by an adaptive Runge-Kutta method (Tsit5).

    It is `simulate_large` with the forces of `shared_velocity`: the same steps up to rounding, for any number of
    devices. On several hosts each makes the same call and gets the same trajectory.

    Args:
        system: the tokens at time 0; on several hosts the same on each.
        times: shape (length,), strictly increasing from 0: where the run is observed.
        ring: the devices.
        precision: of the arithmetic.
        kernel: as for `shared_velocity`.
        tolerance: as for `simulate_large`, between 1e-12 and 1e-3.
        observables: measured at every time beside those below, from the points of all devices, which the host gathers.
        keep_states: store the points at all times, which the host gathers.
        progress: see `Progress`.
        watch: see `Watch` of `simulate`.

    Returns:
        A trajectory with what that of `simulate_large` has: observed "unit_energy", "mean_cosine" and (beta > 0)
        "dissipation_defect", the state "dissipated", on request "points", twins and a condition.

    Raises:
        InputError: if a value is not allowed, or more than 1e5 steps are needed between two of the times.
    """
    axis = read_times(times)
    tolerance = finite_number("tolerance", tolerance, at_least=1e-12, at_most=1e-3)
    if precision not in list(Precision):
        raise InputError(f"precision must be one of {[str(one) for one in Precision]}, got {precision!r}")
    chosen = read_kernel(kernel, system.beta, system.points.shape[1])
    plan = Plan(ring, ring.side(len(system.points)), system.model, chosen)
    motion = _SharedTokens(system, plan, str(Precision(precision)))
    size = nudge_for(system.beta, tolerance, motion.precision)
    return follow(system, axis, motion, Asked(tolerance, size, observables, keep_states, progress, watch))


class _SharedTokens:
    """The motion of tokens on a ring; see `Motion`."""

    def __init__(self, system: ParticleSystem, plan: Plan, precision: str) -> None:
        self._system, self._plan, self.precision = system, plan, precision
        self.error = rounding_error(system.beta, system.points.shape[1], precision)
        self._pairs = float(pair_mass(system.masses)) if len(system.masses) > 1 else np.nan
        _, self._masses = self._shared(system.points)

    def _shared(self, points: Float[np.ndarray, "n d"]) -> tuple[Array, Array]:
        return self._plan.ring.share(points.astype(self.precision), self._system.masses.astype(self.precision))

    def start(self, nudge: float) -> State:
        own = self._system.points
        points, _ = self._shared(own if nudge == 0 else nudged(own, nudge))
        return points, jnp.zeros((), self.precision)

    def advance(self, state: State, span: float, step: Array | None, tolerance: float) -> tuple[State, Array]:
        local = max(tolerance / max(1.0, self._system.beta), 32 * float(np.finfo(self.precision).eps))
        numbers = (span, 1e-3 if step is None else step, local, self._system.beta)
        after, usual, done = _solve(state, self._masses, *(jnp.asarray(x, self.precision) for x in numbers), self._plan)
        if not done:
            raise InputError(f"times must be closer: more than {MOST_STEPS} steps are needed between two of them")
        return after, usual

    def apart(self, one: Array, other: Array) -> float:
        return float(_farthest(one, other))

    def look(self, state: Array, at_start: bool) -> Look:
        seen = _sums(state, self._masses, jnp.asarray(self._system.beta, self.precision), self._plan)
        n = len(self._system.points)
        cosine = 1 - float(seen.spread) / self._pairs
        points = partial(self._plan.ring.gather, state, n)
        return Look(float(seen.energy), cosine, lambda: self._system.points if at_start else _unit(points()))


class _Sums(NamedTuple):
    """Sums over all tokens, on every device.

    Attributes:
        energy: unit energy.
        spread: sum_i m_i |x_i - x_bar|^2.
    """

    energy: Float[Array, ""]
    spread: Float[Array, ""]


def _unit(points: np.ndarray) -> Float[np.ndarray, "n d"]:
    rows = np.asarray(points, np.float64)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@jax.jit
def _farthest(one: Array, other: Array) -> Float[Array, ""]:
    return jnp.max(jnp.abs(one - other))


@partial(jax.jit, static_argnames="plan", compiler_options=WIDE_VECTORS)
def _sums(state: Array, masses: Array, beta: Float[Array, ""], plan: Plan) -> _Sums:
    points = project_to_sphere(state)
    felt = felt_on_ring(points, masses, beta, plan)
    centre = jnp.sum(masses[:, None] * points, axis=0, keepdims=True)
    spread = jnp.sum(masses * jnp.sum((points - centre) ** 2, axis=1))
    return _Sums(jnp.sum(masses * felt.partition), spread)


def _flow(t: object, state: State, args: tuple[Array, Array], plan: Plan) -> State:
    """Velocities, and zero for the padding, which then never asks for smaller steps."""
    masses, beta = args
    felt = felt_on_ring(project_to_sphere(state[0]), masses, beta, plan)
    return jnp.where(masses[:, None] > 0, felt.velocity, 0), jnp.sum(masses * felt.rise)


@partial(jax.jit, static_argnames="plan", compiler_options=WIDE_VECTORS)
def _solve(
    state: State,
    masses: Float[Array, " n"],
    span: Float[Array, ""],
    step: Float[Array, ""],
    local: Float[Array, ""],
    beta: Float[Array, ""],
    plan: Plan,
) -> tuple[State, Float[Array, ""], Array]:
    """State after a span of time, a usual step, and whether the steps sufficed."""
    solved = solve_to(
        span,
        partial(_flow, plan=plan),
        state,
        step_control(local),
        data=(masses, beta),
        first_step=jnp.minimum(span, step),
        most_steps=MOST_STEPS,
    )
    points, dissipated = jax.tree.map(lambda leaf: leaf[-1], solved.states)
    points = jax.lax.with_sharding_constraint(project_to_sphere(points), plan.ring.sharding)
    return (points, dissipated), span / jnp.maximum(solved.steps, 1), solved.done

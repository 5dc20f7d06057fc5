"""One step of an embedded Runge-Kutta pair in arclength, with the clock as a quadrature along it."""

from collections.abc import Sequence
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int
from scipy.integrate import RK45

from fathometer.attention.dynamics.collapse.steps._force import Contacts, Force, Sources, force, force_and_contacts
from fathometer.attention.model._system import Model
from fathometer.numerics import project_to_sphere

# the pair 5(4) of J. R. Dormand and P. J. Prince, A family of embedded Runge-Kutta formulae (1980)
_STAGES = np.pad(np.vstack([np.pad(RK45.A, ((0, 0), (0, 1))), RK45.B]), ((0, 0), (0, 1)))
_ERROR = RK45.E
_DENSE = RK45.P


class State(NamedTuple):
    """Where the clusters are, and the clocks.

    Attributes:
        points: the moving clusters come first.
        force: the motion there.
        contacts: what is close to what.
        log_time: log of the time since the start.
        log_elapsed: log of the time since the window was opened, which `log_time` may be too coarse to tell.
    """

    points: Float[Array, "c d"]
    force: Force
    contacts: Contacts
    log_time: Float[Array, ""]
    log_elapsed: Float[Array, ""]


class Step(NamedTuple):
    """A step that was tried.

    Attributes:
        end: the state after it.
        error: largest error over what is allowed; accepted up to 1.
        slopes: dx/ds at the seven stages.
        pace: dt/ds at the stages, in units of its value at the start of the step.
    """

    end: State
    error: Float[Array, ""]
    slopes: Float[Array, "7 r d"]
    pace: Float[Array, "7"]


def take_step(
    start: State, length: Float[Array, ""], tolerance: Float[Array, ""], sources: Sources, model: Model
) -> Step:
    """Try a step of some arclength.

    The error allowed is `tolerance` / max(1, beta) in the position of any cluster, and half of `tolerance`
    in log time.

    Args:
        start: where the step begins.
        length: its arclength, above 0.
        tolerance: error allowed, above 0.
        sources: what the moving clusters feel.
        model: SA or USA.
    """
    rows = len(sources.moves)
    begin, pace_unit = start.points[:rows], start.force.log_speed
    slopes, speeds = [start.force.direction], [pace_unit]

    def moved(stage: int) -> Float[Array, "c d"]:
        return start.points.at[:rows].set(project_to_sphere(begin + length * _combined(_STAGES[stage], slopes)))

    for stage in range(1, 6):  # unrolled: in few dimensions the compiler's turns take longer than the pairs
        motion = force(moved(stage), sources, model)
        slopes.append(motion.direction)
        speeds.append(motion.log_speed)
    points = moved(6)
    end, contacts = force_and_contacts(points, sources, model)
    slopes.append(end.direction)
    speeds.append(end.log_speed)
    # capped, so that a stage far beyond its goal is rejected and does not overflow
    pace = jnp.exp(jnp.minimum(pace_unit - jnp.stack(speeds), 60.0))
    log_passed = jnp.log(length * jnp.sum(_STAGES[6] * pace)) - pace_unit
    log_time = jnp.logaddexp(start.log_time, log_passed)
    log_slip = jnp.log(length * jnp.abs(jnp.sum(_ERROR * pace))) - pace_unit
    drift = length * jnp.linalg.norm(_combined(_ERROR, slopes), axis=-1)
    error = jnp.maximum(
        jnp.max(drift) / tolerance * jnp.maximum(1.0, sources.beta), jnp.exp(log_slip - log_time) / (tolerance / 2)
    )
    return Step(
        State(points, end, contacts, log_time, jnp.logaddexp(start.log_elapsed, log_passed)),
        jnp.where(jnp.isnan(error), jnp.inf, error),
        jnp.stack(slopes),
        pace,
    )


def _combined(weights: Float[np.ndarray, "7"], stages: Sequence[Array]) -> Array:
    """Weighted sum over the stages so far."""
    return sum(float(weight) * each for weight, each in zip(weights, stages, strict=False) if weight)  # type: ignore[return-value]


def course_of(
    slopes: Float[np.ndarray, "7 r d"], start: Float[np.ndarray, "c d"], length: float, slots: Int[np.ndarray, " p"]
) -> Float[np.ndarray, "p d 5"]:
    """Where some slots are during an accepted step, as polynomials in its share; unit vectors once normalised.

    Args:
        slopes: of the step, see `Step`.
        start: points at its beginning, shape (c, d).
        length: its arclength.
        slots: which clusters, shape (p,); those after the first r stand still.
    """
    course = np.zeros((len(slots), start.shape[1], 5))
    course[:, :, 0] = start[slots]
    moves = slots < slopes.shape[1]
    course[moves, :, 1:] = length * slopes[:, slots[moves]].transpose(1, 2, 0) @ _DENSE
    return course


def passed_time(
    shares: Float[np.ndarray, " p"], pace: Float[np.ndarray, "7"], length: float
) -> Float[np.ndarray, " p"]:
    """Time that has passed after shares of a step, in units of ds/dt at its start.

    Args:
        shares: of the step, in [0, 1], shape (p,).
        pace: of the step, see `Step`.
        length: its arclength.
    """
    return length * (powers(shares)[:, 1:] @ (pace @ _DENSE))


def powers(shares: Float[np.ndarray, " p"]) -> Float[np.ndarray, "p 5"]:
    """1, share, ..., share^4."""
    return shares[:, None] ** np.arange(5)

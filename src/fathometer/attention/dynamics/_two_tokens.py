"""How long two tokens take to meet, measured with the vector field of the n tokens."""

from functools import partial

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import optimistix
from jaxtyping import Array, Float

from fathometer.attention.dynamics._simulate import MAX_STEPS, State, flow, local_error
from fathometer.attention.model._system import Model, ParticleSystem, read_model
from fathometer.evidence import Estimate, InputError, finite_array, finite_number
from fathometer.numerics import solve_to, step_control


def measure_two_token_time(
    gap: float,
    gap_end: float,
    beta: float,
    model: Model | str,
    tolerance: float = 1e-10,
    masses: tuple[float, float] = (0.5, 0.5),
) -> Estimate:
    """Simulate two tokens until their angle has fallen to `gap_end`, and find that time by a root search.

    Args:
        gap: angle at time 0 in radians, below pi.
        gap_end: final angle, between 0 and `gap`, both excluded.
        beta: inverse temperature, >= 0.
        model: SA or USA.
        tolerance: as for `simulate`.
        masses: positive; divided by their sum.

    Returns:
        The time, with heuristic error bars: tolerance * (10 time + 1 / gap_end).

    Raises:
        InputError: if a value is not as above, or the time takes more than a million steps.
    """
    start = finite_number("gap", gap, above=0, below=np.pi)
    end = finite_number("gap_end", gap_end, above=0, below=start)
    tolerance = finite_number("tolerance", tolerance, at_least=1e-13, at_most=1e-7)
    points = np.array([[1.0, 0.0], [np.cos(start), np.sin(start)]])
    system = ParticleSystem(points, beta, read_model(model), finite_array("masses", masses, ndim=1))
    numbers = (system.beta, 2 * np.sin(end / 2), local_error(system.beta, tolerance))
    arrays = map(jnp.asarray, (system.points, system.masses, *numbers))
    reached, met = _meet(*arrays, system.model)
    if not met:
        raise InputError(f"the gap did not fall to {end:g} within {MAX_STEPS} steps of tolerance {tolerance:g}")
    time = float(reached)
    error = tolerance * (10 * time + 1 / end)
    return Estimate.heuristic(time, time - error, time + error)


@partial(jax.jit, static_argnames="model")
def _meet(
    points: Float[Array, "2 2"],
    masses: Float[Array, "2"],
    beta: Float[Array, ""],
    chord: Float[Array, ""],
    local: Float[Array, ""],
    model: Model,
) -> tuple[Float[Array, ""], Array]:
    """Time at which the chord is reached, and whether it was."""

    def excess(t: object, y: State, args: object, **_: object) -> Float[Array, ""]:
        return jnp.log(jnp.linalg.norm(y[0][0] - y[0][1]) / chord)

    solved = solve_to(
        jnp.asarray(jnp.inf),
        partial(flow, model=model),
        (points, jnp.zeros(())),
        step_control(local),
        data=(masses, beta),
        event=diffrax.Event(excess, optimistix.Newton(rtol=1e-12, atol=1e-12)),
        most_steps=MAX_STEPS,
    )
    # the residual and not `done`: late times are too coarse as floats for the root search to end by itself
    missed = excess(None, jax.tree.map(lambda saved: saved[0], solved.states), None)
    return solved.times[0], jnp.abs(missed) < 1e-6

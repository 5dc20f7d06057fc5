"""Descent on a polynomial of one variable."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from fathometer.deep_linear.model.starts._line_descent import LineDescent
from fathometer.evidence import Axis, AxisKind, Origin, Provenance, Trajectory, finite_array, whole_number

_PACKAGES = ("fathometer", "jax", "jaxlib", "numpy")
_LOST = 1e6


def run_line_descent(problem: LineDescent, iterations: int, last: int = 256) -> Trajectory:
    """Run descent and keep its end.

    Args:
        problem: the polynomial, the step and the start.
        iterations: number of steps, at least 1.
        last: how many steps are kept before the end; all if there are fewer.

    Returns:
        Along the steps that are kept: states "x", shape (t,), and "farthest", the largest |x| so far. A run that passes
        1e6 stays at inf.

    Raises:
        InputError: if a number is out of range.
    """
    count = whole_number("iterations", iterations, at_least=1)
    kept = min(whole_number("last", last, at_least=1), count)
    powers = (jnp.asarray(problem.slope), jnp.asarray(problem.step))
    x, farthest = _run(jnp.asarray(problem.start), *powers, jnp.asarray(count - kept), kept=kept)
    axis = Axis(AxisKind.STEP, np.arange(float(count - kept), count + 1.0))
    states = {"x": np.asarray(x), "farthest": np.asarray(farthest)}
    return Trajectory(problem, axis, states, Origin.SIMULATED, provenance=Provenance.here(packages=_PACKAGES))


def long_run_weights(depth: int, excess: ArrayLike, settle: int = 4000, kept: int = 256) -> Float[np.ndarray, "b t"]:
    """Weights that descent on (w^L - 1)^2 visits in the long run, from next to the minimum, for many step sizes.

    Args:
        depth: L, at least 1.
        excess: mu = step S - 2 of each run, shape (b,).
        settle: steps before the first that is kept, at least 1.
        kept: number of weights that are kept, at least 1.

    Returns:
        Shape (b, kept); inf for runs that have passed 1e6.

    Raises:
        InputError: if a number is out of range.
    """
    L, mu = whole_number("depth", depth, at_least=1), finite_array("excess", excess, ndim=1)
    counts = [whole_number(name, n, at_least=1) for name, n in (("settle", settle), ("kept", kept))]
    return np.asarray(_visited(jnp.asarray(mu), jnp.asarray(counts[0]), depth=L, kept=counts[1])).T


@partial(jax.jit, static_argnames="kept")
def _run(x: Array, slope: Array, step: Array, before: Array, *, kept: int) -> tuple[Array, Array]:
    coefficients = jnp.append(slope[::-1], 0.0)

    def move(state: tuple[Array, Array]) -> tuple[Array, Array]:
        x, farthest = state
        after = x - step * jnp.polyval(coefficients, x)
        after = jnp.where(jnp.abs(after) <= _LOST, after, jnp.inf)
        after = jnp.where(jnp.isinf(x), x, after)
        return after, jnp.maximum(farthest, jnp.abs(after))

    begin = lax.fori_loop(0, before, lambda _, state: move(state), (x, jnp.abs(x)))
    _, seen = lax.scan(lambda state, _: (move(state), state), begin, length=kept + 1)
    return seen


@partial(jax.jit, static_argnames=("depth", "kept"))
def _visited(mu: Float[Array, " b"], settle: Array, *, depth: int, kept: int) -> Float[Array, "t b"]:
    def move(w: Array) -> Array:
        after = w - (2 + mu) / depth * (w**depth - 1) * w ** (depth - 1)
        return jnp.where(jnp.isinf(w), w, jnp.where(jnp.abs(after) <= _LOST, after, jnp.inf))

    begin = lax.fori_loop(0, settle, lambda _, w: move(w), jnp.full(mu.shape, 1.01))
    return lax.scan(lambda w, _: (move(w), w), begin, length=kept)[1]

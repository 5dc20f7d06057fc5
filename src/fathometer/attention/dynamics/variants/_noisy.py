"""Runs of tokens that are also pushed by noise."""

from functools import partial
from typing import Any

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from fathometer.attention.dynamics._assembly import DIFFRAX, assemble, read_times
from fathometer.attention.model._variant_field import Rules, Weights
from fathometer.attention.model.variants._noisy_system import NoisySystem, drift, noise
from fathometer.evidence import InputError, Trajectory, finite_number, whole_number
from fathometer.numerics import nudged, project_to_sphere, solve_at, with_twins

_MOST_STEPS = 10_000_000
_TOGETHER = 4
"""Steps that a twin takes as one."""


def simulate_noisy(noisy: NoisySystem, times: ArrayLike, *, seed: int, step: float = 0.01) -> Trajectory:
    """Integrate the noisy tokens with Heun's method for Stratonovich equations, of weak order 1 or better.

    The projected noise, in the sense of Stratonovich, is Brownian motion on the sphere.

    Args:
        noisy: tokens at time 0 and the noise.
        times: shape (length,), strictly increasing from 0.
        seed: of the noise.
        step: largest step, above 0; it should be far below 1 and below kappa/(d - 1).

    Returns:
        A trajectory along time with states "points", shape (length, n, d). Its twins have the same noise, and steps
        four times as long: intervals are errors of this path, and what other seeds give is another matter.

    Raises:
        InputError: if a value is not as above, or more than ten million steps are needed.
    """
    axis = read_times(times)
    grid = _grid(axis.points, finite_number("step", step, above=0))
    key = jax.random.key(whole_number("seed", seed, at_least=0))
    system, rules = noisy.system, noisy.variant.rules

    def run(together: int, nudge: bool) -> Trajectory:
        start = nudged(system.points) if nudge else system.points
        arrays = map(jnp.asarray, (start, system.masses, system.beta, noisy.kappa, axis.points, grid))
        points = np.array(_solve(*arrays, key, noisy.variant.weights, rules, together))
        points[0] = system.points
        return assemble(noisy, axis, {"points": points}, DIFFRAX, seed=seed)

    return with_twins(run(1, False), run(_TOGETHER, False), run(_TOGETHER, True))


def _grid(times: Float[np.ndarray, " t"], step: float) -> Float[np.ndarray, " steps"]:
    """Times of all steps: those to save, and equal steps of at most `step` between them, a multiple of four.

    Raises:
        InputError: if there are too many.
    """
    counts = _TOGETHER * np.ceil(np.diff(times) / step / _TOGETHER).astype(int)
    if counts.sum() > _MOST_STEPS:
        raise InputError(f"step must be larger: {counts.sum()} steps are needed, {_MOST_STEPS} are allowed")
    pieces = [np.linspace(a, b, k, endpoint=False) for a, b, k in zip(times, times[1:], counts, strict=False)]
    return np.concatenate([*pieces, times[-1:]])


class _Summed(diffrax.AbstractBrownianPath):
    """Increments of another path over so many steps of a grid, as the sum of those over each: the same noise."""

    path: diffrax.UnsafeBrownianPath
    grid: Float[Array, " steps"]
    together: int = eqx.field(static=True)
    levy_area: Any = eqx.field(static=True, default=diffrax.BrownianIncrement)

    @property
    def t0(self) -> Any:  # type: ignore[override]
        return self.path.t0

    @property
    def t1(self) -> Any:  # type: ignore[override]
        return self.path.t1

    def evaluate(self, t0: Any, t1: Any = None, left: bool = True, use_levy: bool = False) -> Any:
        """Return the increment from t0, a point of the grid, over `together` steps.

        Args:
            t0: a point of the grid.
            t1: the point `together` steps later, which is not read.
            left: as in the path below.
            use_levy: as in the path below.
        """
        first = jnp.searchsorted(self.grid, t0)
        ends = self.grid[first + jnp.arange(self.together + 1, dtype=first.dtype)]
        pieces = [self.path.evaluate(ends[k], ends[k + 1], left, use_levy) for k in range(self.together)]
        return jax.tree.map(lambda *parts: sum(parts[1:], start=parts[0]), *pieces)


@partial(jax.jit, static_argnames=("rules", "together"))
def _solve(
    points: Float[Array, "n d"],
    masses: Float[Array, " n"],
    beta: Float[Array, ""],
    kappa: Float[Array, ""],
    times: Float[Array, " t"],
    grid: Float[Array, " steps"],
    key: Array,
    weights: Weights,
    rules: Rules,
    together: int,
) -> Float[Array, "t n d"]:
    """Points at the times, by steps from every point of the grid, or every so many, with the same noise."""
    shape = jax.ShapeDtypeStruct(points.shape, points.dtype)
    brownian = diffrax.UnsafeBrownianPath(shape, key, levy_area=diffrax.BrownianIncrement)
    brownian = brownian if together == 1 else _Summed(path=brownian, grid=grid, together=together)
    terms = diffrax.MultiTerm(
        diffrax.ODETerm(lambda t, y, args: drift(y, masses, beta, weights, rules)),
        diffrax.ControlTerm(lambda t, y, args: noise(y, kappa), brownian),
    )
    control = diffrax.StepTo(ts=grid[::together])
    solved = solve_at(times, terms, points, control, solver=diffrax.Heun(), most_steps=len(grid) + 1)
    return project_to_sphere(solved.states)

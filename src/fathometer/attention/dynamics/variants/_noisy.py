"""Tokens that are also pushed by noise."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import lineax
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.model._variant import Variant
from fathometer.attention.model._variant_field import Normalization, Rules, Weights, variant_velocity
from fathometer.evidence import (
    Axis,
    AxisKind,
    InputError,
    Origin,
    Problem,
    Provenance,
    Trajectory,
    finite_array,
    finite_number,
    whole_number,
)
from fathometer.numerics import nudged, project_to_sphere, tangent_projection, with_twins

_MOST_STEPS = 10_000_000
_TOGETHER = 4
"""Steps that a twin takes as one."""


@dataclass(frozen=True, eq=False)
class NoisySystem(Problem):
    """Tokens with independent Brownian motions on the sphere: dx_i = velocity dt + sqrt(2/kappa) dW_i.

    Attributes:
        system: tokens at time 0, beta, model and masses.
        kappa: inverse noise, above 0, in the time unit of the model.
        variant: of the same system, with its weights, mask and Post-LN; the plain model when not given.

    Raises:
        InputError: if kappa is not positive, or the variant is of another system or has Pre-LN.
    """

    system: ParticleSystem
    kappa: float
    variant: Variant = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        object.__setattr__(self, "kappa", finite_number("kappa", self.kappa, above=0))
        object.__setattr__(self, "variant", Variant(self.system) if self.variant is None else self.variant)
        if self.variant.system != self.system or self.variant.normalization is not Normalization.POST:
            raise InputError("variant must be of the same system and have Post-LN")


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
    axis = Axis(AxisKind.TIME, finite_array("times", times, ndim=1), "time")
    if axis.points[0] != 0:
        raise InputError(f"times must start at 0, got {axis.points[0]:g}")
    grid = _grid(axis.points, finite_number("step", step, above=0))
    key = jax.random.key(whole_number("seed", seed, at_least=0))
    system, rules = noisy.system, noisy.variant.rules
    packages = ("fathometer", "numpy", "jax", "diffrax")
    provenance = Provenance.here(seed=seed, packages=packages, device=jax.default_backend())

    def run(together: int, nudge: bool) -> Trajectory:
        start = nudged(system.points) if nudge else system.points
        arrays = map(jnp.asarray, (start, system.masses, system.beta, noisy.kappa, axis.points, grid))
        points = np.array(_solve(*arrays, key, noisy.variant.weights, rules, together))
        points[0] = system.points
        return Trajectory(noisy, axis, {"points": points}, Origin.SIMULATED, provenance=provenance)

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
        """Return the increment from t0, a point of the grid, over `together` steps."""
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

    # fields of degree 1: rounding and steps let the norms drift, and the directions must not notice
    def drift(t: object, y: Float[Array, "n d"], args: object) -> Float[Array, "n d"]:
        norms = jnp.linalg.norm(y, axis=-1, keepdims=True)
        return norms * variant_velocity(y / norms, masses, beta, weights, rules)

    def noise(t: object, y: Float[Array, "n d"], args: object) -> lineax.FunctionLinearOperator:
        norms = jnp.linalg.norm(y, axis=-1, keepdims=True)
        size = jnp.sqrt(2 / kappa) * norms
        return lineax.FunctionLinearOperator(lambda dw: size * tangent_projection(y / norms, dw), shape)

    brownian = diffrax.UnsafeBrownianPath(shape, key, levy_area=diffrax.BrownianIncrement)
    brownian = brownian if together == 1 else _Summed(path=brownian, grid=grid, together=together)
    solution = diffrax.diffeqsolve(
        diffrax.MultiTerm(diffrax.ODETerm(drift), diffrax.ControlTerm(noise, brownian)),
        diffrax.Heun(),
        0.0,
        times[-1],
        None,
        points,
        saveat=diffrax.SaveAt(ts=times),
        stepsize_controller=diffrax.StepTo(ts=grid[::together]),
        adjoint=diffrax.ForwardMode(),
        max_steps=len(grid) + 1,
    )
    return project_to_sphere(solution.ys)  # type: ignore[arg-type]

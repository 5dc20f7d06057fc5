"""Tokens that are also pushed by noise."""

from dataclasses import dataclass
from functools import partial

import diffrax
import jax
import jax.numpy as jnp
import lineax
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from fathometer.attention._system import ParticleSystem
from fathometer.attention.variants._average import Normalization, Rules, Weights, variant_velocity
from fathometer.attention.variants._variant import Variant
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
from fathometer.numerics import project_to_sphere, tangent_projection

_MOST_STEPS = 10_000_000


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
        A trajectory along time with states "points", shape (length, n, d).

    Raises:
        InputError: if a value is not as above, or more than ten million steps are needed.
    """
    axis = Axis(AxisKind.TIME, finite_array("times", times, ndim=1), "time")
    if axis.points[0] != 0:
        raise InputError(f"times must start at 0, got {axis.points[0]:g}")
    grid = _grid(axis.points, finite_number("step", step, above=0))
    key = jax.random.key(whole_number("seed", seed, at_least=0))
    system = noisy.system
    arrays = map(jnp.asarray, (system.points, system.masses, system.beta, noisy.kappa, axis.points, grid))
    points = np.asarray(_solve(*arrays, key, noisy.variant.weights, noisy.variant.rules))
    return Trajectory(
        noisy,
        axis,
        {"points": points},
        Origin.SIMULATED,
        provenance=Provenance.here(
            seed=seed, packages=("fathometer", "numpy", "jax", "diffrax"), device=jax.default_backend()
        ),
    )


def _grid(times: Float[np.ndarray, " t"], step: float) -> Float[np.ndarray, " steps"]:
    """Times of all steps: those to save, and equal steps of at most `step` between them.

    Raises:
        InputError: if there are too many.
    """
    counts = np.ceil(np.diff(times) / step).astype(int)
    if counts.sum() > _MOST_STEPS:
        raise InputError(f"step must be larger: {counts.sum()} steps are needed, {_MOST_STEPS} are allowed")
    pieces = [np.linspace(a, b, k, endpoint=False) for a, b, k in zip(times, times[1:], counts, strict=False)]
    return np.concatenate([*pieces, times[-1:]])


@partial(jax.jit, static_argnames="rules")
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
) -> Float[Array, "t n d"]:
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
    solution = diffrax.diffeqsolve(
        diffrax.MultiTerm(diffrax.ODETerm(drift), diffrax.ControlTerm(noise, brownian)),
        diffrax.Heun(),
        0.0,
        times[-1],
        None,
        points,
        saveat=diffrax.SaveAt(ts=times),
        stepsize_controller=diffrax.StepTo(ts=grid),
        adjoint=diffrax.ForwardMode(),
        max_steps=len(grid) + 1,
    )
    return project_to_sphere(solution.ys)  # type: ignore[arg-type]

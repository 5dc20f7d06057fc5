"""Simulation of the variants in plain time."""

import dataclasses
from functools import partial

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from fathometer.attention._clusters import cluster_counts, cluster_events, default_resolution
from fathometer.attention._simulate import MAX_STEPS, step_control
from fathometer.attention._system import Model
from fathometer.attention.variants._variant import Normalization, Variant, variant_of
from fathometer.evidence import (
    Axis,
    AxisKind,
    InputError,
    Origin,
    Provenance,
    Trajectory,
    finite_array,
    finite_number,
)
from fathometer.numerics import project_to_sphere, tangent_projection

Weights = tuple[Float[Array, "d d"], Float[Array, "d d"], Float[Array, "d d"]]


def simulate_variant(variant: Variant, times: ArrayLike, tolerance: float = 1e-8) -> Trajectory:
    """Integrate a variant with an adaptive Runge-Kutta method (Tsit5).

    Args:
        variant: the tokens at time 0 and their attention.
        times: shape (length,), strictly increasing from 0.
        tolerance: as for `simulate`, between 1e-13 and 1e-7.

    Returns:
        A trajectory along time with states "points", shape (length, n, d), unit rows, and "radii", shape (length, n),
        all 1 for Post-LN; and with events "k clusters" at the default resolution.

    Raises:
        InputError: if a value is not as above, or the times ask for more than a million steps.
    """
    axis = Axis(AxisKind.TIME, finite_array("times", times, ndim=1), "time")
    if axis.points[0] != 0:
        raise InputError(f"times must start at 0, got {axis.points[0]:g}")
    tolerance = finite_number("tolerance", tolerance, at_least=1e-13, at_most=1e-7)
    system = variant.system
    vectors, done = _solve(
        *map(jnp.asarray, (system.points, system.masses, system.beta, axis.points, tolerance)),
        (jnp.asarray(variant.query), jnp.asarray(variant.key), jnp.asarray(variant.value)),
        system.model,
        variant.causal,
        variant.normalization,
    )
    if not done:
        raise InputError(f"times must end before {axis.points[-1]:g}: more than {MAX_STEPS} steps are needed")
    post = variant.normalization is Normalization.POST
    radii = np.linalg.norm(np.asarray(vectors), axis=-1)
    points = np.asarray(vectors) / radii[..., None]
    counts = cluster_counts(points, default_resolution(system.beta))
    return Trajectory(
        variant,
        axis,
        {"points": points, "radii": np.ones_like(radii) if post else radii},
        Origin.SIMULATED,
        events=cluster_events(axis.points, counts),
        provenance=Provenance.here(packages=("fathometer", "numpy", "jax", "diffrax"), device=jax.default_backend()),
    )


def as_tokens(run: Trajectory) -> Trajectory:
    """Return the run of a variant as recorded tokens, which every observable of tokens reads.

    The theorems on plain SA and USA speak of other dynamics: what they say of such a run is no test of them.

    Args:
        run: of a variant, with states "points".

    Raises:
        InputError: if the problem of the run is no variant.
    """
    return dataclasses.replace(run, problem=variant_of(run.problem).system, origin=Origin.RECORDED)


@partial(jax.jit, static_argnames=("model", "causal", "normalization"))
def _solve(
    points: Float[Array, "n d"],
    masses: Float[Array, " n"],
    beta: Float[Array, ""],
    times: Float[Array, " t"],
    tolerance: Float[Array, ""],
    weights: Weights,
    model: Model,
    causal: bool,
    normalization: Normalization,
) -> tuple[Float[Array, "t n d"], Array]:
    def speed(t: object, vectors: Float[Array, "n d"], args: object) -> Float[Array, "n d"]:
        directions = project_to_sphere(vectors)
        average = attention_average(directions, masses, beta, weights, model, causal)
        return average if normalization is Normalization.PRE else tangent_projection(directions, average)

    solution = diffrax.diffeqsolve(
        diffrax.ODETerm(speed),
        diffrax.Tsit5(),
        0.0,
        times[-1],
        None,
        points,
        saveat=diffrax.SaveAt(ts=times),
        # steps end at the saved times because interpolation would not keep the tolerance
        stepsize_controller=diffrax.ClipStepSizeController(step_control(beta, tolerance), step_ts=times),
        adjoint=diffrax.ForwardMode(),
        max_steps=MAX_STEPS,
        throw=False,
    )
    return solution.ys, solution.result == diffrax.RESULTS.successful  # type: ignore[return-value]


def attention_average(
    points: Float[Array, "n d"],
    masses: Float[Array, " n"],
    beta: Float[Array, ""],
    weights: Weights,
    model: Model,
    causal: bool,
) -> Float[Array, "n d"]:
    """Attention average of every token, not projected (see `Variant`)."""
    query, key, value = weights
    scores = beta * (points @ query.T) @ (points @ key.T).T + jnp.log(masses)[None]
    if causal:
        scores = jnp.where(jnp.tri(len(points), dtype=bool), scores, -jnp.inf)
    attention = jax.nn.softmax(scores, axis=1) if model is Model.SA else jnp.exp(scores - beta)
    return attention @ (points @ value.T)

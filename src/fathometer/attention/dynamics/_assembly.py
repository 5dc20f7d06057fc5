"""How computed states become a trajectory: times from 0 on, cluster events, and what they were computed with."""

from collections.abc import Mapping

import jax
import numpy as np
from numpy.typing import ArrayLike

from fathometer.attention.observables.clusters._clusters import cluster_counts, cluster_events, default_resolution
from fathometer.evidence import Axis, AxisKind, InputError, Origin, Problem, Provenance, Trajectory, finite_array

DIFFRAX = ("fathometer", "numpy", "jax", "diffrax")
JAX = ("fathometer", "numpy", "jax")
SCIPY = ("fathometer", "numpy", "scipy")
NUMPY = ("fathometer", "numpy")


def read_times(times: ArrayLike, label: str = "time") -> Axis:
    """Return times that increase from 0 as an axis.

    Raises:
        InputError: if they do not.
    """
    axis = Axis(AxisKind.TIME, finite_array("times", times, ndim=1), label)
    if axis.points[0] != 0:
        raise InputError(f"times must start at 0, where the start is, got {axis.points[0]:g}")
    return axis


def assemble(
    problem: Problem,
    axis: Axis,
    states: Mapping[str, np.ndarray],
    packages: tuple[str, ...],
    *,
    beta: float | None = None,
    seed: int | None = None,
    origin: Origin = Origin.SIMULATED,
) -> Trajectory:
    """Return the run with its provenance, and with the events "k clusters" if an inverse temperature is given.

    Args:
        problem: what was run.
        axis: of length t.
        states: arrays with a leading axis of length t; clusters are those of "points", shape (t, n, d).
        packages: what computed the states.
        beta: inverse temperature, >= 0, at whose default resolution clusters are counted; None if they are not.
        seed: of the noise or the draws, if there are any.
        origin: how the states came about.
    """
    events = (
        () if beta is None else cluster_events(axis.points, cluster_counts(states["points"], default_resolution(beta)))
    )
    provenance = Provenance.here(seed, packages, jax.default_backend() if "jax" in packages else "cpu")
    return Trajectory(problem, axis, states, origin, events=events, provenance=provenance)

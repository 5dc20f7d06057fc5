"""Runs of the density of infinitely many noisy tokens on the circle."""

from dataclasses import replace
from functools import partial

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import optimistix
from jaxtyping import Array, Float
from numpy.typing import ArrayLike, NDArray

from fathometer.attention.dynamics._assembly import DIFFRAX, assemble, read_times
from fathometer.attention.model._system import Model
from fathometer.attention.model.variants._mean_field_circle import ClusteringLaw, MeanFieldCircle, density_velocity
from fathometer.evidence import InputError, Trajectory, finite_number
from fathometer.numerics import in_three_ways, nudged, solve_at

_TAIL = 1e-6
_MOST_STEPS = 4000


def evolve_density(law: MeanFieldCircle, times: ArrayLike, tolerance: float = 1e-8) -> Trajectory:
    """Integrate the density with spectral derivatives and an implicit Runge-Kutta method (Kvaerno5).

    Args:
        law: the density at time 0 and its model.
        times: shape (length,), strictly increasing from 0.
        tolerance: relative and absolute, between 1e-12 and 1e-4.

    Returns:
        A trajectory along time with states "density", shape (length, N).

    Raises:
        InputError: if a value is not as above, or the density becomes too sharp for the grid.
    """
    axis, tolerance = read_times(times), finite_number("tolerance", tolerance, at_least=1e-12, at_most=1e-4)

    def run(local: float, nudge: float) -> Trajectory:
        start = law.density * nudged(np.ones(len(law.density)), nudge)
        arrays = map(jnp.asarray, (start, law.spectrum, law.beta, law.kappa, axis.points, local))
        states, done = _solve(*arrays, law.model)
        densities = np.array(states)
        densities[0] = law.density
        if not done or _tail(densities) > _TAIL:
            raise InputError(f"density must have more than {densities.shape[1]} entries: it becomes too sharp for them")
        return assemble(law, axis, {"density": densities}, DIFFRAX)

    return in_three_ways(run, tolerance, "density")


def evolve_clustering(problem: ClusteringLaw, times: ArrayLike, tolerance: float = 1e-8) -> Trajectory:
    """Run the law as `evolve_density` does, as a run of the problem with its constants.

    Args:
        problem: the law and its constants.
        times: shape (length,), strictly increasing from 0.
        tolerance: as for `evolve_density`.
    """
    return replace(evolve_density(problem.law, times, tolerance), problem=problem)


def _tail(densities: NDArray[np.float64]) -> float:
    """Largest of the three highest Fourier amplitudes of any state."""
    return float(np.max(np.abs(np.fft.rfft(densities, axis=1))[:, -3:]) * 2 * np.pi / densities.shape[1])


@partial(jax.jit, static_argnames="model")
def _solve(
    density: Float[Array, " cells"],
    spectrum: Float[Array, " modes"],
    beta: Float[Array, ""],
    kappa: Float[Array, ""],
    times: Float[Array, " t"],
    tolerance: Float[Array, ""],
    model: Model,
) -> tuple[Float[Array, "t cells"], Array]:
    solved = solve_at(
        times,
        lambda t, f, data: density_velocity(f, spectrum, beta, kappa, model),
        density,
        diffrax.PIDController(rtol=tolerance, atol=tolerance, norm=optimistix.max_norm),
        solver=diffrax.Kvaerno5(),
        most_steps=_MOST_STEPS,
    )
    return solved.states, solved.done

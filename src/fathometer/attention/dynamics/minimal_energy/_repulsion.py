"""The flow of tokens that repel each other: V = -I, the gradient flow of the energy downwards under USA."""

import numpy as np
from numpy.typing import ArrayLike

from fathometer.attention.dynamics.minimal_energy._search import clouds
from fathometer.attention.dynamics.variants._simulate import simulate_variant
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.model._variant import Variant
from fathometer.attention.model.minimal_energy._problem import MinimalEnergy
from fathometer.evidence import InputError, Problem, Trajectory


def simulate_repulsion(system: ParticleSystem, times: ArrayLike, tolerance: float = 1e-8) -> Trajectory:
    """Integrate tokens whose values are -x_j: the plain model with the sign of the motion turned round.

    Args:
        system: the tokens at time 0; under USA and SA the energy never rises.
        times: shape (length,), strictly increasing from 0.
        tolerance: as for `simulate`, between 1e-13 and 1e-7.

    Returns:
        The run of the variant with V = -I, as `simulate_variant` returns it.

    Raises:
        InputError: if a value is not as above.
    """
    return simulate_variant(Variant(system, value=-np.eye(system.points.shape[1])), times, tolerance)


def as_clouds(run: Trajectory) -> Trajectory:
    """Return the states of any run of tokens of equal mass as clouds, for the theorems on the least energy.

    These speak about every cloud, however it came about; so the clouds have no twins.

    Args:
        run: of a `ParticleSystem` or a `Variant`, with states "points".

    Raises:
        InputError: if the masses differ or the run is of another problem.
    """
    system = _tokens(run.problem)
    if np.ptp(system.masses) > 1e-12:
        raise InputError(f"masses must be equal, got masses from {system.masses.min():g} to {system.masses.max():g}")
    n, d = system.points.shape
    return clouds(MinimalEnergy(n, d, system.beta), run.states["points"], run.axis)


def _tokens(problem: Problem) -> ParticleSystem:
    return ParticleSystem.expect(problem.system if isinstance(problem, Variant) else problem)

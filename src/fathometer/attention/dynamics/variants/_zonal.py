"""Runs of the axially symmetric law of infinitely many noisy tokens on a sphere of any dimension."""

import numpy as np
from numpy.typing import ArrayLike

from fathometer.attention.dynamics._assembly import SCIPY, assemble, read_times
from fathometer.attention.model.variants._zonal_law import ZonalLaw
from fathometer.evidence import InputError, Trajectory, finite_number
from fathometer.numerics import LOOSER, nudge_of, nudged, scipy_solve_at, with_twins

_CROWDED = 0.5
"""Probability of one node from which on a law is too sharp for its nodes."""


def evolve_zonal(law: ZonalLaw, times: ArrayLike, tolerance: float = 1e-8) -> Trajectory:
    """Integrate the one-dimensional Fokker-Planck equation in <x, w> on the nodes of the law, with LSODA.

    Args:
        law: the density at time 0 and its model.
        times: shape (length,), strictly increasing from 0.
        tolerance: relative error of a step, between 1e-12 and 1e-4.

    Returns:
        A trajectory along time with states "density", shape (length, nodes). Its twins have half as many nodes, and a
        looser tolerance: intervals contain the error of the nodes.

    Raises:
        InputError: if a value is not as above, the law has fewer than 16 nodes, or it becomes too sharp for them.
    """
    axis, tolerance = read_times(times), finite_number("tolerance", tolerance, at_least=1e-12, at_most=1e-4)
    if len(law.density) < 16:
        raise InputError(f"density must have at least 16 entries to be run, got {len(law.density)}")

    def run(own: ZonalLaw, local: float, nudge: float) -> Trajectory:
        start = own.weights * own.density * nudged(np.ones(len(own.density)), nudge)
        masses = scipy_solve_at(
            axis.points, lambda t, p: own.flow(p), start / start.sum(), local, absolute=1e-4 * local
        )
        if masses.max() > _CROWDED:
            raise InputError(f"density must have more than {len(law.density)} entries: it becomes too sharp for them")
        density = np.maximum(masses, 0) / own.weights
        density[0] = own.density
        return assemble(own, axis, {"density": density}, SCIPY)

    coarse, loose = law.resampled(len(law.density) // 2), LOOSER * tolerance
    others = run(coarse, loose, 0.0), run(coarse, loose, nudge_of(loose))
    return with_twins(run(law, tolerance, 0.0), *others, None, apart=True)

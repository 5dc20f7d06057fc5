"""How far tokens are from where they start, or from tokens that stay."""

import numpy as np
from jaxtyping import Float

from fathometer.attention.model._variant import Variant
from fathometer.attention.model.variants._frozen_circle import FrozenCircle
from fathometer.attention.model.variants._strong_centres import CausalCentres
from fathometer.evidence import Estimate, Trajectory

ERROR = 1e-6
"""Of an angle, from the integration."""
_CURVED = 1e-12
"""Curvature of the energy, relative to the largest, below which its sign is rounding."""


def last_chords_to_first(run: Trajectory) -> Estimate:
    """Chords from the tokens at the end to the first token's start; a limit could still be anything below them."""
    start = Variant.expect(run.problem).system.points[0]
    chords = np.linalg.norm(run.states["points"][-1] - start, axis=-1)
    return Estimate.heuristic(chords, np.zeros_like(chords), chords)


def centres_moved(run: Trajectory) -> Estimate:
    """Angle of every strong centre from its place at time 0, shape (t, centres)."""
    problem = CausalCentres.expect(run.problem)
    start = problem.variant.system.points[problem.centres]
    chords = np.linalg.norm(run.states["points"][:, problem.centres] - start, axis=-1)
    moved = 2 * np.arcsin(np.minimum(chords / 2, 1.0))
    return Estimate.heuristic(moved, np.maximum(moved - ERROR, 0.0), moved + ERROR, along=run.axis)


def last_distances_to_frozen(run: Trajectory) -> Estimate:
    """Angle of every token to the nearest frozen one at the end; open unless the end is next to a stable rest."""
    problem, angles = FrozenCircle.expect(run.problem), run.states["angles"][-1]
    distances = problem.distances(angles)
    if not _has_arrived(problem, angles):
        return Estimate.heuristic(distances, np.zeros_like(distances), np.full_like(distances, np.pi))
    return Estimate.heuristic(distances, np.maximum(distances - ERROR, 0.0), distances + ERROR)


def _has_arrived(problem: FrozenCircle, angles: Float[np.ndarray, " n"]) -> bool:
    """Whether a stable rest is within `ERROR`, by the distance that is left to go: a Newton step of the energy.

    A speed tells nothing: next to an unstable rest, or far from everybody, tokens take exponentially long to leave.
    """
    hessian = problem.hessian(angles)
    curvatures = np.linalg.eigvalsh(hessian)
    if np.any(curvatures >= -_CURVED * np.max(np.abs(curvatures), initial=0.0)):
        return False
    return bool(np.max(np.abs(np.linalg.solve(hessian, problem.forces(angles))), initial=0.0) <= ERROR)

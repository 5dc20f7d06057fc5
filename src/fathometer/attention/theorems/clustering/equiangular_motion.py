"""Equiangular tokens stay equiangular, and their cosine solves a scalar equation."""

from fathometer.attention.model._references import PERSPECTIVE
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.predictions._equiangular import (
    EQUIANGULAR,
    common_cosine,
    equiangular_deficit,
    extreme_cosines,
)
from fathometer.evidence import Axis, Estimate, InputError, Problem, Source, Theorem, Trajectory, Within

_SLACK = 1e-5


def _extremes(trajectory: Trajectory) -> Estimate:
    return Estimate.exact(extreme_cosines(trajectory.states["points"]), along=trajectory.axis)


def _scalar_motion(problem: Problem, axis: Axis | None) -> Within:
    if axis is None:
        raise InputError("the motion is a statement along time; the measurement has no axis")
    system = ParticleSystem.expect(problem)
    deficit = equiangular_deficit(axis.points, common_cosine(system), len(system.points), system.beta, system.model)
    cosine = 1 - deficit[:, None]
    return Within(cosine - _SLACK, cosine + _SLACK)


THEOREM = Theorem(
    id="equiangular_motion",
    theory="attention",
    title="Equiangular tokens stay equiangular",
    statement="If all cosines <x_i, x_j>, i != j, are equal then they stay equal, and solve"
    " d rho/dt = 2 q (1 - rho) (1 + (n - 1) rho) / D with q = exp(-beta (1 - rho)), D = n for USA and"
    " D = 1 + (n - 1) q for SA; here to 1e-5, smallest and largest cosine alike.",
    source=Source(PERSPECTIVE, "high dimension: the equiangular reduction", "The slack is room for the solver."),
    hypotheses=EQUIANGULAR,
    quantity=_extremes,
    predict=_scalar_motion,
)

"""Equiangular tokens stay equiangular, and their cosine solves a scalar equation."""

from fathometer.attention.model._references import PERSPECTIVE
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._cosines import extreme_cosines
from fathometer.attention.predictions._equiangular import EQUIANGULAR, common_cosine, equiangular_deficit
from fathometer.attention.theorems._examples import octahedron, run_of_orthogonal_tokens
from fathometer.evidence import (
    AtLeast,
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    InputError,
    Problem,
    Source,
    Theorem,
    Trajectory,
    Within,
)

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


def _sum_of_tokens(problem: Problem) -> Estimate:
    system = ParticleSystem.expect(problem)
    return Estimate.exact(1 + (len(system.points) - 1) * common_cosine(system))


THEOREM = Theorem(
    id="equiangular_motion",
    theory="attention",
    title="Equiangular tokens stay equiangular",
    statement="If all cosines <x_i, x_j>, i != j, are equal then they stay equal, and solve"
    " d rho/dt = 2 q (1 - rho) (1 + (n - 1) rho) / D with q = exp(-beta (1 - rho)), D = n for USA and"
    " D = 1 + (n - 1) q for SA; here to 1e-5, smallest and largest cosine alike.",
    source=Source(PERSPECTIVE, "high dimension: the equiangular reduction", "The slack is room for the solver."),
    about=ParticleSystem,
    hypotheses=(
        *EQUIANGULAR,
        Hypothesis("tokens do not add up to 0: 1 + (n - 1) rho", AtLeast(1e-6, domain=(0, None)), _sum_of_tokens),
    ),
    quantity=_extremes,
    predict=_scalar_motion,
    example=run_of_orthogonal_tokens,
    counterexample=octahedron,
    along=(AxisKind.TIME,),
    reads=("points",),
)

"""What one layer of attention does to equiangular tokens of a long context."""

import numpy as np

from fathometer.attention.model._references import SURVEY
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._cosines import average_directions, extreme_cosines
from fathometer.attention.predictions._equiangular import EQUIANGULAR, common_cosine, layer_cosine
from fathometer.attention.theorems._examples import octahedron, run_of_orthogonal_tokens
from fathometer.evidence import (
    AtLeast,
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    Problem,
    Source,
    Theorem,
    Trajectory,
    Within,
)
from fathometer.numerics import in_float64


@in_float64
def _cosines_after_a_layer(trajectory: Trajectory) -> Estimate:
    system = ParticleSystem.expect(trajectory.problem)
    directions = average_directions(trajectory.states["points"][0], system.masses, system.beta)
    return Estimate.exact(extreme_cosines(directions[None])[0])


def _formula(problem: Problem, axis: Axis | None) -> Within:
    system = ParticleSystem.expect(problem)
    n = len(system.points)
    cosine = layer_cosine(max(common_cosine(system), 0.0), n, system.beta / np.log(n))
    return Within(cosine - 1e-9, cosine + 1e-9)


def _cosine(problem: Problem) -> Estimate:
    return Estimate.exact(common_cosine(ParticleSystem.expect(problem)))


THEOREM = Theorem(
    id="long_context",
    theory="attention",
    title="One layer of attention on equiangular tokens",
    statement="With beta = gamma log n, the averages sum_j A_ij x_j of n tokens with the common cosine rho >= 0 have"
    " the common cosine (rho + (1 - rho) (2 a o + (n - 2) o^2)) / (rho + (1 - rho) (a^2 + (n - 1) o^2)) with"
    " a = 1/(1 + (n - 1) n^(-gamma (1 - rho))), o = (1 - a)/(n - 1); for n to infinity it tends to 1, to"
    " 4 rho/(1 + 3 rho) or to rho, as gamma is below, at or above 1/(1 - rho).",
    source=Source(SURVEY, "long-context limit", "The formula at finite n is derived; measured on the first state."),
    about=ParticleSystem,
    hypotheses=(*EQUIANGULAR, Hypothesis("a common cosine that is not negative", AtLeast(-1e-12), _cosine)),
    quantity=_cosines_after_a_layer,
    predict=_formula,
    example=run_of_orthogonal_tokens,
    counterexample=octahedron,
    along=(AxisKind.TIME, AxisKind.LAYER),
    reads=("points",),
)

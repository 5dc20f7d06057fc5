"""With Post-LN, equiangular tokens approach each other like exp(-2 t)."""

from fathometer.attention.model._hypotheses import SA_ONLY
from fathometer.attention.model._references import NORMALIZATION
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables.variants._late_cosines import late_rate
from fathometer.attention.predictions._equiangular import EQUIANGULAR
from fathometer.attention.theorems.variants._examples import equiangular_usa, run_with_post_ln
from fathometer.evidence import Axis, AxisKind, Estimate, Problem, Source, Theorem, Trajectory, Within

ROOM = 0.05


def _late_rate(trajectory: Trajectory) -> Estimate:
    return late_rate(trajectory, ParticleSystem.expect(trajectory.problem).beta)


def predict(problem: Problem, axis: Axis | None) -> Within:
    """2, to 0.05."""
    return Within(2 - ROOM, 2 + ROOM)


THEOREM = Theorem(
    id="post_ln_rate",
    theory="attention",
    title="Post-LN collapses exponentially",
    statement="For equiangular tokens under SA with Post-LN, 1 - <x_i, x_j> decays like exp(-2 t) next to one cluster,"
    " whatever beta, n and d; here the rate is 2 to 0.05.",
    source=Source(NORMALIZATION, "rates of the normalization schemes", "SA on the sphere is Post-LN."),
    about=ParticleSystem,
    hypotheses=(*EQUIANGULAR, SA_ONLY),
    quantity=_late_rate,
    predict=predict,
    example=run_with_post_ln,
    counterexample=equiangular_usa,
    along=(AxisKind.TIME,),
    reads=("points",),
)

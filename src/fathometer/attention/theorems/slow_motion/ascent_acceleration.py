"""Where the energy is convex along the path, the ascent accelerates exponentially: a jump is coming."""

from fathometer.attention.model._ascent_path import AscentPath
from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.observables.paths._ascent_path import log_growth_of_slope
from fathometer.attention.predictions._ascent_path import convexity
from fathometer.attention.theorems.slow_motion._examples import before_a_jump, falling_into_a_cluster
from fathometer.evidence import AtLeast, Axis, AxisKind, Estimate, Hypothesis, Positive, Problem, Source, Theorem


def predict(problem: Problem, axis: Axis | None) -> AtLeast:
    """At least 2 c t, with room for the solver."""
    path = AscentPath.expect(problem)
    return AtLeast(2 * convexity(path) * (path.times - path.times[0]) - 2e-8)


def _convexity(problem: Problem) -> Estimate:
    return Estimate.exact(convexity(AscentPath.expect(problem)))


THEOREM = Theorem(
    id="ascent_acceleration",
    theory="attention",
    title="Convex along the path: the ascent accelerates",
    statement="If <Hess E grad E, grad E> >= c |grad E|^2 with c > 0 along the ascent on [0, T], then"
    " |grad E(X(t))|^2 >= exp(2 c t) |grad E(X(0))|^2.",
    source=Source(METASTABILITY, "acceleration (reverse Polyak-Lojasiewicz)", "c is measured along the path."),
    about=AscentPath,
    hypotheses=(Hypothesis("convex along the path: c > 0", Positive(), _convexity),),
    quantity=log_growth_of_slope,
    predict=predict,
    example=before_a_jump,
    counterexample=falling_into_a_cluster,
    along=(AxisKind.TIME,),
    reads=("angles",),
)

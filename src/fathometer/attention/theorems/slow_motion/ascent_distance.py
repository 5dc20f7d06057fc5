"""A Polyak-Lojasiewicz inequality along the path bounds how far the path still has to go."""

from fathometer.attention.model._ascent_path import AscentPath
from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.observables.paths._ascent_path import square_distance_to_end
from fathometer.attention.predictions._ascent_path import distance_bound, path_pl_constant
from fathometer.attention.theorems.slow_motion._examples import from_rest, into_a_cluster
from fathometer.evidence import (
    AtMost,
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    Positive,
    PrintedForm,
    Problem,
    Source,
    Theorem,
)


def predict(problem: Problem, axis: Axis | None) -> AtMost:
    """At most 2 (E(v) - E(u)) / c."""
    return AtMost(distance_bound(AscentPath.expect(problem), 2.0))


def _printed(problem: Problem, axis: Axis | None) -> AtMost:
    return AtMost(distance_bound(AscentPath.expect(problem), 0.5))


def _constant(problem: Problem) -> Estimate:
    return Estimate.exact(path_pl_constant(AscentPath.expect(problem)))


THEOREM = Theorem(
    id="ascent_distance",
    theory="attention",
    title="A PL inequality along the path bounds its length",
    statement="If E(v) - E(X(t)) <= |grad E(X(t))|^2 / (2 c) along the ascent from u to v, then"
    " (c/2) |u - v|^2 <= E(v) - E(u).",
    source=Source(
        METASTABILITY,
        "quantitative lemma",
        "Printed with 2 c instead of c/2, which a quadratic energy refutes. c is measured along the path, until the"
        " rise that is left is 1e-6 of the whole; 1e-5 of it is room at the end.",
    ),
    about=AscentPath,
    hypotheses=(Hypothesis("a PL constant c > 0 along the path", Positive(), _constant),),
    quantity=square_distance_to_end,
    predict=predict,
    example=into_a_cluster,
    counterexample=from_rest,
    along=(AxisKind.TIME,),
    reads=("angles",),
    as_printed=(PrintedForm("under the same condition, 2 c |u - v|^2 <= E(v) - E(u)", predict=_printed),),
)

"""Where the energy is concave along the path, the squared slope bounds how far it still has to rise."""

from fathometer.attention.model._ascent_path import AscentPath
from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.observables.paths._ascent_path import rise_to_end
from fathometer.attention.predictions._ascent_path import concavity, gap_bound
from fathometer.attention.theorems.slow_motion._examples import into_a_cluster, rising_to_a_jump
from fathometer.evidence import AtMost, Axis, AxisKind, Estimate, Hypothesis, Positive, Problem, Source, Theorem


def predict(problem: Problem, axis: Axis | None) -> AtMost:
    """At most |grad E|^2 / (2 c)."""
    return AtMost(gap_bound(AscentPath.expect(problem)))


def _concavity(problem: Problem) -> Estimate:
    return Estimate.exact(concavity(AscentPath.expect(problem)))


THEOREM = Theorem(
    id="ascent_gap",
    theory="attention",
    title="Concave along the path: the slope bounds the gap",
    statement="If <grad E, Hess E grad E> <= -c |grad E|^2 with c > 0 along the ascent from u to v, then"
    " E(v) - E(u) <= |grad E(u)|^2 / (2 c).",
    source=Source(
        METASTABILITY,
        "lemma of Bakry-Emery type",
        "c is measured along the path. 1e-6 and 1e-15 are room for the solver and for rounding.",
    ),
    about=AscentPath,
    hypotheses=(Hypothesis("concave along the path: c > 0", Positive(), _concavity),),
    quantity=rise_to_end,
    predict=predict,
    example=into_a_cluster,
    counterexample=rising_to_a_jump,
    along=(AxisKind.TIME,),
    reads=("angles",),
)

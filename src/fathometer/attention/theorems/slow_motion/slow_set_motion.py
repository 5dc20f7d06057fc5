"""Along the slow set, states only move as fast as the energy changes within it."""

from fathometer.attention.model._ascent_path import AscentPath
from fathometer.attention.model._references import SLOW_MOTION
from fathometer.attention.observables.paths._ascent_path import distance_moved
from fathometer.attention.predictions._ascent_path import motion_bound, room_after_transient
from fathometer.attention.theorems.slow_motion._examples import along_the_slow_set, wrong_clusters
from fathometer.attention.theorems.slow_motion.slow_set_attracts import INEQUALITIES
from fathometer.evidence import AtLeast, AtMost, Axis, AxisKind, Estimate, Hypothesis, Problem, Source, Theorem


def predict(problem: Problem, axis: Axis | None) -> AtMost:
    """At most 340 (1 + kappa t) delta / kappa."""
    return AtMost(motion_bound(AscentPath.expect(problem), axis))


def _room_after_transient(problem: Problem) -> Estimate:
    return Estimate.exact(room_after_transient(AscentPath.expect(problem)))


THEOREM = Theorem(
    id="slow_set_motion",
    theory="attention",
    title="Slow motion along the slow set",
    statement="With kappa and delta as for the attraction to the slow set, from a time on at which"
    " sqrt(E(v) - E(u)) <= 27 delta / sqrt(kappa), |v(t) - v(0)| <= 340 (1 + kappa t) delta / kappa.",
    source=Source(SLOW_MOTION, "slow motion along the slow manifold", "Derived with explicit constants."),
    about=AscentPath,
    hypotheses=(INEQUALITIES, Hypothesis("after the transient (room)", AtLeast(0.0), _room_after_transient)),
    quantity=distance_moved,
    predict=predict,
    example=along_the_slow_set,
    counterexample=wrong_clusters,
    along=(AxisKind.TIME,),
    reads=("angles",),
    uses=("slow_set_attracts",),
)

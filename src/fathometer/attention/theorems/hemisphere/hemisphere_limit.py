"""Tokens of a hemisphere approach their limit at an explicit exponential rate."""

from fathometer.attention.model._hemisphere import OPEN_HEMISPHERE
from fathometer.attention.model._references import PERSPECTIVE
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._hemisphere import slowest_approach
from fathometer.attention.predictions._hemisphere import approach_rate
from fathometer.attention.theorems._examples import octahedron, run_in_a_hemisphere
from fathometer.evidence import AtMost, Axis, AxisKind, Estimate, Problem, Source, Theorem, Trajectory

_ROOM = 1e-5


def _excess(trajectory: Trajectory) -> Estimate:
    rate = approach_rate(ParticleSystem.expect(trajectory.problem))
    return slowest_approach(trajectory.states["points"], trajectory.axis.points, rate)


def _predict(problem: Problem, axis: Axis | None) -> AtMost:
    return AtMost(_ROOM)


THEOREM = Theorem(
    id="hemisphere_limit",
    theory="attention",
    title="Rate of approach to the limit in a hemisphere",
    statement="With x* the limit of the tokens and alpha = min_i <x_i, x*>, d alpha/dt >= m exp(-2 beta) (1 - alpha)/2"
    " once alpha >= 1/2, m the smallest mass, 1/n for equal ones: 1 - alpha falls at least at that rate.",
    source=Source(
        PERSPECTIVE,
        "cone collapse lemma, last step of the proof",
        "x* is the mean direction of the last state, and its error counts: a run that has not converged is undecided."
        " A slack of 1e-5 is room for the solver.",
    ),
    about=ParticleSystem,
    hypotheses=(OPEN_HEMISPHERE,),
    quantity=_excess,
    predict=_predict,
    example=run_in_a_hemisphere,
    counterexample=octahedron,
    along=(AxisKind.TIME,),
    reads=("points",),
    uses=("hemisphere_rate",),
)

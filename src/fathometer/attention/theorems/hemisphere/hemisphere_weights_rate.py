"""Tokens in a hemisphere approach each other at an explicit rate, whatever the queries and keys of all heads."""

from fathometer.attention.model._hemisphere import hemisphere_margin
from fathometer.attention.model._references import PERSPECTIVE
from fathometer.attention.model._variant import Variant
from fathometer.attention.model.variants._hypotheses import ATTENTION_ALONE, SCALED_VALUES, SOFTMAX
from fathometer.attention.model.weights._hypotheses import NO_MASK, POST_LN
from fathometer.attention.observables._hemisphere import log_chart_shrinkage
from fathometer.attention.observables.clusters._clusters import until_one_cluster
from fathometer.attention.predictions.weights._rates import weighted_contraction_rate
from fathometer.attention.theorems.variants._weights_examples import run_of_two_heads, two_heads_in_no_hemisphere
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    InputError,
    Problem,
    Source,
    Theorem,
    Trajectory,
)


def _log_width(trajectory: Trajectory) -> Estimate:
    start = Variant.expect(trajectory.problem).system.points
    return log_chart_shrinkage(trajectory.states["points"], start, trajectory.axis)


def _shrinks(problem: Problem, axis: Axis | None) -> AtMost:
    if axis is None:
        raise InputError("the rate is a statement along time; the measurement has no axis")
    return AtMost(-weighted_contraction_rate(Variant.expect(problem)) * axis.points + 1e-5)


def _margin(problem: Problem) -> Estimate:
    return hemisphere_margin(Variant.expect(problem).system)


THEOREM = Theorem(
    id="hemisphere_weights_rate",
    theory="attention",
    title="Explicit rate of collapse in a hemisphere, with any queries and keys",
    statement="With V_h = s_h I, s_h >= 0, any Q_h, K_h and r_0 = min_i <x_i(0), w> > 0, the diameter D of the chart"
    " y_i = x_i / <x_i, w> obeys log D(t)/D(0) <= -r_0 sum_h s_h exp(-2 beta |Q_h'K_h|) t under SA, and with"
    " exp(-beta (1 + |Q_h'K_h|)) under USA (spectral norms); here until the tokens are one cluster.",
    source=Source(
        PERSPECTIVE,
        "cone collapse lemma for any Q and K, with an explicit rate",
        "The rate is derived; with Q = K = I it is that of `hemisphere_rate`. A slack of 1e-5 is room for the solver.",
    ),
    about=Variant,
    hypotheses=(
        SCALED_VALUES,
        ATTENTION_ALONE,
        NO_MASK,
        SOFTMAX,
        POST_LN,
        Hypothesis("all tokens in an open hemisphere", AtLeast(1e-9, domain=(-1, 1)), _margin),
    ),
    quantity=_log_width,
    predict=_shrinks,
    example=run_of_two_heads,
    counterexample=two_heads_in_no_hemisphere,
    along=(AxisKind.TIME,),
    reads=("points",),
    part=until_one_cluster,
    uses=("hemisphere_weights",),
)

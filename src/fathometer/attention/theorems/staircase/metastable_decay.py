"""Tokens in separated caps relax to the slow manifold exponentially, down to its width."""

from dataclasses import replace

from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model._system import Model
from fathometer.attention.model.caps._hypotheses import ADMISSIBLE_RATE, SEPARATED
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.attention.model.caps._slow_manifold import CAPS_ON_CIRCLE, CLOSE
from fathometer.attention.observables.caps._slow_manifold import root_deficit
from fathometer.attention.predictions._slow_motion import relaxation_bound, slow_manifold_constant
from fathometer.attention.theorems.metastability._examples import ALONG
from fathometer.attention.theorems.slow_motion._examples import close_in_caps, wide_caps
from fathometer.evidence import AtMost, Axis, Hypothesis, Problem, Source, Theorem


def predict(problem: Problem, axis: Axis | None) -> AtMost:
    """With the constant of the inequality around the slow manifold, and C = 1."""
    cloud = SeparatedCloud.expect(problem)
    return AtMost(relaxation_bound(cloud, axis, slow_manifold_constant(cloud), 1.0), domain=(0, None))


def metastable_decay(kappa: float, constant: float) -> Theorem:
    """Return the statement with values for kappa, in the time of steepest ascent, and for C."""

    def claimed(problem: Problem, axis: Axis | None) -> AtMost:
        return AtMost(relaxation_bound(SeparatedCloud.expect(problem), axis, kappa, constant), domain=(0, None))

    return replace(THEOREM, predict=claimed)


def _is_usa(problem: Problem) -> bool:
    return SeparatedCloud.expect(problem).system.model is Model.USA


THEOREM = Theorem(
    id="metastable_decay",
    theory="attention",
    title="Relaxation to the slow manifold of attention",
    statement="With separated caps on the circle under USA, whose tokens are close, f = sqrt(E(v) - E) obeys f(t) <="
    " exp(-kappa n t) f(0) + exp(-lambda beta / 2) until T_2, v with every cap collapsed and kappa as in the inequality"
    " around the slow manifold.",
    source=Source(
        METASTABILITY,
        "corollary of the relaxation theorem for the attention energy",
        "Said there with constants kappa and C that are not given; these are derived. Others can be tried with"
        " metastable_decay(kappa, C). The factor n is the time unit of USA.",
    ),
    about=SeparatedCloud,
    hypotheses=(
        CAPS_ON_CIRCLE,
        Hypothesis.that("the model is USA", _is_usa),
        *SEPARATED,
        *ADMISSIBLE_RATE,
        *CLOSE,
    ),
    quantity=root_deficit,
    predict=predict,
    example=close_in_caps,
    counterexample=wide_caps,
    along=ALONG,
    reads=("points",),
    uses=("slow_manifold_pl", "caps_contain", "caps_keep_tight"),
)

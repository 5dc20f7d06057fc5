"""Under a causal mask, strong Renyi centres keep their place for an explicit, exponentially long time."""

import numpy as np

from fathometer.attention.model._hessian import interaction_range
from fathometer.attention.model._references import CAUSAL
from fathometer.attention.model.variants._hypotheses import EQUAL, is_causal_post, score_defect, value_defect
from fathometer.attention.model.variants._strong_centres import CausalCentres
from fathometer.attention.model.weights._distances import extra_share
from fathometer.attention.observables.variants._causal import ERROR, centres_moved
from fathometer.attention.predictions.variants._strong_centres import staying_times
from fathometer.attention.theorems.variants._examples import causal_centres_too_near, run_of_centres
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
    Within,
)


def predict(problem: Problem, axis: Axis | None) -> AtMost:
    """At most eps c / sqrt(beta) until T s h(c / sqrt(beta)) reaches it, and nothing after.

    Raises:
        InputError: if the measurement has no axis.
    """
    if axis is None:
        raise InputError("this is a statement along time; the measurement has no axis")
    centres = CausalCentres.expect(problem)
    early = axis.points[:, None] < staying_times(centres)
    return AtMost(np.where(early, centres.epsilon * centres.scale + 2 * ERROR, np.pi), domain=(0, np.pi))


def _causal_post(problem: Problem) -> bool:
    return is_causal_post(CausalCentres.expect(problem).variant)


def _softmax(problem: Problem) -> bool:
    return not CausalCentres.expect(problem).variant.hard


def _values(problem: Problem) -> Estimate:
    return value_defect(CausalCentres.expect(problem).variant)


def _scores(problem: Problem) -> Estimate:
    return score_defect(CausalCentres.expect(problem).variant)


def _heads(problem: Problem) -> Estimate:
    return Estimate.exact(CausalCentres.expect(problem).variant.heads)


def _extra(problem: Problem) -> Estimate:
    return Estimate.exact(extra_share(CausalCentres.expect(problem).variant))


def _dimension(problem: Problem) -> Estimate:
    return Estimate.exact(CausalCentres.expect(problem).variant.system.points.shape[1])


def _excess(problem: Problem) -> Estimate:
    centres = CausalCentres.expect(problem)
    beta = centres.variant.system.beta
    return Estimate.exact(centres.c - np.sqrt(beta) * interaction_range(beta))


def _mass_spread(problem: Problem) -> Estimate:
    masses = CausalCentres.expect(problem).variant.system.masses
    return Estimate.exact(len(masses) * np.ptp(masses))


def _room_on_circle(problem: Problem) -> Estimate:
    centres = CausalCentres.expect(problem)
    return Estimate.exact(np.pi - centres.scale * (1 + 2 * centres.epsilon))


THEOREM = Theorem(
    id="strong_centres_stay",
    theory="attention",
    title="Strong centres of causal attention are metastable",
    statement="On the circle with a causal mask and Q = K = V = I, a token s that starts farther than"
    " c (1 + 2 eps)/sqrt(beta) from all tokens before it, c > sqrt(beta) tau*, moves by less than eps c/sqrt(beta) on"
    " [0, T] if T s h(c/sqrt(beta)) < eps c/sqrt(beta), h(x) = exp(beta (cos x - 1)) sin x.",
    source=Source(CAUSAL, "strong Renyi centres are metastable, d = 2", "s is the place in the order, from 1 on."),
    about=CausalCentres,
    hypotheses=(
        Hypothesis.that("a causal mask and Post-LN", _causal_post),
        Hypothesis.that("softmax attention, not hardmax", _softmax),
        Hypothesis("values are the tokens: V = I", AtMost(EQUAL), _values),
        Hypothesis("plain scores: Q'K = I", AtMost(EQUAL), _scores),
        Hypothesis("one head", Within(1, 1, domain=(1, None)), _heads),
        Hypothesis("no MLP and no bias of the values (their motion over that of the attention)", AtMost(EQUAL), _extra),
        Hypothesis("on the circle: d = 2", Within(2, 2, domain=(2, None)), _dimension),
        Hypothesis("equal masses", AtMost(1e-9), _mass_spread),
        Hypothesis("c above sqrt(beta) tau* (room)", AtLeast(1e-12), _excess),
        Hypothesis("c (1 + 2 eps)/sqrt(beta) below pi (room)", AtLeast(1e-12), _room_on_circle),
    ),
    quantity=centres_moved,
    predict=predict,
    example=run_of_centres,
    counterexample=causal_centres_too_near,
    along=(AxisKind.TIME,),
    reads=("points",),
)

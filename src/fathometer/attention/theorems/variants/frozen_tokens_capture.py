"""Frozen tokens that are far from each other capture every other token."""

import numpy as np

from fathometer.attention.model._references import CAUSAL
from fathometer.attention.model.variants._frozen_circle import FrozenCircle
from fathometer.attention.observables.variants._causal import ERROR, last_distances_to_frozen
from fathometer.attention.theorems.variants._examples import crowded_circle, run_of_frozen_circle
from fathometer.evidence import AtLeast, AtMost, Axis, AxisKind, Estimate, Hypothesis, Problem, Source, Theorem


def predict(problem: Problem, axis: Axis | None) -> AtMost:
    """At most eps / sqrt(beta)."""
    frozen = FrozenCircle.expect(problem)
    return AtMost(frozen.epsilon / np.sqrt(frozen.beta) + 2 * ERROR, domain=(0, np.pi))


def _separation(problem: Problem) -> Estimate:
    frozen = FrozenCircle.expect(problem)
    return Estimate.exact(np.min(frozen.gaps, initial=np.pi) - frozen.c / np.sqrt(frozen.beta))


def _excess(problem: Problem) -> Estimate:
    frozen = FrozenCircle.expect(problem)
    return Estimate.exact(frozen.c - 2 - 2 * frozen.epsilon)


def _pull_margin(problem: Problem) -> Estimate:
    frozen = FrozenCircle.expect(problem)
    far = frozen.total * frozen.pull(frozen.c - 1 - 2 * frozen.epsilon)
    return Estimate.exact(frozen.pull(frozen.epsilon) - far)


def _slope_margin(problem: Problem) -> Estimate:
    frozen = FrozenCircle.expect(problem)
    far = -frozen.total * frozen.slope(frozen.c - 2 * frozen.epsilon)
    return Estimate.exact(frozen.slope(frozen.epsilon) - far)


THEOREM = Theorem(
    id="frozen_tokens_capture",
    theory="attention",
    title="Frozen tokens capture all others",
    statement="On the circle with frozen tokens of weights a_j >= 1, c/sqrt(beta) apart, N = n + sum a_j,"
    " c > 2 + 2 eps, N h((c - 1 - 2 eps)/sqrt(beta)) < h(eps/sqrt(beta)) and"
    " -N g((c - 2 eps)/sqrt(beta)) < g(eps/sqrt(beta)), almost every start converges to a stable state with every"
    " token within eps/sqrt(beta) of a frozen one (g = h').",
    source=Source(
        CAUSAL,
        "clustering around frozen tokens",
        "The sign in front of N g is corrected: g is negative there, so that the condition as printed asks for nothing."
        " A run that does not end next to a stable rest is undecided, however slowly it moves; so are the exceptional"
        " starts.",
    ),
    about=FrozenCircle,
    hypotheses=(
        Hypothesis("frozen tokens c/sqrt(beta) apart (room)", AtLeast(0.0), _separation),
        Hypothesis("c > 2 + 2 eps (room)", AtLeast(1e-12), _excess),
        Hypothesis("N h((c - 1 - 2 eps)/sqrt(beta)) < h(eps/sqrt(beta)) (room)", AtLeast(1e-12), _pull_margin),
        Hypothesis("-N g((c - 2 eps)/sqrt(beta)) < g(eps/sqrt(beta)) (room)", AtLeast(1e-12), _slope_margin),
    ),
    quantity=last_distances_to_frozen,
    predict=predict,
    example=run_of_frozen_circle,
    counterexample=crowded_circle,
    along=(AxisKind.TIME,),
    reads=("angles",),
)

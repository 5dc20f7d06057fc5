"""Frozen tokens that are far from each other capture every other token."""

import numpy as np

from fathometer.attention.dynamics.variants._frozen import FrozenCircle
from fathometer.attention.model._hessian import pull_slope
from fathometer.attention.model._references import CAUSAL
from fathometer.evidence import AtLeast, AtMost, Axis, Estimate, Hypothesis, Problem, Source, Theorem, Trajectory

_AT_REST = 1e-8
_ERROR = 1e-6


def last_distances(trajectory: Trajectory) -> Estimate:
    """Angle of every token to the nearest frozen one at the end; open below while some token still moves."""
    problem, angles = FrozenCircle.expect(trajectory.problem), trajectory.states["angles"][-1]
    found = problem.distances(angles)
    moving = np.max(np.abs(problem.velocities(angles)), initial=0.0) > _AT_REST
    lower = np.zeros_like(found) if moving else np.maximum(found - _ERROR, 0.0)
    return Estimate.heuristic(found, lower, np.full_like(found, np.pi) if moving else found + _ERROR)


def predict(problem: Problem, axis: Axis | None) -> AtMost:
    """At most eps / sqrt(beta)."""
    frozen = FrozenCircle.expect(problem)
    return AtMost(frozen.epsilon / np.sqrt(frozen.beta) + 2 * _ERROR, domain=(0, np.pi))


def _pull(frozen: FrozenCircle, distance: float) -> float:
    angle = distance / np.sqrt(frozen.beta)
    return float(np.exp(-2 * frozen.beta * np.sin(angle / 2) ** 2) * np.sin(angle))


def _slope(frozen: FrozenCircle, distance: float) -> float:
    return float(pull_slope(np.array([distance / np.sqrt(frozen.beta)]), frozen.beta)[0])


def _separation(problem: Problem) -> Estimate:
    frozen = FrozenCircle.expect(problem)
    gaps = 2 * np.arcsin(np.abs(np.sin((frozen.frozen[:, None] - frozen.frozen) / 2)))
    pairs = gaps[np.triu_indices(len(gaps), 1)]
    return Estimate.exact(np.min(pairs, initial=np.pi) - frozen.c / np.sqrt(frozen.beta))


def _excess(problem: Problem) -> Estimate:
    frozen = FrozenCircle.expect(problem)
    return Estimate.exact(frozen.c - 2 - 2 * frozen.epsilon)


def _pull_margin(problem: Problem) -> Estimate:
    frozen = FrozenCircle.expect(problem)
    far = frozen.total * _pull(frozen, frozen.c - 1 - 2 * frozen.epsilon)
    return Estimate.exact(_pull(frozen, frozen.epsilon) - far)


def _slope_margin(problem: Problem) -> Estimate:
    frozen = FrozenCircle.expect(problem)
    return Estimate.exact(_slope(frozen, frozen.epsilon) + frozen.total * _slope(frozen, frozen.c - 2 * frozen.epsilon))


def _printed_slope_margin(problem: Problem) -> Estimate:
    frozen = FrozenCircle.expect(problem)
    return Estimate.exact(_slope(frozen, frozen.epsilon) - frozen.total * _slope(frozen, frozen.c - 2 * frozen.epsilon))


APART = (
    Hypothesis("frozen tokens c/sqrt(beta) apart (room)", AtLeast(0.0), _separation),
    Hypothesis("c > 2 + 2 eps (room)", AtLeast(1e-12), _excess),
    Hypothesis("N h((c - 1 - 2 eps)/sqrt(beta)) < h(eps/sqrt(beta)) (room)", AtLeast(1e-12), _pull_margin),
)
PRINTED_SLOPE = Hypothesis(
    "N g((c - 2 eps)/sqrt(beta)) < g(eps/sqrt(beta)) (room)", AtLeast(1e-12), _printed_slope_margin
)

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
        "The sign in front of N g is corrected: g is negative there. A run that still moves at its end is undecided.",
    ),
    hypotheses=(
        *APART,
        Hypothesis("-N g((c - 2 eps)/sqrt(beta)) < g(eps/sqrt(beta)) (room)", AtLeast(1e-12), _slope_margin),
    ),
    quantity=last_distances,
    predict=predict,
)

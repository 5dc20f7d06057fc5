"""Under a causal mask, strong Renyi centres keep their place for an explicit, exponentially long time."""

import numpy as np

from fathometer.attention.dynamics.variants._renyi import CausalCentres
from fathometer.attention.model._hessian import interaction_range
from fathometer.attention.model._references import CAUSAL
from fathometer.attention.theorems.variants.causal_limit import CAUSAL_POST, IDENTITY_VALUES
from fathometer.attention.theorems.variants.causal_pair_time import PLAIN_SCORES
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Axis,
    Estimate,
    Hypothesis,
    InputError,
    Problem,
    Source,
    Theorem,
    Trajectory,
    Within,
)

ERROR = 1e-6


def distances_moved(trajectory: Trajectory) -> Estimate:
    """Angle of every centre from its place at time 0, shape (t, centres)."""
    points = trajectory.states["points"][:, CausalCentres.expect(trajectory.problem).centres]
    start = CausalCentres.expect(trajectory.problem).variant.system.points[
        CausalCentres.expect(trajectory.problem).centres
    ]
    moved = 2 * np.arcsin(np.minimum(np.linalg.norm(points - start, axis=-1) / 2, 1.0))
    return Estimate.heuristic(moved, np.maximum(moved - ERROR, 0.0), moved + ERROR, along=trajectory.axis)


def predict(problem: Problem, axis: Axis | None) -> AtMost:
    """At most eps c / sqrt(beta) until T s h(c / sqrt(beta)) reaches it, and nothing after.

    Raises:
        InputError: if the measurement has no axis.
    """
    if axis is None:
        raise InputError("this is a statement along time; the measurement has no axis")
    centres = CausalCentres.expect(problem)
    allowed = centres.epsilon * centres.scale
    pull = np.exp(-2 * centres.variant.system.beta * np.sin(centres.scale / 2) ** 2) * np.sin(centres.scale)
    until = allowed / ((centres.centres + 1) * pull)
    return AtMost(np.where(axis.points[:, None] < until, allowed + 2 * ERROR, np.pi), domain=(0, np.pi))


def _of_variant(hypothesis: Hypothesis) -> Hypothesis:
    return Hypothesis(hypothesis.name, hypothesis.requires, _QUANTITIES[hypothesis.name])


def _mask(problem: Problem) -> Estimate:
    return _measured(CAUSAL_POST, problem)


def _values(problem: Problem) -> Estimate | bool | None:
    return _measured(IDENTITY_VALUES, problem)


def _scores(problem: Problem) -> Estimate | bool | None:
    return _measured(PLAIN_SCORES, problem)


def _measured(hypothesis: Hypothesis, problem: Problem) -> Estimate | bool | None:
    return hypothesis.quantity(CausalCentres.expect(problem).variant) if hypothesis.quantity else Estimate.exact(np.nan)


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


_QUANTITIES = {CAUSAL_POST.name: _mask, IDENTITY_VALUES.name: _values, PLAIN_SCORES.name: _scores}

THEOREM = Theorem(
    id="strong_centres_stay",
    theory="attention",
    title="Strong centres of causal attention are metastable",
    statement="On the circle with a causal mask and Q = K = V = I, a token s that starts farther than"
    " c (1 + 2 eps)/sqrt(beta) from all tokens before it, c > sqrt(beta) tau*, moves by less than eps c/sqrt(beta) on"
    " [0, T] if T s h(c/sqrt(beta)) < eps c/sqrt(beta), h(x) = exp(beta (cos x - 1)) sin x.",
    source=Source(CAUSAL, "strong Renyi centres are metastable, d = 2", "s is the place in the order, from 1 on."),
    hypotheses=(
        *(_of_variant(hypothesis) for hypothesis in (CAUSAL_POST, IDENTITY_VALUES, PLAIN_SCORES)),
        Hypothesis("on the circle: d = 2", Within(2, 2, domain=(2, None)), _dimension),
        Hypothesis("equal masses", AtMost(1e-9), _mass_spread),
        Hypothesis("c above sqrt(beta) tau* (room)", AtLeast(1e-12), _excess),
        Hypothesis("c (1 + 2 eps)/sqrt(beta) below pi (room)", AtLeast(1e-12), _room_on_circle),
    ),
    quantity=distances_moved,
    predict=predict,
)

"""In one dimension the attention matrix tends to a Boolean one of low rank."""

import numpy as np

from fathometer.attention.dynamics.variants._rescaled import RescaledTokens
from fathometer.attention.model._references import EMERGENCE
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Axis,
    Estimate,
    Hypothesis,
    Problem,
    Source,
    Theorem,
    Trajectory,
    Within,
)

ROOM = 0.02


def distance_to_boolean(trajectory: Trajectory) -> Estimate:
    """Largest distance of an entry of the last attention matrix from 0 or 1, without the least certain row."""
    attention = trajectory.states["attention"][-1]
    rows = np.sort(np.max(np.minimum(attention, 1 - attention), axis=1))
    found = float(rows[-2]) if len(rows) > 1 else 0.0
    return Estimate.heuristic(found, 0.0, found)


def rank_two(trajectory: Trajectory) -> int:
    """Numerical rank of the last attention matrix, at a hundredth of its norm."""
    return int(np.linalg.matrix_rank(trajectory.states["attention"][-1], tol=0.01))


def predict(problem: Problem, axis: Axis | None) -> AtMost:
    """At most 0.02."""
    return AtMost(ROOM, domain=(0, 0.5))


def _dimension(problem: Problem) -> Estimate:
    return Estimate.exact(RescaledTokens.expect(problem).points.shape[1])


def _value(problem: Problem) -> Estimate:
    return Estimate.exact(float(np.min(RescaledTokens.expect(problem).value)))


def _product(problem: Problem) -> Estimate:
    tokens = RescaledTokens.expect(problem)
    return Estimate.exact(float(np.min(tokens.query * tokens.key)))


THEOREM = Theorem(
    id="boolean_attention",
    theory="attention",
    title="Attention becomes Boolean",
    statement="For d = 1, V > 0 and Q K > 0 the attention matrix of unprojected tokens tends to a Boolean matrix of low"
    " rank: all rows but at most one end with a single 1. Here the entries at the end are within 0.02 of 0 or 1.",
    source=Source(EMERGENCE, "the attention matrix for d = 1", "From memory. A run that is too short is undecided."),
    hypotheses=(
        Hypothesis("d = 1", Within(1, 1, domain=(1, None)), _dimension),
        Hypothesis("V > 0", AtLeast(1e-12), _value),
        Hypothesis("Q K > 0", AtLeast(1e-12), _product),
    ),
    quantity=distance_to_boolean,
    predict=predict,
)

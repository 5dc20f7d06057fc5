"""A hemisphere is never left, whatever the query and key matrices and the mask."""

import numpy as np

from fathometer.attention.model._hemisphere import hemisphere_margin
from fathometer.attention.model._references import PERSPECTIVE
from fathometer.attention.model._variant import Variant
from fathometer.attention.theorems.variants.causal_limit import IDENTITY_VALUES
from fathometer.evidence import (
    AtLeast,
    Axis,
    Direction,
    Estimate,
    Hypothesis,
    Monotone,
    Problem,
    Source,
    Theorem,
    Trajectory,
)
from fathometer.numerics import hemisphere_axis


def lowest_token(trajectory: Trajectory) -> Estimate:
    """Smallest <x_i, w> for the axis w of largest margin at time 0."""
    axis, _ = hemisphere_axis(Variant.expect(trajectory.problem).system.points)
    return Estimate.exact(np.min(trajectory.states["points"] @ axis, axis=-1), along=trajectory.axis)


def predict(problem: Problem, axis: Axis | None) -> Monotone:
    """Never decreases."""
    return Monotone(Direction.INCREASING, slack=1e-6)


def _margin(problem: Problem) -> Estimate:
    return hemisphere_margin(Variant.expect(problem).system)


THEOREM = Theorem(
    id="hemisphere_weights",
    theory="attention",
    title="A hemisphere is never left, with any queries and keys",
    statement="With V = I and any Q and K, if <x_i(0), w> > 0 for all tokens then min_i <x_i(t), w> never decreases,"
    " and the tokens converge exponentially to one point; for d >= n uniform tokens almost surely do.",
    source=Source(
        PERSPECTIVE,
        "cone collapse lemma and its corollary",
        "Judged on the first step of its proof, which holds with a causal mask and with Pre-LN too (derived).",
    ),
    hypotheses=(
        IDENTITY_VALUES,
        Hypothesis("all tokens in an open hemisphere", AtLeast(1e-9, domain=(-1, 1)), _margin),
    ),
    quantity=lowest_token,
    predict=predict,
)

"""A hemisphere is never left, whatever the query and key matrices and the mask."""

import functools

import numpy as np

from fathometer.attention.dynamics.variants._simulate import simulate_variant
from fathometer.attention.model._hemisphere import hemisphere_margin
from fathometer.attention.model._references import PERSPECTIVE
from fathometer.attention.model._variant import Variant
from fathometer.attention.model.variants._hypotheses import ATTENTION_ALONE, SCALED_VALUES
from fathometer.attention.observables._hemisphere import lowest_token
from fathometer.attention.theorems._examples import TIMES, octahedron, six_in_a_hemisphere
from fathometer.evidence import (
    AtLeast,
    Axis,
    AxisKind,
    Direction,
    Estimate,
    Hypothesis,
    Monotone,
    Problem,
    Source,
    Theorem,
    Trajectory,
)
from fathometer.numerics import in_float64


def _lowest_token(trajectory: Trajectory) -> Estimate:
    start = Variant.expect(trajectory.problem).system.points
    return lowest_token(trajectory.states["points"], start, trajectory.axis)


def _predict(problem: Problem, axis: Axis | None) -> Monotone:
    return Monotone(Direction.INCREASING, slack=1e-6)


def _margin(problem: Problem) -> Estimate:
    return hemisphere_margin(Variant.expect(problem).system)


@functools.cache
@in_float64
def _with_weights() -> Trajectory:
    query, key = np.random.default_rng(4).standard_normal((2, 3, 3))
    return simulate_variant(Variant(six_in_a_hemisphere(), query, key, causal=True), TIMES)


def _in_no_hemisphere() -> Variant:
    return Variant(octahedron())


THEOREM = Theorem(
    id="hemisphere_weights",
    theory="attention",
    title="A hemisphere is never left, with any queries and keys",
    statement="With V = I and any Q and K, or with heads of any Q_h and K_h and V_h = s_h I, s_h >= 0, if"
    " <x_i(0), w> > 0 for all tokens then min_i <x_i(t), w> never decreases, and the tokens converge exponentially"
    " to one point; for d >= n uniform tokens almost surely do.",
    source=Source(
        PERSPECTIVE,
        "cone collapse lemma and its corollary",
        "Judged on the first step of its proof, which holds with several heads, with a causal mask and with every"
        " normalisation too, and for layers of any step as for the flow: the velocity is the tangent part of a sum of"
        " tokens with weights >= 0 (derived).",
    ),
    about=Variant,
    hypotheses=(
        SCALED_VALUES,
        ATTENTION_ALONE,
        Hypothesis("all tokens in an open hemisphere", AtLeast(1e-9, domain=(-1, 1)), _margin),
    ),
    quantity=_lowest_token,
    predict=_predict,
    example=_with_weights,
    counterexample=_in_no_hemisphere,
    along=(AxisKind.TIME, AxisKind.LAYER),
    reads=("points",),
)

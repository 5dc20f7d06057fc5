"""Statements about slow motion as they are printed where that is wrong. Tests show that they fail."""

from dataclasses import replace

from fathometer.attention.theorems.slow_motion import ascent_distance, slow_set_attracts
from fathometer.evidence import AtMost, Axis, Problem


def _printed_distance(problem: Problem, axis: Axis | None) -> AtMost:
    return ascent_distance.bound(problem, 0.5)


ASCENT_DISTANCE = replace(
    ascent_distance.THEOREM,
    id="ascent_distance_as_printed",
    statement="If E(v) - E(X(t)) <= |grad E(X(t))|^2 / (2 c) along the ascent from u to v, then"
    " 2 c |u - v|^2 <= E(v) - E(u).",
    predict=_printed_distance,
)

SLOW_SET_ATTRACTS = replace(
    slow_set_attracts.THEOREM,
    id="slow_set_attracts_as_printed",
    statement="sqrt(kappa) |u - v| + sqrt(E(v) - E(u)) <= exp(-kappa t) sqrt(E(v(0)) - E(u(0)))"
    " + 26 delta / sqrt(kappa).",
    quantity=slow_set_attracts.root_rise_and_distance,
)

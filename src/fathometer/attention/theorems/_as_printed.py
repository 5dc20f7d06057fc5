"""Statements as they are printed where that is wrong. They are not in the catalogue: tests show that they fail."""

import sys
from dataclasses import replace

from fathometer.attention._metastability import SEPARATED
from fathometer.attention._separated_cloud import expect_separated_cloud, rate_limits
from fathometer.attention.theorems import frame_separated, metastable_window
from fathometer.evidence import AtLeast, Estimate, Hypothesis, Problem, Source


def _room_for_printed_rate(problem: Problem) -> Estimate:
    cloud = expect_separated_cloud(problem)
    limits = rate_limits(cloud.clearance, cloud.epsilon, len(cloud.system.points), cloud.system.beta, sign=-1.0)
    return Estimate.exact(min(*limits, cloud.rate) if cloud.rate <= 0 else min(limits) - cloud.rate)


METASTABLE_WINDOW = replace(
    metastable_window.THEOREM,
    id="metastable_window_as_printed",
    source=Source(
        metastable_window.THEOREM.source.reference, "main theorem, as printed", "minus sign before the log in L_1"
    ),
    hypotheses=(
        *SEPARATED,
        Hypothesis("lambda below the printed L_1, and L_2", AtLeast(sys.float_info.min), _room_for_printed_rate),
    ),
)


def _printed_condition(problem: Problem) -> Estimate:
    eps = expect_separated_cloud(problem).epsilon
    return Estimate.exact(1 - eps**2 - 10 * eps - frame_separated.log_share(problem))


FRAME_SEPARATED = replace(
    frame_separated.THEOREM,
    id="frame_separated_as_printed",
    source=Source(frame_separated.THEOREM.source.reference, "uniform in high dimension, as printed"),
    hypotheses=(
        *frame_separated.ORTHOGONAL,
        Hypothesis("1 - eps^2 - 10 eps - log(2 n^2/eps)/beta > 0", AtLeast(sys.float_info.min), _printed_condition),
    ),
)

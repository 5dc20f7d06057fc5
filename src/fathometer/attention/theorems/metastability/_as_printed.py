"""A statement as it is printed where that is wrong. It is not in the catalogue: a test shows that it fails."""

import sys
from dataclasses import replace

from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.attention.theorems.random import frame_separated
from fathometer.evidence import AtLeast, Estimate, Hypothesis, Problem, Source


def _printed_condition(problem: Problem) -> Estimate:
    eps = SeparatedCloud.expect(problem).epsilon
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

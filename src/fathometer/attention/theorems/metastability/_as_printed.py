"""Statements as they are printed where that is wrong. They are not in the catalogue: tests show that they fail."""

import sys
from dataclasses import replace

from fathometer.attention.model.caps._hypotheses import SEPARATED
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud, rate_limits
from fathometer.attention.observables.caps._motion import excess_tightening
from fathometer.attention.theorems.metastability import cap_tightening, mean_field_variance, metastable_window
from fathometer.evidence import AtLeast, AtMost, Axis, Estimate, Hypothesis, Problem, Source, Trajectory


def _room_for_printed_rate(problem: Problem) -> Estimate:
    cloud = SeparatedCloud.expect(problem)
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


def _printed_excess(trajectory: Trajectory) -> Estimate:
    return excess_tightening(trajectory, 1.0)


CAP_TIGHTENING = replace(
    cap_tightening.THEOREM,
    id="cap_tightening_as_printed",
    statement="The rate of rho is at least (2 / n) rho (1 - rho) exp(beta (1 - rho)) - 2 n exp(-(1 - alpha) beta).",
    source=Source(cap_tightening.THEOREM.source.reference, "stopping time T_*(q), as printed", "sign of the exponent"),
    quantity=_printed_excess,
)


def _printed_variance(problem: Problem, axis: Axis | None) -> AtMost:
    cloud = SeparatedCloud.expect(problem)
    return AtMost(-cloud.rate * cloud.system.beta)


MEAN_FIELD_VARIANCE = replace(
    mean_field_variance.THEOREM,
    id="mean_field_variance_as_printed",
    statement="At the stopping time T_*, V_q <= exp(-lambda beta).",
    predict=_printed_variance,
)

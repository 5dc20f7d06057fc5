"""The token of a cap that is farthest from its centre is pulled out only exponentially slowly."""

import numpy as np

from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model.caps._hypotheses import SEPARATED
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.attention.observables.caps._motion import drift_of_lowest, log_leak, not_below
from fathometer.evidence import AtLeast, Axis, Problem, Source, Theorem


def predict(problem: Problem, axis: Axis | None) -> AtLeast:
    """At least -n exp(-(1 - alpha) beta) until T_2."""
    n = len(SeparatedCloud.expect(problem).system.points)
    return not_below(np.log(n) + log_leak(problem), problem, axis)


THEOREM = Theorem(
    id="cap_drift",
    theory="attention",
    title="Metastability, step (a): slow drift out of a cap",
    statement="While tokens are in separated caps S_q(2 eps), d/dt <x_i, w_q> >= -n exp(-(1 - alpha) beta) for the"
    " token of the cap where <x_i, w_q> is least.",
    source=Source(METASTABILITY, "proof of the main theorem, containment"),
    hypotheses=SEPARATED,
    quantity=drift_of_lowest,
    predict=predict,
)

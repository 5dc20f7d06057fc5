"""The token of a cap that is farthest from its centre is pulled out only exponentially slowly."""

import numpy as np

from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model.caps._hypotheses import SEPARATED
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud, log_leak
from fathometer.attention.observables.caps._motion import drift_of_lowest, not_below
from fathometer.attention.theorems.metastability._examples import ALONG, at_the_start, not_separated
from fathometer.evidence import AtLeast, Axis, Problem, Source, Theorem


def predict(problem: Problem, axis: Axis | None) -> AtLeast:
    """At least -n exp(-(1 - alpha) beta) until T_2."""
    cloud = SeparatedCloud.expect(problem)
    return not_below(np.log(len(cloud.system.points)) + log_leak(cloud), problem, axis)


THEOREM = Theorem(
    id="cap_drift",
    theory="attention",
    title="Metastability, step (a): slow drift out of a cap",
    statement="While tokens are in separated caps S_q(2 eps), d/dt <x_i, w_q> >= -n exp(-(1 - alpha) beta) for the"
    " token of the cap where <x_i, w_q> is least.",
    source=Source(METASTABILITY, "proof of the main theorem, containment"),
    about=SeparatedCloud,
    hypotheses=SEPARATED,
    quantity=drift_of_lowest,
    predict=predict,
    example=at_the_start,
    counterexample=not_separated,
    along=ALONG,
    reads=("points",),
)

"""The two tokens of a cap that are farthest apart attract each other, up to an exponentially small leak."""

import numpy as np

from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model.caps._hypotheses import SEPARATED
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.attention.observables.caps._motion import excess_tightening, log_leak, not_below
from fathometer.evidence import AtLeast, Axis, Problem, Source, Theorem


def predict(problem: Problem, axis: Axis | None) -> AtLeast:
    """At least -2 n exp(-(1 - alpha) beta) until T_2."""
    n = len(SeparatedCloud.expect(problem).system.points)
    return not_below(np.log(2 * n) + log_leak(problem), problem, axis)


THEOREM = Theorem(
    id="cap_tightening",
    theory="attention",
    title="Metastability, step (b): caps tighten",
    statement="While tokens are in separated caps S_q(2 eps), the smallest <x_i, x_j> of a cap, rho, obeys"
    " d rho/dt >= (2 / n) rho (1 - rho) exp(-beta (1 - rho)) - 2 n exp(-(1 - alpha) beta).",
    source=Source(METASTABILITY, "proof of the main theorem, collapse", "Derivatives in the sense of Dini."),
    hypotheses=SEPARATED,
    quantity=excess_tightening,
    predict=predict,
)

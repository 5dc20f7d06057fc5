"""The two tokens of a cap that are farthest apart attract each other, up to an exponentially small leak."""

import numpy as np

from fathometer.attention._cap_motion import excess_tightening, log_leak, not_below
from fathometer.attention._metastability import SEPARATED
from fathometer.attention._references import METASTABILITY
from fathometer.attention._separated_cloud import expect_separated_cloud
from fathometer.evidence import AtLeast, Axis, Problem, Source, Theorem


def predict(problem: Problem, axis: Axis | None) -> AtLeast:
    """At least -2 n exp(-(1 - alpha) beta) until T_2."""
    n = len(expect_separated_cloud(problem).system.points)
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

"""The two tokens of a cap that are farthest apart attract each other, up to an exponentially small leak."""

import numpy as np

from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model.caps._hypotheses import SEPARATED
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud, log_leak
from fathometer.attention.observables.caps._motion import excess_tightening, not_below
from fathometer.attention.theorems.metastability._examples import ALONG, at_the_start, not_separated
from fathometer.evidence import AtLeast, Axis, Estimate, PrintedForm, Problem, Source, Theorem, Trajectory


def predict(problem: Problem, axis: Axis | None) -> AtLeast:
    """At least -2 n exp(-(1 - alpha) beta) until T_2."""
    cloud = SeparatedCloud.expect(problem)
    return not_below(np.log(2 * len(cloud.system.points)) + log_leak(cloud), problem, axis)


def _printed_excess(trajectory: Trajectory) -> Estimate:
    return excess_tightening(trajectory, 1.0)


THEOREM = Theorem(
    id="cap_tightening",
    theory="attention",
    title="Metastability, step (b): caps tighten",
    statement="While tokens are in separated caps S_q(2 eps), the smallest <x_i, x_j> of a cap, rho, obeys"
    " d rho/dt >= (2 / n) rho (1 - rho) exp(-beta (1 - rho)) - 2 n exp(-(1 - alpha) beta).",
    source=Source(METASTABILITY, "proof of the main theorem, collapse", "Derivatives in the sense of Dini."),
    about=SeparatedCloud,
    hypotheses=SEPARATED,
    quantity=excess_tightening,
    predict=predict,
    example=at_the_start,
    counterexample=not_separated,
    along=ALONG,
    reads=("points",),
    as_printed=(
        PrintedForm(
            "where the stopping time T_*(q) is defined, with the other sign of the exponent: d rho/dt >= (2 / n) rho"
            " (1 - rho) exp(beta (1 - rho)) - 2 n exp(-(1 - alpha) beta)",
            quantity=_printed_excess,
        ),
    ),
)

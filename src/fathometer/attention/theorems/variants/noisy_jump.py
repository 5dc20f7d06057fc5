"""Above the tricritical beta clusters survive below the critical kappa: the transition is of first order."""

from fathometer.attention.model._references import SURVEY
from fathometer.attention.theorems.variants.noisy_onset import USA_ONLY, below_tricritical, excess, last_order
from fathometer.evidence import AtLeast, AtMost, Axis, Estimate, Hypothesis, Problem, Source, Theorem, Within

LEAST = 0.3


def predict(problem: Problem, axis: Axis | None) -> AtLeast:
    """At least 0.3."""
    return AtLeast(LEAST, domain=(0, 1))


def _below(problem: Problem) -> Estimate:
    return Estimate.exact(-excess(problem))


THEOREM = Theorem(
    id="noisy_jump",
    theory="attention",
    title="Clusters appear with a jump above the tricritical beta",
    statement="In the noisy mean field of USA on the circle with beta > 2.4469..., where I_2/I_1 = 1/2, a clustered law"
    " is stationary also for kappa < kappa_c, where the uniform law is stable: hysteresis. Here, 0.25 above that beta"
    " and within 0.1 % of kappa_c, its order parameter is at least 0.3.",
    source=Source(
        SURVEY,
        "noisy Transformers: phase transition on the circle",
        "The type is derived from the cubic term. The number 0.3 is measured by self-consistency.",
    ),
    hypotheses=(
        USA_ONLY,
        Hypothesis("beta above the tricritical one by 0.25", AtMost(-0.25), below_tricritical),
        Hypothesis("kappa just below kappa_c (relative)", Within(0.0, 1.001e-3), _below),
    ),
    quantity=last_order,
    predict=predict,
)

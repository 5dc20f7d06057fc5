"""Above the tricritical beta clusters survive below the critical kappa: the transition is of first order."""

from fathometer.attention.model._references import SURVEY
from fathometer.attention.model.variants._mean_field_circle import MeanFieldCircle, first_harmonic
from fathometer.attention.observables.variants._order_parameter import settled_order
from fathometer.attention.predictions.variants._noise import kappa_excess
from fathometer.attention.theorems.variants._examples import clustered_law, run_below_critical
from fathometer.attention.theorems.variants.noisy_onset import USA_ONLY, below_tricritical
from fathometer.evidence import AtLeast, AtMost, Axis, AxisKind, Estimate, Hypothesis, Problem, Source, Theorem, Within

LEAST = 0.3


def predict(problem: Problem, axis: Axis | None) -> AtLeast:
    """At least 0.3."""
    return AtLeast(LEAST, domain=(0, 1))


def _below(problem: Problem) -> Estimate:
    return Estimate.exact(-kappa_excess(MeanFieldCircle.expect(problem)))


def _order(problem: Problem) -> Estimate:
    return Estimate.exact(first_harmonic(MeanFieldCircle.expect(problem).density))


THEOREM = Theorem(
    id="noisy_jump",
    theory="attention",
    title="Clusters appear with a jump above the tricritical beta",
    statement="In the noisy mean field of USA on the circle with beta > 2.4469..., where I_2/I_1 = 1/2, a clustered law"
    " is stationary also for kappa < kappa_c, where the uniform law is stable: hysteresis. Here, 0.25 above that beta"
    " and within 0.1 % of kappa_c, what a cluster settles to has an order parameter of at least 0.3.",
    source=Source(
        SURVEY,
        "noisy Transformers: phase transition on the circle",
        "The type is derived from the cubic term. The number 0.3 is measured by self-consistency. A law that has not"
        " settled at the end is undecided.",
    ),
    about=MeanFieldCircle,
    hypotheses=(
        USA_ONLY,
        Hypothesis("beta above the tricritical one by 0.25", AtMost(-0.25), below_tricritical),
        Hypothesis("kappa just below kappa_c (relative)", Within(0.0, 1.001e-3), _below),
        Hypothesis("a cluster at time 0 (order parameter)", AtLeast(LEAST, domain=(0, 1)), _order),
    ),
    quantity=settled_order,
    predict=predict,
    example=run_below_critical,
    counterexample=clustered_law,
    along=(AxisKind.TIME,),
    reads=("density",),
)

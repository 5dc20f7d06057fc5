"""Above the tricritical beta clusters survive below the critical kappa: the transition is of first order."""

from fathometer.attention.model._references import NOISE_TYPE
from fathometer.attention.model._system import Model
from fathometer.attention.model.variants._noisy_law import NoisyLaw
from fathometer.attention.observables.variants._order_parameter import settled_order
from fathometer.attention.predictions.variants._clustered_law import fold_of
from fathometer.attention.predictions.variants._noise import kappa_excess, tricritical_beta
from fathometer.attention.theorems.variants._examples import clustered_law, run_below_critical
from fathometer.evidence import (
    AtLeast,
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    Positive,
    Problem,
    Source,
    Theorem,
    Within,
)

_SLACK = 1e-6


def predict(problem: Problem, axis: Axis | None) -> AtLeast:
    """At least the order parameter at the fold."""
    return AtLeast(fold_of(NoisyLaw.expect(problem))[1] - _SLACK, domain=(0, 1))


def _is_usa(problem: Problem) -> bool:
    return NoisyLaw.expect(problem).model is Model.USA


def _above_tricritical(problem: Problem) -> Estimate:
    law = NoisyLaw.expect(problem)
    return Estimate.exact(law.beta - float(tricritical_beta(law.dimension).value))


def _below_onset(problem: Problem) -> Estimate:
    return Estimate.exact(-kappa_excess(NoisyLaw.expect(problem)))


def _beyond_fold(problem: Problem) -> Estimate:
    law = NoisyLaw.expect(problem)
    return Estimate.exact(law.kappa / fold_of(law)[0] - 1)


def _beyond_fold_order(problem: Problem) -> Estimate:
    law = NoisyLaw.expect(problem)
    return Estimate.exact(law.order - fold_of(law)[1])


THEOREM = Theorem(
    id="noisy_jump",
    theory="attention",
    title="Clusters appear with a jump above the tricritical beta",
    statement="In the noisy mean field of USA on the sphere of R^d, d >= 2, with I_{d/2+1}(beta)/I_{d/2}(beta) > 1/d,"
    " there is a fold kappa_f < kappa_c: for kappa between them the uniform law is stable, and what a cluster settles"
    " to has an order parameter of at least that at the fold: hysteresis.",
    source=Source(
        NOISE_TYPE,
        "the dichotomy: a discontinuous transition below the linear threshold",
        "The type is derived from the quartic term of the free energy (in print it is a statement on minimisers). The"
        " fold is computed by continuation, with errors far below the slack of 1e-6. A law that has not settled at the"
        " end is undecided.",
    ),
    about=NoisyLaw,
    hypotheses=(
        Hypothesis.that("the model is USA", _is_usa),
        Hypothesis("beta above the tricritical one", Positive(), _above_tricritical),
        Hypothesis("kappa below kappa_c (relative)", Within(0.0, 1.0), _below_onset),
        Hypothesis("kappa beyond the fold (relative)", Positive(), _beyond_fold),
        Hypothesis("a cluster at time 0: an order parameter beyond that at the fold", Positive(), _beyond_fold_order),
    ),
    quantity=settled_order,
    predict=predict,
    example=run_below_critical,
    counterexample=clustered_law,
    along=(AxisKind.TIME,),
    reads=("density",),
)

"""Up to the tricritical beta, no law has less free energy than the uniform one as long as that is stable."""

from fathometer.attention.model._references import NOISE_TYPE
from fathometer.attention.model._system import Model
from fathometer.attention.model.variants._noisy_law import NoisyLaw
from fathometer.attention.observables.variants._order_parameter import free_energy
from fathometer.attention.predictions.variants._noise import kappa_excess, tricritical_beta
from fathometer.attention.theorems.variants._examples import law_beyond_onset, run_to_the_uniform_law
from fathometer.evidence import AtLeast, AtMost, Axis, AxisKind, Estimate, Hypothesis, Problem, Source, Theorem

_ROUNDING = 1e-9


def predict(problem: Problem, axis: Axis | None) -> AtLeast:
    """At least 0, with room for rounding."""
    return AtLeast(-_ROUNDING)


def _is_usa(problem: Problem) -> bool:
    return NoisyLaw.expect(problem).model is Model.USA


def _above_tricritical(problem: Problem) -> Estimate:
    law = NoisyLaw.expect(problem)
    return Estimate.exact(law.beta - float(tricritical_beta(law.dimension).value))


def _above_onset(problem: Problem) -> Estimate:
    return Estimate.exact(kappa_excess(NoisyLaw.expect(problem)))


THEOREM = Theorem(
    id="noisy_uniform_least",
    theory="attention",
    title="The uniform law has the least free energy",
    statement="For USA on the sphere of R^d, d >= 2, with I_{d/2+1}(beta)/I_{d/2}(beta) <= 1/d and kappa <= kappa_c,"
    " no law has less free energy int f log f - (kappa/(2 beta)) iint exp(beta (<x, y> - 1)) f f than the uniform one,"
    " whose free energy is subtracted here.",
    source=Source(
        NOISE_TYPE,
        "the dichotomy of global minimisers",
        "Its coupling K is kappa exp(-beta)/2 with kappa in the time unit of the model. Above that beta the statement"
        " fails already below kappa_c: noisy_jump.",
    ),
    about=NoisyLaw,
    hypotheses=(
        Hypothesis.that("the model is USA", _is_usa),
        Hypothesis("beta up to the tricritical one (excess)", AtMost(0.0), _above_tricritical),
        Hypothesis("kappa up to kappa_c (relative excess)", AtMost(0.0), _above_onset),
    ),
    quantity=free_energy,
    predict=predict,
    example=run_to_the_uniform_law,
    counterexample=law_beyond_onset,
    along=(AxisKind.TIME,),
    reads=("density",),
)

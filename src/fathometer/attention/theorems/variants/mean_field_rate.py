"""For small beta, a law with a density becomes a point at an exponential rate."""

import numpy as np

from fathometer.attention.model._references import QUANTITATIVE
from fathometer.attention.model._system import Model
from fathometer.attention.model.variants._mean_field_circle import ClusteringLaw, first_harmonic
from fathometer.attention.observables.variants._order_parameter import log_distance_to_point
from fathometer.attention.predictions.variants._noise import log_point_bound
from fathometer.attention.theorems.variants._examples import law_of_larger_beta, run_of_quiet_law
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    InputError,
    Positive,
    Problem,
    Source,
    Theorem,
)


def predict(problem: Problem, axis: Axis | None) -> AtMost:
    """At most log C_0 - t/100 from T_0 on, t and T_0 in the time of the kernel exp(beta <x, y>).

    Raises:
        InputError: if the measurement has no axis.
    """
    if axis is None:
        raise InputError("the rate is a statement along time; the measurement has no axis")
    named = ClusteringLaw.expect(problem)
    bound = log_point_bound(axis.points, named.law.beta, named.constant, named.start)
    return AtMost(bound, domain=(None, float(np.log(np.pi))))


def _is_usa(problem: Problem) -> bool:
    return ClusteringLaw.expect(problem).law.model is Model.USA


def _noise(problem: Problem) -> Estimate:
    return Estimate.exact(1 / ClusteringLaw.expect(problem).law.kappa)


def _first_moment(problem: Problem) -> Estimate:
    return Estimate.exact(float(first_harmonic(ClusteringLaw.expect(problem).law.density)) ** 2)


def _room_of_beta(problem: Problem) -> Estimate:
    named = ClusteringLaw.expect(problem)
    return Estimate.exact(named.largest_beta - named.law.beta)


THEOREM = Theorem(
    id="mean_field_rate",
    theory="attention",
    title="A law becomes a point at an exponential rate",
    statement="For d >= 2, a law with a density in L^2 and R_0 = |integral of x|^2 > 0 there are beta_0, C_0, T_0 > 0"
    " such that for |beta| < beta_0 some x has W_2(mu_t, delta_x) <= C_0 exp(-t/100) for t >= T_0, t in the time of USA"
    " with the kernel exp(beta <x, y>). Here on the circle, with constants that the problem names.",
    source=Source(
        QUANTITATIVE,
        "quantitative clustering of the mean field",
        "The constants depend on the law and are not given. Without a density it fails: two thirds of the mass opposite"
        " to one third stay, with R_0 = 1/9.",
    ),
    about=ClusteringLaw,
    hypotheses=(
        Hypothesis.that("the model is USA", _is_usa),
        Hypothesis("no noise: 1/kappa", AtMost(1e-9), _noise),
        Hypothesis("R_0 = |mean of x|^2 > 0", AtLeast(1e-12, domain=(0, 1)), _first_moment),
        Hypothesis("beta < beta_0 (room)", Positive(), _room_of_beta),
    ),
    quantity=log_distance_to_point,
    predict=predict,
    example=run_of_quiet_law,
    counterexample=law_of_larger_beta,
    along=(AxisKind.TIME,),
    reads=("density",),
)

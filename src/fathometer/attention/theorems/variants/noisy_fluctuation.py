"""Finitely many tokens never look uniform: noise and attraction leave an order parameter of the size 1/sqrt(N)."""

import numpy as np

from fathometer.attention.model._references import SURVEY
from fathometer.attention.model._system import Model
from fathometer.attention.model.variants._noisy_ensemble import NoisyEnsemble
from fathometer.attention.observables.variants._order_parameter import mean_squared_order
from fathometer.attention.predictions._uniform_pattern import log_mean_kernel
from fathometer.attention.predictions.variants._noise import critical_kappa, finite_size_orders
from fathometer.attention.theorems.variants._examples import ensemble_of_one_point, run_of_ensemble
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    InputError,
    Problem,
    Source,
    Theorem,
    Within,
)

ROOM = 0.25


def predict(problem: Problem, axis: Axis | None) -> Within:
    """The law of linear response, to 25 %.

    Raises:
        InputError: if the measurement has no axis.
    """
    if axis is None:
        raise InputError("fluctuations are a statement along time; the measurement has no axis")
    clouds = NoisyEnsemble.expect(problem)
    own = clouds.dim, clouds.beta, float(clouds.kappas[0]), clouds.model, clouds.particles
    expected = finite_size_orders(axis.points, *own)
    return Within(expected * (1 - ROOM), expected * (1 + ROOM), domain=(0, 1))


def _one_kappa(problem: Problem) -> bool:
    return bool(np.ptp(NoisyEnsemble.expect(problem).kappas) == 0)


def _uniform(problem: Problem) -> bool:
    return bool(np.all(NoisyEnsemble.expect(problem).tilts == 0))


def _share(problem: Problem) -> Estimate:
    clouds = NoisyEnsemble.expect(problem)
    onset = critical_kappa(clouds.dim, max(clouds.beta, 1e-12), clouds.model)
    return Estimate.exact(clouds.kappas.max() / float(onset.value))


def _own_share(problem: Problem) -> Estimate:
    clouds = NoisyEnsemble.expect(problem)
    mean = np.exp(log_mean_kernel(clouds.dim, clouds.beta)) if clouds.model is Model.SA else 1.0
    return Estimate.exact(1 / (clouds.particles * mean))


def _particles(problem: Problem) -> Estimate:
    return Estimate.exact(NoisyEnsemble.expect(problem).particles)


THEOREM = Theorem(
    id="noisy_fluctuation",
    theory="attention",
    title="The order parameter of finitely many tokens below the onset",
    statement="N independent uniform tokens on the sphere of R^d, d >= 2, that begin to interact in noise with kappa <"
    " kappa_c have a mean of |sum_i x_i/N|^2 of (s + (1 - s) exp(-2 g t))/N up to relative errors of order 1/N, s ="
    " 1/(1 - kappa/kappa_c), g = (d - 1)/kappa - lambda_1; here to 25 %, with 20 tokens or more, kappa <= 0.6 kappa_c.",
    source=Source(
        SURVEY,
        "noisy Transformers: finitely many tokens",
        "Derived: about the uniform law the mean of the tokens is an Ornstein-Uhlenbeck process, driven by the mean of"
        " their noises. Without attraction it is 1/N at all times."
        " In SA a token also attends to itself, which slows the attraction of few tokens.",
    ),
    about=NoisyEnsemble,
    hypotheses=(
        Hypothesis.that("all clouds have one kappa", _one_kappa),
        Hypothesis.that("uniform tokens at time 0", _uniform),
        Hypothesis("kappa well below kappa_c (share)", AtMost(0.6, domain=(0, None)), _share),
        Hypothesis("many tokens", AtLeast(20.0), _particles),
        Hypothesis("the weight of a token on itself is small (SA; share of that on all)", AtMost(0.1), _own_share),
    ),
    quantity=mean_squared_order,
    predict=predict,
    example=run_of_ensemble,
    counterexample=ensemble_of_one_point,
    along=(AxisKind.TIME,),
    reads=("order",),
)

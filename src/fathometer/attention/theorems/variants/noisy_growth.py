"""About the uniform law, noise and attraction compete: the order parameter grows exactly above the critical kappa."""

import numpy as np

from fathometer.attention.model._references import SURVEY
from fathometer.attention.model.variants._mean_field_circle import MeanFieldCircle, first_harmonic
from fathometer.attention.observables.variants._order_parameter import fourier_amplitudes, log_order_growth
from fathometer.attention.predictions._uniform_pattern import driven_share_of_law
from fathometer.attention.predictions.variants._noise import order_growth_rate, printed_order_growth_rate
from fathometer.attention.theorems.variants._examples import clustered_law, run_of_ripple
from fathometer.evidence import (
    AtMost,
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    InputError,
    PrintedForm,
    Problem,
    Source,
    Theorem,
    Within,
)

LINEAR_UP_TO = 0.01
"""Order parameter up to which the linear law is predicted."""

_SLACK = 0.01


def predict(problem: Problem, axis: Axis | None) -> Within:
    """The linear law at the rate lambda_1 - 1/kappa."""
    law = MeanFieldCircle.expect(problem)
    return _linear_law(law, axis, order_growth_rate(law))


def _printed(problem: Problem, axis: Axis | None) -> Within:
    law = MeanFieldCircle.expect(problem)
    return _linear_law(law, axis, printed_order_growth_rate(law))


def _linear_law(law: MeanFieldCircle, axis: Axis | None, rate: float) -> Within:
    """Rate times time, to 1 %, while the order parameter is below 0.01 and driven by no other modes.

    Nothing if all saved times are so early that the rates of attraction and of noise would not show.

    Raises:
        InputError: if the measurement has no axis.
    """
    if axis is None:
        raise InputError("growth is a statement along time; the measurement has no axis")
    growth = rate * axis.points
    linear = growth <= np.log(LINEAR_UP_TO / first_harmonic(law.density))
    linear &= driven_share_of_law(law, axis.points) <= _SLACK / 2
    room = _SLACK * (1 + np.abs(growth))
    told = np.any(linear & ((abs(rate) + 1 / law.kappa) * axis.points > room))
    linear &= told
    room = np.where(linear, room, np.inf)
    centre = np.where(linear, growth, 0.0)
    return Within(centre - room, centre + room)


def _first(problem: Problem) -> Estimate:
    return Estimate.exact(first_harmonic(MeanFieldCircle.expect(problem).density))


def _largest(problem: Problem) -> Estimate:
    return Estimate.exact(fourier_amplitudes(MeanFieldCircle.expect(problem).density).max())


THEOREM = Theorem(
    id="noisy_growth",
    theory="attention",
    title="Growth of the order parameter against noise",
    statement="In the noisy mean field on the circle, the order parameter of a nearly uniform law grows at the rate"
    " lambda_1 - 1/kappa with lambda_1 = I_1(beta)/(beta I_0(beta)) (SA; times the mean kernel for USA): it grows"
    " exactly if kappa > kappa_c = 1/lambda_1. Here to 1 % while it is below 0.01.",
    source=Source(
        SURVEY,
        "noisy Transformers: stability of the uniform law",
        "Derived from the linearised equation, with the diffusion on the other side than printed."
        " Other modes drive the first at second order; while that may take more than half of the 1 % nothing is said.",
    ),
    about=MeanFieldCircle,
    hypotheses=(
        Hypothesis("a nearly uniform law: all Fourier amplitudes are small", AtMost(2e-3), _largest),
        Hypothesis("an order parameter above rounding", Within(1e-7, 1), _first),
    ),
    quantity=log_order_growth,
    predict=predict,
    example=run_of_ripple,
    counterexample=clustered_law,
    along=(AxisKind.TIME,),
    reads=("density",),
    as_printed=(
        PrintedForm(
            "With the Laplacian on the printed side the order parameter grows at the rate lambda_1 + 1/kappa.",
            predict=_printed,
        ),
    ),
)

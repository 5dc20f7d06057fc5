"""About the uniform law, noise and attraction compete: the order parameter grows exactly above the critical kappa."""

import numpy as np

from fathometer.attention.model._references import SURVEY
from fathometer.attention.model.variants._noisy_law import NoisyLaw
from fathometer.attention.observables.variants._order_parameter import log_order_growth
from fathometer.attention.predictions.variants._noise import (
    driven_share_of_noisy_law,
    order_growth_rate,
    printed_order_growth_rate,
)
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
    """The linear law at the rate lambda_1 - (d - 1)/kappa."""
    law = NoisyLaw.expect(problem)
    return _linear_law(law, axis, order_growth_rate(law))


def _printed(problem: Problem, axis: Axis | None) -> Within:
    law = NoisyLaw.expect(problem)
    return _linear_law(law, axis, printed_order_growth_rate(law))


def _linear_law(law: NoisyLaw, axis: Axis | None, rate: float) -> Within:
    """Rate times time, to 1 %, while the order parameter is below 0.01 and driven by no other modes.

    Nothing if all saved times are so early that the rates of attraction and of noise would not show.

    Raises:
        InputError: if the measurement has no axis.
    """
    if axis is None:
        raise InputError("growth is a statement along time; the measurement has no axis")
    growth = rate * axis.points
    linear = growth <= np.log(LINEAR_UP_TO / law.order)
    linear &= driven_share_of_noisy_law(law, axis.points) <= _SLACK / 2
    room = _SLACK * (1 + np.abs(growth))
    told = np.any(linear & ((abs(rate) + (law.dimension - 1) / law.kappa) * axis.points > room))
    linear &= told
    room = np.where(linear, room, np.inf)
    centre = np.where(linear, growth, 0.0)
    return Within(centre - room, centre + room)


def _first(problem: Problem) -> Estimate:
    return Estimate.exact(NoisyLaw.expect(problem).order)


def _largest(problem: Problem) -> Estimate:
    law = NoisyLaw.expect(problem)
    return Estimate.exact(law.amplitudes(law.density).max())


THEOREM = Theorem(
    id="noisy_growth",
    theory="attention",
    title="Growth of the order parameter against noise",
    statement="In the noisy mean field on the sphere of R^d, d >= 2, the order parameter |mean of x| of a nearly"
    " uniform law grows at the rate lambda_1 - (d - 1)/kappa with lambda_1 = ((d - 1)/beta)"
    " I_{d/2}(beta)/I_{d/2-1}(beta) (SA; times the mean kernel for USA): it grows exactly if kappa > kappa_c = (d -"
    " 1)/lambda_1. Here to 1 % while it is below 0.01.",
    source=Source(
        SURVEY,
        "noisy Transformers: stability of the uniform law",
        "Derived from the linearised equation, with the diffusion on the other side than printed."
        " Other modes drive the first at second order; while that may take more than half of the 1 % nothing is said.",
    ),
    about=NoisyLaw,
    hypotheses=(
        Hypothesis("a nearly uniform law: the amplitudes of all harmonics are small", AtMost(2e-3), _largest),
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
            "With the Laplacian on the printed side the order parameter grows at the rate lambda_1 + (d - 1)/kappa.",
            predict=_printed,
        ),
    ),
)

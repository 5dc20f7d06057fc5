"""About the uniform law, noise and attraction compete: the order parameter grows exactly above the critical kappa."""

import numpy as np

from fathometer.attention.dynamics.variants._mean_field import MeanFieldCircle, order_parameter
from fathometer.attention.model._references import SURVEY
from fathometer.attention.predictions._uniform_pattern import growth_rates
from fathometer.evidence import (
    AtMost,
    Axis,
    Estimate,
    Hypothesis,
    InputError,
    Problem,
    Source,
    Theorem,
    Trajectory,
    Within,
)

LINEAR_UP_TO = 0.01
"""Order parameter up to which the linear law is predicted."""

_SLACK = 0.01


def _spectrum(problem: Problem) -> np.ndarray:
    density = MeanFieldCircle.expect(problem).density
    return np.abs(np.fft.rfft(density))[1:] * 2 * np.pi / len(density)


def _log_growth(trajectory: Trajectory) -> Estimate:
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(order_parameter(trajectory).value) - np.log(_spectrum(trajectory.problem)[0])
    return Estimate.exact(logs, along=trajectory.axis)


def predict(problem: Problem, axis: Axis | None) -> Within:
    """The linear law at the rate lambda_1 - 1/kappa."""
    law = MeanFieldCircle.expect(problem)
    return linear_law(problem, axis, growth_rates(1, 2, law.beta, law.model)[0] - 1 / law.kappa)


def linear_law(problem: Problem, axis: Axis | None, rate: float) -> Within:
    """Rate times time, to 1 %, while the order parameter is below 0.01.

    Raises:
        InputError: if the measurement has no axis.
    """
    if axis is None:
        raise InputError("growth is a statement along time; the measurement has no axis")
    growth = rate * axis.points
    linear = growth <= np.log(LINEAR_UP_TO / _spectrum(problem)[0])
    room = np.where(linear, _SLACK * (1 + np.abs(growth)), np.inf)
    centre = np.where(linear, growth, 0.0)
    return Within(centre - room, centre + room)


def _first(problem: Problem) -> Estimate:
    return Estimate.exact(_spectrum(problem)[0])


def _largest(problem: Problem) -> Estimate:
    return Estimate.exact(_spectrum(problem).max())


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
        "Derived from the linearised equation, with the diffusion on the other side than printed.",
    ),
    hypotheses=(
        Hypothesis("a nearly uniform law: all Fourier amplitudes are small", AtMost(2e-3), _largest),
        Hypothesis("an order parameter above rounding", Within(1e-7, 1), _first),
    ),
    quantity=_log_growth,
    predict=predict,
)

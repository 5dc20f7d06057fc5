"""Gradient flow from a residual start converges to a global minimizer, exponentially fast."""

import numpy as np

from fathometer.deep_linear.model._network import excess_risk
from fathometer.deep_linear.model._residual_start import ResidualStart
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._hypotheses import DEFINITE
from fathometer.deep_linear.theorems.residual._shared import CLOSE, PREMISE, residual_source, states_of
from fathometer.evidence import AtMost, Axis, AxisKind, Estimate, InputError, Prediction, Problem, Theorem, Trajectory

_TOLERANCE = 1e-12


def excess_along(trajectory: Trajectory) -> Estimate:
    """R - R_min along the trajectory."""
    network = ResidualStart.expect(trajectory.problem).network
    return Estimate.exact(excess_risk(network, states_of(trajectory)), along=trajectory.axis)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """At most e^{-mu t} (R(0) - R_min), and 1e-12 (R(0) - R_min) for the integrator.

    Raises:
        InputError: if the measurement does not run along time.
    """
    if axis is None or axis.kind is not AxisKind.TIME:
        raise InputError("the rate of decay needs a measurement along time")
    start = ResidualStart.expect(problem)
    decay = np.exp(-start.pl_constant * axis.points)
    return AtMost(start.excess * (decay + _TOLERANCE), domain=(0.0, None))


THEOREM = Theorem(
    id="residual_rate",
    theory="deep_linear",
    title="Residual networks: exponential convergence",
    statement=PREMISE
    + (
        "gradient flow converges to a global minimizer with R(t) - R_min <= exp(-mu t) (R(0) - R_min), "
        "mu = 4 lambda_min L c^4 |p|^2. Judged to 1e-12 of R(0) - R_min."
    ),
    source=residual_source("dR/dt = -|grad R|^2 and the Polyak-Lojasiewicz inequality"),
    about=ResidualStart,
    hypotheses=(DEFINITE, CLOSE),
    quantity=excess_along,
    predict=predict,
    example=_examples.residual_start,
    counterexample=_examples.far_residual_start,
    along=(AxisKind.TIME,),
    reads=("W1",),
    uses=("residual_pl",),
)

"""Neighbouring layers align."""

import numpy as np

from fathometer.deep_linear.model._flow_problem import GradientFlow
from fathometer.deep_linear.observables._layer_observables import LAYER_NORM, MISALIGNMENT
from fathometer.deep_linear.observables._layer_structure import structure_bounds
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._flow import TOLERANCE, natural_square, small_start_source
from fathometer.deep_linear.theorems._hypotheses import DEEP, PLAIN
from fathometer.evidence import AtMost, Axis, AxisKind, Estimate, Prediction, Problem, Theorem, Trajectory


def weighted_misalignment(trajectory: Trajectory) -> Estimate:
    """(sigma_k^2 - epsilon_k) (1 - <v_{k+1}, u_k>^2) along the flow, shape (T, L - 1)."""
    epsilon = structure_bounds(GradientFlow.expect(trajectory.problem).weights).epsilon[:-1]
    sigma = np.asarray(trajectory.observe(LAYER_NORM).value)[:, :-1]
    apart = np.asarray(trajectory.observe(MISALIGNMENT).value)
    return Estimate.exact((sigma**2 - epsilon) * apart, along=trajectory.axis)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """At most 2 delta_k, from the start alone."""
    start = GradientFlow.expect(problem)
    return AtMost(2 * structure_bounds(start.weights).delta + TOLERANCE * natural_square(start))


THEOREM = Theorem(
    id="layer_alignment",
    theory="deep_linear",
    title="Neighbouring layers align",
    statement=(
        "For all times of gradient flow, the top right singular vector v_{k+1} and the top left one u_k obey "
        "(sigma_k^2 - epsilon_k) (1 - <v_{k+1}, u_k>^2) <= 2 delta_k, with delta and epsilon from time 0: they align "
        "once sigma_k^2 is large. Judged to 1e-7 of the layers' size."
    ),
    source=small_start_source("inequality (iii) on the layers"),
    about=GradientFlow,
    hypotheses=(PLAIN, DEEP),
    quantity=weighted_misalignment,
    predict=predict,
    example=_examples.small_start,
    counterexample=_examples.flow_with_readout,
    along=(AxisKind.TIME,),
    reads=("W1",),
    uses=("imbalance_conserved", "layer_rank_one"),
)

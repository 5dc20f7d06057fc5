"""One neuron per layer: the sharpness of the limit of gradient flow lies between two values of the data."""

from fathometer.deep_linear.model._references import YOO_SONG_YUN
from fathometer.deep_linear.model.starts._one_neuron import OneNeuron
from fathometer.deep_linear.predictions._one_neuron import one_neuron_bounds
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._hypotheses import DEFINITE
from fathometer.deep_linear.theorems._limit import sharpness_at_end, with_accuracy
from fathometer.evidence import (
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    Positive,
    Prediction,
    Problem,
    Source,
    Theorem,
    Trajectory,
    Within,
)

_TOLERANCE = 1e-6


def limit_sharpness(trajectory: Trajectory) -> Estimate:
    """Sharpness of the minimizer that the last state is on its way to, to 1e-8; NaN if it is not next to one.

    Raises:
        InputError: if the weights were not stored.
    """
    return with_accuracy(sharpness_at_end(OneNeuron.expect(trajectory.problem).network, trajectory))


def head_start(problem: Problem) -> Estimate:
    """R1(0) - R(0): what the start explains already."""
    start = OneNeuron.expect(problem)
    return Estimate.exact(start.network.regression.explained - start.excess)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """Between the two bounds, with 1e-6 of them for the integrator."""
    lower, upper = one_neuron_bounds(OneNeuron.expect(problem))
    return Within(lower * (1 - _TOLERANCE), upper * (1 + _TOLERANCE), domain=(0.0, None))


THEOREM = Theorem(
    id="one_neuron_bounds",
    theory="deep_linear",
    title="One neuron per layer: sharpness of the limit",
    statement=(
        "Gradient flow of f(x) = (u . x) v_2 ... v_L conserves the differences of |u|^2 and all v_k^2. It ends at a "
        "minimizer with 2 (x lambda_max + y q_1^2) <= S <= 2 (x lambda_max + y |q|^2), where x = v_2^2 ... v_L^2 and "
        "y = sum of v_k^{-2} follow from the start and q_1 is the share of q on the top eigenvector of sigma; from a "
        "balanced start, x = m^{2-2/L} and y = (L-1) m^{-2/L}. Judged to 1e-6."
    ),
    source=Source(
        YOO_SONG_YUN,
        "bounds on the sharpness of the limit, for balanced weights and for L = 2",
        "from memory; derived here for all starts, with Weyl's inequality, in the units of a loss without 1/2",
    ),
    about=OneNeuron,
    hypotheses=(
        DEFINITE,
        Hypothesis("the start is better than w = 0", Positive(), head_start),
    ),
    quantity=limit_sharpness,
    predict=predict,
    example=_examples.one_neuron,
    counterexample=_examples.worse_than_nothing,
    along=(AxisKind.TIME,),
    reads=("W1",),
    uses=("imbalance_conserved", "small_init_convergence"),
)

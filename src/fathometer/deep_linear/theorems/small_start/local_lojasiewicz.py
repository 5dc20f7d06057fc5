"""At any weights, the gradient is at least as large as the excess risk demands."""

from fathometer.deep_linear.model._network import stored_weights
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model._references import MARION_CHIZAT
from fathometer.deep_linear.predictions._rates import lojasiewicz_surplus
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._hypotheses import DEFINITE
from fathometer.evidence import (
    AtLeast,
    Axis,
    AxisKind,
    Estimate,
    Prediction,
    Problem,
    Source,
    Theorem,
    Trajectory,
)

_ROUNDING = 1e-9


def relative_surplus(trajectory: Trajectory) -> Estimate:
    """(|grad R|^2 - mu (R - R_min)) / |grad R|^2 at every state, shape (T,); 0 where both vanish.

    Raises:
        InputError: if the weights were not stored.
    """
    network = DeepLinear.expect(trajectory.problem)
    weights = stored_weights(network, trajectory.states, "the gradient")
    return Estimate.exact(lojasiewicz_surplus(network, weights), along=trajectory.axis)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """Not negative, but for rounding."""
    return AtLeast(-_ROUNDING)


THEOREM = Theorem(
    id="local_lojasiewicz",
    theory="deep_linear",
    title="Polyak-Lojasiewicz inequality at any weights",
    statement=(
        "|grad R|^2 >= mu (R - R_min) with mu = 4 lambda_min(sigma^{1/2} K sigma^{1/2}) >= 4 lambda_min |b_1|^2, at "
        "all weights."
    ),
    source=Source(MARION_CHIZAT, "step of the proofs of convergence", "derived from |grad R|^2 = g^T K g"),
    about=DeepLinear,
    hypotheses=(DEFINITE,),
    quantity=relative_surplus,
    predict=predict,
    example=_examples.descent,
    counterexample=_examples.singular_data,
    along=(AxisKind.TIME, AxisKind.STEP),
    reads=("W1",),
)

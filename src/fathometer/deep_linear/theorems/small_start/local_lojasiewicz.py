"""At any weights, the gradient is at least as large as the excess risk demands."""

import numpy as np

from fathometer.deep_linear.model._curvature import gradient
from fathometer.deep_linear.model._flow_problem import network_of
from fathometer.deep_linear.model._network import excess_risk, from_states
from fathometer.deep_linear.model._references import MARION_CHIZAT
from fathometer.deep_linear.predictions._rates import lojasiewicz_constant
from fathometer.deep_linear.theorems._flow import DEFINITE
from fathometer.evidence import AtLeast, Axis, Estimate, InputError, Prediction, Problem, Source, Theorem, Trajectory

_ROUNDING = 1e-9


def relative_surplus(trajectory: Trajectory) -> Estimate:
    """(|grad R|^2 - mu (R - R_min)) / |grad R|^2 at every state, shape (T,); 0 where both vanish.

    Raises:
        InputError: if the weights were not stored.
    """
    network = network_of(trajectory.problem)
    try:
        weights = from_states(network, trajectory.states)
    except KeyError as error:
        raise InputError(f"the gradient needs the weights, but state {error} was not stored") from error
    squares = np.asarray(sum(np.sum(slope**2, axis=(-2, -1)) for slope in gradient(network, weights)))
    owed = lojasiewicz_constant(network, weights) * excess_risk(network, weights)
    surplus = np.divide(squares - owed, squares, out=-np.sign(owed), where=squares > 0)
    return Estimate.exact(surplus, along=trajectory.axis)


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
    hypotheses=(DEFINITE,),
    quantity=relative_surplus,
    predict=predict,
)

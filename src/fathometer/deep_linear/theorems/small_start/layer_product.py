"""The product of almost aligned layers has the product of their norms, and the direction of the first."""

import numpy as np

from fathometer.deep_linear.model._flow_problem import GradientFlow
from fathometer.deep_linear.model._network import stored_weights
from fathometer.deep_linear.observables._layer_structure import chain_bounds, drifted_bounds, layer_structure
from fathometer.deep_linear.observables._product_shape import product_shape
from fathometer.deep_linear.theorems import _examples
from fathometer.deep_linear.theorems._flow import TOLERANCE, natural_square, small_start_source
from fathometer.deep_linear.theorems._hypotheses import PLAIN
from fathometer.evidence import (
    AtMost,
    Axis,
    AxisKind,
    Estimate,
    Prediction,
    Problem,
    Theorem,
    Trajectory,
)

_TOLERANCE = 1e-6


def product_defects(trajectory: Trajectory) -> Estimate:
    """What the bounds leave open along the flow, shape (T, 3): at most 0 each.

    The product of the cosines less |w| / prod sigma_k; |w| / prod sigma_k - 1; and the angle of w and v_1 less its
    bound. Where there is no bound, the cosines are 0 and the angle pi / 2.

    Raises:
        InputError: if the weights were not stored.
    """
    start = GradientFlow.expect(trajectory.problem)
    weights = stored_weights(start.network, trajectory.states, "the product")
    structure = layer_structure(weights)
    shape = product_shape(weights, structure)
    bounds = chain_bounds(structure.sigma, drifted_bounds(start.weights, weights, TOLERANCE * natural_square(start)))
    cosines = np.where(np.all(structure.sigma > 0, axis=-1), np.exp(bounds.log_cosine), 0.0)
    defects = [cosines - shape.share, shape.share - 1, shape.angle - bounds.angle]
    return Estimate.exact(np.stack(defects, axis=-1), along=trajectory.axis)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """At most 0, but for the root of the rounding errors in an angle."""
    return AtMost(_TOLERANCE)


THEOREM = Theorem(
    id="layer_product",
    theory="deep_linear",
    title="The product follows its almost aligned layers",
    statement=(
        "For all times of gradient flow, cos theta_1 ... cos theta_{L-1} prod sigma_k <= |w| <= prod sigma_k, and the "
        "angle of w and the top right singular vector of W_1 is at most arctan(sqrt(epsilon_1) / sigma_1 tan theta_1): "
        "theta_L = 0 and theta_k = phi_k + arctan(sqrt(epsilon_{k+1}) / sigma_{k+1} tan theta_{k+1}), where phi_k "
        "bounds the angle of neighbouring singular vectors. Judged to 1e-6."
    ),
    source=small_start_source("inequality (iv) on the layers; without a bound where a theta_k reaches pi / 2"),
    about=GradientFlow,
    hypotheses=(PLAIN,),
    quantity=product_defects,
    predict=predict,
    example=_examples.small_start,
    counterexample=_examples.flow_with_readout,
    along=(AxisKind.TIME,),
    reads=("W1",),
    uses=("layer_rank_one", "layer_alignment"),
)

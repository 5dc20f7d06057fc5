"""The product of almost aligned layers has the product of their norms, and the direction of the first."""

import math

import numpy as np

from fathometer.deep_linear.model._flow_problem import GradientFlow
from fathometer.deep_linear.model._network import Weights, from_states, product
from fathometer.deep_linear.observables._imbalance import imbalance_drift
from fathometer.deep_linear.observables._layer_structure import (
    StructureBounds,
    chain_bounds,
    layer_structure,
    squared_sine,
    structure_bounds,
)
from fathometer.deep_linear.theorems._flow import PLAIN, TOLERANCE, natural_square, small_start_source
from fathometer.evidence import (
    AtMost,
    Axis,
    Estimate,
    InputError,
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
    try:
        weights = from_states(start.network, trajectory.states)
    except KeyError as error:
        raise InputError(f"the product needs the weights, but state {error} was not stored") from error
    structure, w = layer_structure(weights), product(weights)
    bounds = chain_bounds(structure.sigma, _as_run(start, weights))
    size = np.max(np.abs(w), axis=-1)
    w = np.divide(w, size[:, None], out=np.zeros_like(w), where=size[:, None] > 0)  # squares of w may be too small
    norm = np.linalg.norm(w, axis=-1)
    alive = norm > 0  # a product that is zero has no direction, and every bound on it is met
    with np.errstate(divide="ignore"):
        logs = np.log(norm) + np.log(size), np.sum(np.log(structure.sigma), axis=-1)
    share = np.exp(np.subtract(*logs, out=np.full_like(norm, -np.inf), where=alive))
    sine = np.sqrt(squared_sine(w / np.where(alive, norm, 1.0)[:, None], structure.direction))
    angle = np.where(alive, np.arcsin(np.minimum(sine, 1.0)), 0.0)
    cosines = np.where(np.all(structure.sigma > 0, axis=-1), np.exp(bounds.log_cosine), 0.0)
    defects = [cosines - share, share - 1, angle - bounds.angle]
    return Estimate.exact(np.stack(defects, axis=-1), along=trajectory.axis)


def _as_run(start: GradientFlow, weights: Weights) -> StructureBounds:
    """The bounds from the start, and what the integrator let the imbalance drift: at most 1e-7 of the layers' size."""
    bounds, depth = structure_bounds(start.weights), len(weights)
    now, before = (
        np.max([np.sum(matrix**2, axis=(-2, -1)) for matrix in layers], axis=0) for layers in (weights, start.weights)
    )
    squares = np.maximum(now, before)
    drift = np.minimum(imbalance_drift(weights, start.weights) * squares, TOLERANCE * natural_square(start))[:, None]
    widest = max(max(matrix.shape[-2:]) for matrix in weights)
    later = (1 + math.sqrt(widest)) * np.arange(depth - 1, -1, -1)  # a trace is at most sqrt(width) |D|_F
    return StructureBounds(bounds.delta + drift, bounds.epsilon + later * drift)


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
    hypotheses=(PLAIN,),
    quantity=product_defects,
    predict=predict,
)

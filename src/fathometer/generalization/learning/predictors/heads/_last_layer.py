"""The last layer of a deployed network as a linear classifier of the features that the layers before make.

Those layers have seen the whole training part, so that only the held-out rows can certify; they depend on no held-out
row, as long as no other candidate competed there. The prior weights are those of the layer as it was trained, from
which it is 0 away: the bound holds for every last layer on these features at once, and here is its value at this one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.special import expit

from fathometer.generalization.learning.linear._model import Scaling
from fathometer.generalization.learning.linear._several import ClassSample, class_direction
from fathometer.generalization.learning.predictors._deployed import Deployed
from fathometer.generalization.learning.predictors.heads._several_head import decides_alike, weights_in
from fathometer.generalization.learning.predictors.models._state import wants_frame

ACTIVATIONS: Mapping[str, Callable[[NDArray], NDArray]] = {
    "identity": lambda z: z,
    "relu": lambda z: np.maximum(z, 0),
    "tanh": np.tanh,
    "logistic": expit,
}


@dataclass(frozen=True)
class LastLayer:
    """A last layer in the coordinates of its certificate.

    Attributes:
        sample: features of the held-out rows in the unit ball, by a scaling that the training part fixes.
        weights: shape (d, k), of Frobenius norm 1, columns adding up to 0.
    """

    sample: ClassSample
    weights: Float[np.ndarray, "d k"]


def last_layer(deployed: Deployed) -> LastLayer | None:
    """The last layer of a network of scikit-learn that had no competitor; None for any other predictor.

    Args:
        deployed: with the predictor itself.
    """
    plan, held_out = deployed.plan, deployed.split.part("held_out")
    if not plan.loss.of_classes or plan.stratified or len(deployed.competitors) > 1:
        return None
    network = network_of(deployed.predictor)
    if network is None or wants_frame(deployed.predictor):
        return None
    features = hidden_features(deployed.predictor, network, deployed.x)
    scaling = Scaling.of(features[deployed.split.part("training")])
    coefficients, intercept = by_class(network.coefs_[-1], network.intercepts_[-1])
    if intercept.size != deployed.truth.max() + 1 or not np.any(np.ptp(coefficients, axis=1)):
        return None
    weights = class_direction(weights_in(scaling, coefficients, intercept))
    if not decides_alike(scaling, weights, deployed, features):
        return None
    return LastLayer(ClassSample(scaling.apply(features[held_out]), deployed.truth[held_out]), weights)


def network_of(predictor: Any) -> Any:
    """The network that a predictor ends in; None if it ends otherwise."""
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import Pipeline

    last = predictor.steps[-1][1] if isinstance(predictor, Pipeline) else predictor
    return last if isinstance(last, MLPClassifier) else None


def hidden_features(predictor: Any, network: Any, x: Float[np.ndarray, "n p"]) -> Float[np.ndarray, "n h"]:
    """What the last layer is given.

    Args:
        predictor: the network, or a pipeline that ends in it.
        network: fitted.
        x: features as numbers.
    """
    rows = x if predictor is network else predictor[:-1].transform(x)
    z = np.asarray(rows, np.float64)
    for weights, bias in zip(network.coefs_[:-1], network.intercepts_[:-1], strict=True):
        z = ACTIVATIONS[network.activation](z @ weights + bias)
    return z


def by_class(coefficients: Float[np.ndarray, "h k"], intercept: Float[np.ndarray, " k"]) -> tuple[NDArray, NDArray]:
    """One score for each class, where one alone is that of the second of two."""
    if intercept.size > 1:
        return coefficients, intercept
    sides = np.array([-0.5, 0.5])
    return coefficients * sides, intercept * sides

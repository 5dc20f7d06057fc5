"""Lipschitz constant of the multi-margin loss in the weights of a model."""

from collections.abc import Sequence

import numpy as np

from fathometer.generalization.learning.networks._law import loss_lipschitz, score_lipschitz
from fathometer.generalization.learning.networks._layers import Weights
from fathometer.generalization.learning.wasserstein._loss import linear_lipschitz
from fathometer.generalization.learning.wasserstein._network import Network, Params


def loss_constant(network: Network, nets: Sequence[Params]) -> float:
    """Lipschitz constant on the segments between the given models, for every input of norm at most 1, rounded up.

    For a linear model it is exact and does not depend on the weights. Else it is that of `score_lipschitz` on the
    convex set of networks with the norms of the largest of the given ones; leaky ReLU is 1-Lipschitz with value 0 at 0.
    """
    if not network.hidden:
        return linear_lipschitz(network.classes)
    return loss_lipschitz("multi_margin", classes=network.classes) * score_lipschitz([_stacked(net) for net in nets], 1)


def _stacked(net: Params) -> Weights:
    """One matrix (inputs + 1, outputs) for each layer, the bias in the last row."""
    layers = zip(net.weights, net.biases, strict=True)
    return tuple(np.vstack([np.asarray(weight, np.float64).T, np.asarray(bias)[None]]) for weight, bias in layers)

"""A plain network with one neuron per layer, and where gradient flow starts, as a problem."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fathometer.deep_linear.model._network import as_weights, excess_risk
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.evidence import InputError, Problem


@dataclass(frozen=True, eq=False)
class OneNeuron(Problem):
    """Gradient flow of f(x) = (u . x) v_2 ... v_L from given weights.

    Attributes:
        network: plain, of depth at least 2.
        weights: u of shape (1, d) and v_k of shape (1, 1) at time 0.

    Raises:
        InputError: if the network has a readout or depth 1, w_star is zero, or the weights have other shapes.
    """

    network: DeepLinear
    weights: tuple[NDArray[np.float64], ...]

    def __post_init__(self) -> None:
        if self.network.readout is not None or self.network.depth < 2:
            raise InputError("one neuron per layer needs a plain network of depth at least 2")
        if self.network.regression.norm == 0:
            raise InputError("w_star must not be zero")
        weights = as_weights(self.network, self.weights)
        for k, matrix in enumerate(weights, start=1):
            if matrix.ndim != 2 or len(matrix) != 1:
                raise InputError(f"W_{k} must have one row, got shape {matrix.shape}")
        object.__setattr__(self, "weights", weights)

    @property
    def excess(self) -> float:
        """R(0) - R_min at the start."""
        return float(excess_risk(self.network, self.weights))

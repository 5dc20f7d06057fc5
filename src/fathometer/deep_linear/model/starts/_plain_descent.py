"""Descent as a problem: a network, where it starts, its step size, and for how long it runs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fathometer.deep_linear.model._network import as_single_weights
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.evidence import Problem, finite_number, whole_number


@dataclass(frozen=True, eq=False)
class PlainDescent(Problem):
    """Plain descent W <- W - step grad R(W) from given weights.

    Attributes:
        network: the network and its data.
        weights: W_1 to W_L at step 0, W_k of shape (d_k, d_{k-1}).
        step: step size, positive.
        iterations: number of steps, at least 1.

    Raises:
        InputError: if the weights do not fit the network or a number is out of range.
    """

    network: DeepLinear
    weights: tuple[NDArray[np.float64], ...]
    step: float
    iterations: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", as_single_weights(self.network, self.weights))
        object.__setattr__(self, "step", finite_number("step", self.step, above=0))
        object.__setattr__(self, "iterations", whole_number("iterations", self.iterations, at_least=1))

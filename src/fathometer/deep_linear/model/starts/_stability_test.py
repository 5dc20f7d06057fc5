"""Descent next to one minimizer, as a problem."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fathometer.deep_linear.model._momentum import Momentum
from fathometer.deep_linear.model._network import as_single_weights, total_norm
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.evidence import Problem, finite_number

_DISPLACEMENT, _WITH_MOMENTUM = 1e-8, 2e-8


@dataclass(frozen=True, eq=False)
class StabilityTest(Problem):
    """Descent with one step size next to given weights.

    Attributes:
        network: the network and its data.
        weights: W_1 to W_L, W_k of shape (d_k, d_{k-1}); a theorem asks that they are a global minimizer.
        step: step size, positive.
        momentum: heavy ball or Nesterov; with beta = 0 it is plain descent.
        spread: whether the displacement moves all modes of r = sigma^{1/2} (w - w_star) equally, instead of the weights
            along the top eigenvector.

    Raises:
        InputError: if the weights do not fit the network or the step is not positive.
    """

    network: DeepLinear
    weights: tuple[NDArray[np.float64], ...]
    step: float
    momentum: Momentum = Momentum(0.0)
    spread: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", as_single_weights(self.network, self.weights))
        object.__setattr__(self, "step", finite_number("step", self.step, above=0))

    @property
    def share(self) -> float:
        """Displacement of a run in units of the norm of all weights: 1e-8, 2e-8 with momentum."""
        return _WITH_MOMENTUM if self.momentum.beta else _DISPLACEMENT

    @property
    def displacement(self) -> float:
        """Length of the displacement of a run."""
        return self.share * total_norm(self.weights)

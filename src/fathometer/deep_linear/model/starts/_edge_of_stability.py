"""Descent at the edge of stability, from the centre of its oscillation, as a problem."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fathometer.deep_linear.model._curvature import reduced_spectrum
from fathometer.deep_linear.model._network import as_single_weights
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.evidence import Problem, finite_number


@dataclass(frozen=True, eq=False)
class EdgeOfStability(Problem):
    """Descent with a constant step, from the centre of its oscillation.

    Attributes:
        network: the network; small, since the flow uses the full Hessian.
        weights: the centre W_1 to W_L at step 0, W_k of shape (d_k, d_{k-1}); `reach_edge` finds one.
        step: step size, positive.

    Raises:
        InputError: if the weights do not fit the network or the step is not positive.
    """

    network: DeepLinear
    weights: tuple[NDArray[np.float64], ...]
    step: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", as_single_weights(self.network, self.weights))
        object.__setattr__(self, "step", finite_number("step", self.step, above=0))

    @cached_property
    def top_curvatures(self) -> tuple[float, float]:
        """The two largest Hessian eigenvalues at the centre, times step / 2: unstable directions are those above 1."""
        spectrum = np.append(reduced_spectrum(self.network, self.weights), 0.0)
        second, first = np.sort(spectrum)[-2:] * self.step / 2
        return float(first), float(second)

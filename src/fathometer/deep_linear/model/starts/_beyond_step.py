"""Descent next to a minimizer in the long run, and an oscillation between two points, as problems."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fathometer.deep_linear.model._curvature import gradient, sharpness_at_minimizer
from fathometer.deep_linear.model._network import as_single_weights, total_norm
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.evidence import Problem, finite_number


@dataclass(frozen=True, eq=False)
class BeyondStep(Problem):
    """What plain descent with one step does next to given weights in the long run.

    Attributes:
        network: the network; small, since its full Hessian is used.
        weights: W_1 to W_L, W_k of shape (d_k, d_{k-1}); theorems ask that they are a flattest minimizer.
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
    def excess(self) -> float:
        """Excess mu = step S - 2 at the weights, as at a minimizer."""
        return self.step * float(sharpness_at_minimizer(self.network, self.weights).value) - 2


@dataclass(frozen=True, eq=False)
class Oscillation(Problem):
    """Two points between which plain descent goes to and fro.

    Attributes:
        network: the network.
        first: W_1 to W_L, W_k of shape (d_k, d_{k-1}).
        second: one step later; theorems ask that the step after that leads back.
        step: step size, positive.

    Raises:
        InputError: if the weights do not fit the network or the step is not positive.
    """

    network: DeepLinear
    first: tuple[NDArray[np.float64], ...]
    second: tuple[NDArray[np.float64], ...]
    step: float

    def __post_init__(self) -> None:
        for name in ("first", "second"):
            object.__setattr__(self, name, as_single_weights(self.network, getattr(self, name)))
        object.__setattr__(self, "step", finite_number("step", self.step, above=0))

    @cached_property
    def between(self) -> tuple[NDArray[np.float64], ...]:
        """First point less second."""
        return tuple(a - b for a, b in zip(self.first, self.second, strict=True))

    @cached_property
    def defect(self) -> float:
        """How far a step from either point misses the other, over their distance; inf if they are one point."""
        there, back = (self._missed(*ends) for ends in ((self.first, self.second), (self.second, self.first)))
        distance = total_norm(self.between)
        return max(there, back) / distance if distance else float("inf")

    def _missed(self, start: tuple[NDArray[np.float64], ...], end: tuple[NDArray[np.float64], ...]) -> float:
        slopes = gradient(self.network, start)
        return total_norm(tuple(w - self.step * g - v for w, g, v in zip(start, slopes, end, strict=True)))

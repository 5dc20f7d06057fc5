"""Descent as a problem: a network, where it starts, its step size, and for how long it runs."""

import dataclasses
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fathometer.deep_linear.dynamics.descent._train import descend
from fathometer.deep_linear.model._network import Weights, as_weights, from_states, product
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.observables._segment_sharpness import path_sharpness
from fathometer.evidence import Estimate, InputError, Problem, Trajectory, finite_number, whole_number


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
        weights = as_weights(self.network, self.weights)
        if weights[0].ndim != 2:
            raise InputError(f"weights must have no batch axis, got W_1 of shape {weights[0].shape}")
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "step", finite_number("step", self.step, above=0))
        object.__setattr__(self, "iterations", whole_number("iterations", self.iterations, at_least=1))


@dataclass(frozen=True, eq=False)
class DescentPath(PlainDescent):
    """Plain descent, and all that happens on its way."""

    @cached_property
    def run(self) -> Trajectory:
        """All steps, with their weights."""
        run = descend(self.network, self.weights, self.step, self.iterations, store=True)
        return dataclasses.replace(run, problem=self)

    @property
    def layers(self) -> Weights:
        """W_k of shape (iterations + 1, d_k, d_{k-1})."""
        return from_states(self.network, self.run.states)

    @property
    def fallen(self) -> Estimate:
        """R(0) less the risk at the end, (w - w')^T sigma (w + w' - 2 w_star), with the rounding of the products."""
        before, after = product(tuple(matrix[[0, -1]] for matrix in self.layers), self.network.output)
        slope = self.network.regression.sigma @ (before + after - 2 * self.network.regression.w_star)
        value = float((before - after) @ slope)
        room = 4 * self.network.depth * float(np.finfo(float).eps * np.abs([before, after]).max(axis=0) @ np.abs(slope))
        return Estimate.enclosed(value, value - room, value + room)

    @cached_property
    def sharpness(self) -> Estimate:
        """Largest sharpness on the straight pieces between all weights."""
        return path_sharpness(self.network, self.layers, 2 / self.step)

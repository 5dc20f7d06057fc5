"""Descent as a question about its way."""

import dataclasses
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fathometer.deep_linear.dynamics.descent._train import descend
from fathometer.deep_linear.model._network import Weights, from_states, product
from fathometer.deep_linear.model.starts._plain_descent import PlainDescent
from fathometer.deep_linear.observables._segment_sharpness import path_sharpness
from fathometer.evidence import Estimate, Trajectory


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

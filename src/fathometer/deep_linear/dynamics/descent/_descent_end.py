"""Descent as a question about where it ends."""

import dataclasses
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from fathometer.deep_linear.dynamics.descent._train import descend
from fathometer.deep_linear.model._network import Weights, excess_risk, from_states, total_norm
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model.starts._plain_descent import PlainDescent
from fathometer.deep_linear.predictions._rates import descent_factors, unstable_directions
from fathometer.evidence import Estimate, Trajectory

CONVERGED, ROOM = 1e-12, 1e-6
"""Excess risk of a run that has converged, over what w_star explains; room of a factor per step next to 1."""
_GROWN, _MOST_STEPS = math.log(1e12), 20_000


@dataclass(frozen=True, eq=False)
class DescentEnd(PlainDescent):
    """Plain descent, and where it ends."""

    @cached_property
    def run(self) -> Trajectory:
        """The first weights and the last ones, with no others."""
        run = descend(self.network, self.weights, self.step, self.iterations, every=self.iterations, store=True)
        return dataclasses.replace(run, problem=self)

    @classmethod
    def of_run(cls, run: Trajectory, step: float) -> "DescentEnd":
        """The end of a run of descent that kept its first and last weights, which is then not run again."""
        first = tuple(matrix[0] for matrix in from_states(DeepLinear.expect(run.problem), run.states))
        end = cls(DeepLinear.expect(run.problem), first, step, int(run.axis.points[-1]))
        vars(end)["run"] = dataclasses.replace(_ends(run), problem=end)
        return end

    @property
    def end(self) -> Weights:
        """The last weights, W_k of shape (d_k, d_{k-1})."""
        return tuple(matrix[-1] for matrix in from_states(self.network, self.run.states))

    @property
    def excess_at_start(self) -> float:
        """Excess risk of the start over what w_star explains."""
        return self._relative_excess(self.weights)

    @cached_property
    def excess_at_end(self) -> float:
        """Excess risk at the end over what w_star explains; inf if the run diverged."""
        diverged = math.isfinite(self.run.event("diverged").value)
        return math.inf if diverged else self._relative_excess(self.end)

    @cached_property
    def growth(self) -> float:
        """Largest factor per step of a displacement from the end; 0 if the run has not converged."""
        if self.excess_at_end > CONVERGED:
            return 0.0
        return float(np.max(descent_factors(self.network, self.end, self.step), initial=0.0))

    @cached_property
    def excess_from_the_end_on(self) -> Estimate:
        """`excess_at_end`, and what comes of it.

        Where it is small but a mode is unstable, it is the larger one of that and of the risk after as many more steps
        as a displacement by rounding needs to show; unbounded from above if that is too many.
        """
        if self.growth <= 1 + ROOM:
            return Estimate.exact(self.excess_at_end)
        needed = math.ceil(_GROWN / math.log(self.growth))
        later = DescentEnd(self.network, self.end, self.step, min(needed, _MOST_STEPS))
        largest = max(self.excess_at_end, later.excess_at_end)
        return Estimate.enclosed(largest, largest, largest if needed <= _MOST_STEPS else math.inf)

    @cached_property
    def excitation(self) -> float:
        """Share of the way from the start to the end along the eigenvectors that are unstable there; 1 without any."""
        if self.growth <= 1 + ROOM:
            return 1.0
        way = [before - after for before, after in zip(self.weights, self.end, strict=True)]
        shares = [
            abs(sum(float(np.sum(part * unit)) for part, unit in zip(way, direction, strict=True)))
            for direction in unstable_directions(self.network, self.end, self.step)
        ]
        length = total_norm(tuple(way))
        return max(shares) / length if length else 0.0

    def _relative_excess(self, weights: Weights) -> float:
        explained = self.network.regression.explained
        return float(excess_risk(self.network, weights)) / explained if explained else 0.0


def _ends(run: Trajectory) -> Trajectory:
    """The run at its first step and its last alone."""
    axis = dataclasses.replace(run.axis, points=run.axis.points[[0, -1]])
    states = {name: state[[0, -1]] for name, state in run.states.items()}
    observed = {
        name: Estimate(e.value[[0, -1]], e.lower[[0, -1]], e.upper[[0, -1]], e.kind, e.confidence, axis)  # type: ignore[index]
        for name, e in run.observed.items()
    }
    return dataclasses.replace(run, axis=axis, states=states, observed=observed)

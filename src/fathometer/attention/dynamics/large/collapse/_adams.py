"""Adams' predictor and corrector with variable steps: one evaluation of the velocities a step."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float

from fathometer.attention.dynamics.large.collapse._steps import DAMPING, ORDER

Points = Float[np.ndarray, "n d"]
Velocity = Callable[[Points], Points]


@dataclass
class Adams:
    """Unit rows along a field, with velocities at up to six times before.

    A step is predicted by the polynomial through those velocities, the velocity is evaluated there, and corrected by
    the polynomial through it and them; the difference is the error of the prediction, which is kept below the
    tolerance. The velocity at the prediction, mended by `DAMPING`, stands for the one at the end of the step (PEC).

    Attributes:
        points: shape (n, d), unit rows.
        tolerance: error of a prediction, as a length.
        time: now.
        step: next one to try.
        longest: step.
        times: of the velocities, the latest first.
        velocities: at those times, each of shape (n, d).
        accepted: steps.
        rejected: steps that were tried in vain.
    """

    points: Points
    tolerance: float
    time: float = 0.0
    step: float = 0.0
    longest: float = 0.5
    times: list[float] = field(default_factory=list)
    velocities: list[Points] = field(default_factory=list)
    accepted: int = 0
    rejected: int = 0

    def begin(self, velocity: Velocity) -> None:
        """Evaluate the velocities where the points are, and forget all others."""
        self.times, self.velocities = [self.time], [velocity(self.points)]
        fastest = float(np.max(np.linalg.norm(self.velocities[0], axis=1)))
        self.step = min(0.1, self.tolerance**0.5) / max(fastest, 1e-300)

    def advance(self, velocity: Velocity, until: float, rates: Float[np.ndarray, " n"]) -> bool:
        """Try a step, and return whether it was taken.

        Args:
            velocity: the field.
            until: where the step ends at the latest, above `time`.
            rates: at which each row falls towards its cluster, shape (n,), not negative.

        Raises:
            FloatingPointError: a velocity is not finite.
        """
        step = min(self.step, self.longest, until - self.time)
        nodes = (np.array(self.times) - self.time) / step
        predicted = self._moved(step * _weights(nodes))
        there = velocity(predicted)
        corrected = self._moved(step * _weights(np.append(nodes, 1.0)), there)
        predicted -= corrected
        error = float(np.sqrt(np.max(np.einsum("ij,ij->i", predicted, predicted)))) / self.tolerance
        if not math.isfinite(error):
            raise FloatingPointError(f"velocities after time {self.time:g}: not finite")
        factor = 0.85 * max(error, 1e-10) ** (-1 / (len(nodes) + 1))
        if error > 1:
            self.rejected += 1
            self.step = step * max(factor, 0.2)
            return False
        there = there + DAMPING * rates[:, None] * predicted  # the field's own array may be read-only
        self.points, self.time = corrected, self.time + step
        self.times = [self.time, *self.times][:ORDER]
        self.velocities = [there, *self.velocities][:ORDER]
        self.accepted += 1
        self.step = step * min(factor, 2.0)
        return True

    def _moved(self, weights: Float[np.ndarray, " q"], last: Points | None = None) -> Points:
        moved = self.points.copy()
        velocities = self.velocities if last is None else [*self.velocities, last]
        for weight, velocity in zip(weights, velocities, strict=True):
            moved += weight * velocity
        moved /= np.sqrt(np.einsum("ij,ij->i", moved, moved))[:, None]
        return moved


def _weights(nodes: Float[np.ndarray, " q"]) -> Float[np.ndarray, " q"]:
    """Weights of the integral from 0 to 1 of the polynomial through values at the nodes."""
    powers = np.arange(len(nodes))[:, None]
    return np.linalg.solve(nodes**powers, 1 / (powers[:, 0] + 1))

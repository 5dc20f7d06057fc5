"""Gradient descent from a nearly balanced start close to a whitened target, where its convergence is guaranteed."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fathometer.deep_linear.model._multi_output import MultiOutput, as_multi_output_weights, matrix_product
from fathometer.deep_linear.model._network import largest_imbalance, without_batch
from fathometer.evidence import Problem, finite_number


@dataclass(frozen=True, eq=False)
class GuaranteedDescent(Problem):
    """Descent with a constant step, and the constants of Arora, Cohen, Golowich and Hu (2019).

    Their loss is |M - M_star|_F^2 / 2. With sigma = c I, ours is 2 c times theirs, and their step 2 c times ours.

    Attributes:
        network: several outputs.
        weights: W_1 to W_L at step 0, W_k of shape (d_k, d_{k-1}).
        step: step size, positive.

    Raises:
        InputError: if the weights do not fit the network or the step is not positive.
    """

    network: MultiOutput
    weights: tuple[NDArray[np.float64], ...]
    step: float

    def __post_init__(self) -> None:
        weights = without_batch(as_multi_output_weights(self.network, self.weights))
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "step", finite_number("step", self.step, above=0))

    @property
    def narrowest(self) -> int:
        """The smallest hidden width less min(o, d): not negative if every M can be reached."""
        return min([len(matrix) for matrix in self.weights[:-1]], default=max(self.network.shape)) - min(
            self.network.shape
        )

    @cached_property
    def margin(self) -> float:
        """Deficiency margin: sigma_min(M_star) - |M(0) - M_star|_F, the least sigma_min of all M that are as close."""
        target = self.network.regression.M_star
        distance = np.linalg.norm(matrix_product(self.weights) - target)
        return float(np.linalg.svd(target, compute_uv=False)[-1] - distance)

    @cached_property
    def imbalance(self) -> float:
        """Largest |W_{k+1}^T W_{k+1} - W_k W_k^T|_F."""
        return largest_imbalance(self.weights)

    @property
    def allowed_imbalance(self) -> float:
        """Margin^2 / (256 L^3 |M_star|_F^{2 - 2/L}); 0 without a margin."""
        depth = self.network.depth
        return max(0.0, self.margin) ** 2 / (256 * depth**3 * self._norm ** (2 - 2 / depth))

    @property
    def allowed_step(self) -> float:
        """Margin^{4 - 2/L} / (6144 L^3 |M_star|_F^{6 - 4/L}), in units of this risk; 0 without a margin."""
        depth = self.network.depth
        step = max(0.0, self.margin) ** (4 - 2 / depth) / (6144 * depth**3 * self._norm ** (6 - 4 / depth))
        return step / self._scale

    @property
    def rate(self) -> float:
        """Guaranteed decay of the logarithm of the excess risk per step."""
        return self._scale * self.step * max(0.0, self.margin) ** (2 - 2 / self.network.depth)

    @property
    def _scale(self) -> float:
        return 2 * self.network.regression.inputs.lambda_max

    @property
    def _norm(self) -> float:
        return float(np.linalg.norm(self.network.regression.M_star))

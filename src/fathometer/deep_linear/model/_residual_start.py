"""What the residual theorem is about: a network with a readout, and the weights that gradient flow starts from."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fathometer.deep_linear.model._logarithms import exponential
from fathometer.deep_linear.model._network import as_weights, excess_risk
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model._residual_constants import BlockBounds, block_bounds
from fathometer.evidence import InputError, Problem, finite_number


@dataclass(frozen=True, eq=False)
class ResidualStart(Problem):
    """Gradient flow of a residual network from given weights, and the tube around them that it shall not leave.

    In the tube, |W_k - W_k(0)|_F <= radius / L for all layers, all prefixes and suffixes of the product have singular
    values in [lower, upper].

    Attributes:
        network: with a readout.
        weights: W_1 to W_L at time 0, each of shape (d, d).
        radius: of the tube, rho >= 0; the one that allows the largest initial risk if it is None.

    Raises:
        InputError: if the network has no readout, the weights are not L square matrices, or the radius is negative.
    """

    network: DeepLinear
    weights: tuple[NDArray[np.float64], ...]
    radius: float | None = None

    def __post_init__(self) -> None:
        if self.network.readout is None:
            raise InputError("a residual network must have a readout")
        weights = as_weights(self.network, self.weights)
        d = self.network.regression.dimension
        for k, matrix in enumerate(weights, start=1):
            if matrix.shape != (d, d):
                raise InputError(f"W_{k} must have shape {(d, d)}, got {matrix.shape}")
        object.__setattr__(self, "weights", weights)
        radius = self.bounds.best_radius() if self.radius is None else self.radius
        object.__setattr__(self, "radius", finite_number("radius", radius, at_least=0))

    @cached_property
    def bounds(self) -> BlockBounds:
        """The singular values of the products at time 0."""
        return block_bounds(np.stack(self.weights))

    @property
    def tube(self) -> float:
        """The radius rho, a number."""
        return 0.0 if self.radius is None else self.radius

    @cached_property
    def lower(self) -> float:
        """Lower bound c in [0, 1]; 0 if the tube contains singular products for all that is known."""
        return self.bounds.lower(self.tube)

    @cached_property
    def upper(self) -> float:
        """Upper bound C >= 1."""
        return self.bounds.upper(self.tube)

    @cached_property
    def excess(self) -> float:
        """R(0) - R_min at the start."""
        return float(excess_risk(self.network, self.weights))

    @property
    def spread(self) -> float:
        """C^4, or inf where that overflows."""
        return exponential(4 * math.log(self.upper))

    @property
    def readout_norm(self) -> float:
        """|p|."""
        return math.exp(self.network.log_gain / 2)

    @property
    def allowed_excess(self) -> float:
        """The largest R(0) - R_min of the theorem: (rho c^4 / C^2)^2 lambda_min^2 |p|^2 / lambda_max."""
        data = self.network.regression
        if data.lambda_max == 0:
            return 0.0
        return (self.bounds.reach(self.tube) * data.lambda_min * self.readout_norm) ** 2 / data.lambda_max

    @property
    def pl_constant(self) -> float:
        """Rate mu = 4 lambda_min L c^4 |p|^2: |grad R|^2 >= mu (R - R_min) in the tube."""
        return 4 * self.network.regression.lambda_min * self.network.depth * (self.lower**2 * self.readout_norm) ** 2

    @property
    def layer_motion(self) -> float:
        """Bound on |W_k(t) - W_k(0)|_F: C^2 sqrt(lambda_max (R(0) - R_min)) / (lambda_min L c^4 |p|); inf if c is 0."""
        data, floor = self.network.regression, self.lower**4 * self.network.depth * self.readout_norm
        if floor * data.lambda_min == 0:
            return math.inf
        return self.upper * self.upper * math.sqrt(data.lambda_max * self.excess) / (data.lambda_min * floor)

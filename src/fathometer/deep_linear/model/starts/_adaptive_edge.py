"""Descent with one adaptive scale at its edge of stability, as a problem."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from fathometer.deep_linear.model._curvature import reduced_spectrum
from fathometer.deep_linear.model._network import as_single_weights
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.evidence import Problem, finite_number


@dataclass(frozen=True, eq=False)
class AdaptiveEdge(Problem):
    """Scalar Adam from the centre of its oscillation; with beta1 = 0 scalar RMSProp.

    nu <- beta2 nu + (1 - beta2) |g|^2, m <- beta1 m + (1 - beta1) g, W <- W - step m / sqrt(nu). With beta2 = 1 the
    scale stays: heavy ball with step (1 - beta1) step / sqrt(nu), and descent for beta1 = 0.

    Attributes:
        network: the network; small, since the flow uses the full Hessian.
        weights: the centre W_1 to W_L at step 0, W_k of shape (d_k, d_{k-1}).
        variance: nu at step 0, positive.
        step: step size, positive.
        beta2: in (0, 1].
        beta1: in [0, 1).

    Raises:
        InputError: if the weights do not fit the network or a number is out of range.
    """

    network: DeepLinear
    weights: tuple[NDArray[np.float64], ...]
    variance: float
    step: float
    beta2: float
    beta1: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", as_single_weights(self.network, self.weights))
        object.__setattr__(self, "variance", finite_number("variance", self.variance, above=0))
        object.__setattr__(self, "step", finite_number("step", self.step, above=0))
        object.__setattr__(self, "beta2", finite_number("beta2", self.beta2, above=0, at_most=1))
        object.__setattr__(self, "beta1", finite_number("beta1", self.beta1, at_least=0, below=1))

    @property
    def limit(self) -> float:
        """Largest stable step S / sqrt(nu): (2 + 2 beta1) / (1 - beta1), 2 for RMSProp and 38 for beta1 = 0.9."""
        return (2 + 2 * self.beta1) / (1 - self.beta1)

    @cached_property
    def top_curvatures(self) -> tuple[float, float]:
        """The two largest eigenvalues of step H / sqrt(nu) at the centre, over the limit: 1 is the edge."""
        spectrum = np.append(reduced_spectrum(self.network, self.weights), 0.0)
        second, first = np.sort(spectrum)[-2:] * self.step / np.sqrt(self.variance) / self.limit
        return float(first), float(second)

"""Gradient flow as a problem: a network and where it starts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fathometer.deep_linear.model._network import as_single_weights, product
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.evidence import InputError, Problem, finite_array


@dataclass(frozen=True, eq=False)
class GradientFlow(Problem):
    """Gradient flow dW/dt = -grad R(W) of a network from given weights.

    Attributes:
        network: the network and its data.
        weights: W_1 to W_L at time 0, W_k of shape (d_k, d_{k-1}).

    Raises:
        InputError: if the weights do not fit the network or have batch axes.
    """

    network: DeepLinear
    weights: tuple[NDArray[np.float64], ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", as_single_weights(self.network, self.weights))


@dataclass(frozen=True, eq=False)
class BalancedFlow(Problem):
    """Gradient flow of a plain network with W_{k+1}^T W_{k+1} = W_k W_k^T, from a given product.

    Attributes:
        network: plain.
        product: w at time 0, shape (d,), not zero.

    Raises:
        InputError: if the network has a readout, or the product has another shape or is zero.
    """

    network: DeepLinear
    product: NDArray[np.float64]

    def __post_init__(self) -> None:
        if self.network.readout is not None:
            raise InputError("the network must be plain, without a readout")
        product = finite_array("product", self.product, ndim=1)
        if product.shape != self.network.regression.w_star.shape or not np.any(product):
            raise InputError(f"product must be {self.network.regression.dimension} numbers, not all zero")
        object.__setattr__(self, "product", product)


def network_of(problem: Problem) -> DeepLinear:
    """The network that a flow, a descent or a test is about, or the network itself.

    Raises:
        InputError: if the problem is about something else.
    """
    return DeepLinear.expect(getattr(problem, "network", problem))


def initial_product(problem: Problem) -> NDArray[np.float64]:
    """The product w at time 0 of a gradient flow, shape (d,).

    Raises:
        InputError: if the problem is something else.
    """
    if isinstance(problem, BalancedFlow):
        return problem.product
    start = GradientFlow.expect(problem)
    return product(start.weights, start.network.output)

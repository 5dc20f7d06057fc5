"""What can be measured on the layers of any trajectory with stored weights."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from fathometer.deep_linear.model._flow_problem import network_of
from fathometer.deep_linear.model._network import Weights, from_states, product
from fathometer.deep_linear.observables._layer_structure import layer_structure
from fathometer.evidence import Estimate, Observable, Problem


def measure_layer_norm(problem: Problem, states: Mapping[str, NDArray]) -> Estimate:
    """Top singular values sigma_k, shape (T, L)."""
    return Estimate.exact(layer_structure(_weights(problem, states)).sigma)


def measure_rank_defect(problem: Problem, states: Mapping[str, NDArray]) -> Estimate:
    """|W_k|_F^2 - sigma_k^2, shape (T, L)."""
    return Estimate.exact(layer_structure(_weights(problem, states)).rank_defect)


def measure_alignment(problem: Problem, states: Mapping[str, NDArray]) -> Estimate:
    """<v_{k+1}, u_k>^2, shape (T, L - 1)."""
    return Estimate.exact(1 - layer_structure(_weights(problem, states)).misalignment)


def measure_misalignment(problem: Problem, states: Mapping[str, NDArray]) -> Estimate:
    """1 - <v_{k+1}, u_k>^2, from differences, shape (T, L - 1)."""
    return Estimate.exact(layer_structure(_weights(problem, states)).misalignment)


def measure_product(problem: Problem, states: Mapping[str, NDArray]) -> Estimate:
    """The linear predictor w, shape (T, d): the state w, or the product of the layers."""
    return Estimate.exact(states["w"] if "w" in states else _product(problem, states))


def _product(problem: Problem, states: Mapping[str, NDArray]) -> NDArray[np.float64]:
    return product(_weights(problem, states), network_of(problem).output)


def _weights(problem: Problem, states: Mapping[str, NDArray]) -> Weights:
    return from_states(network_of(problem), states)


LAYER_NORM = Observable("layer_norm", "weight", "top singular values sigma_k of the layers", measure_layer_norm)
RANK_DEFECT = Observable("rank_defect", "weight^2", "|W_k|_F^2 - sigma_k^2", measure_rank_defect)
ALIGNMENT = Observable("alignment", "1", "<v_{k+1}, u_k>^2 of neighbouring layers", measure_alignment)
MISALIGNMENT = Observable("misalignment", "1", "1 - <v_{k+1}, u_k>^2 of neighbouring layers", measure_misalignment)
PRODUCT = Observable("product", "output / input", "the linear predictor w = W_1^T ... W_L^T p", measure_product)

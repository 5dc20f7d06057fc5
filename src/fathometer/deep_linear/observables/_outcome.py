"""How a training run ended."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh

from fathometer.deep_linear.model._curvature import (
    MINIMIZER_TOLERANCE,
    hessian_vector_product,
    reduced_sharpness,
    sharpness_at_minimizer,
)
from fathometer.deep_linear.model._flow_problem import network_of
from fathometer.deep_linear.model._network import Weights, excess_risk, from_states, largest_imbalance, product
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.evidence import Estimate, Record, Trajectory

_DENSE = 10**7  # weights times rows of the dense matrix up to which it is built
_LANCZOS = 1e-8


@dataclass(frozen=True, eq=False)
class Outcome(Record):
    """The end of a run; NaN for what a diverged run does not have.

    Attributes:
        risk: mean squared error.
        excess_risk: risk above its minimum.
        distance: |w - w_star|.
        norm_w: |w|.
        sharpness: top signed Hessian eigenvalue, at any weights.
        imbalance: largest |W_{k+1}^T W_{k+1} - W_k W_k^T|_F over the layers; gradient flow conserves each of them.
        diverged_at: first step at which the risk was beyond all bounds; inf if it never was.
    """

    risk: Estimate
    excess_risk: Estimate
    distance: Estimate
    norm_w: Estimate
    sharpness: Estimate
    imbalance: Estimate
    diverged_at: Estimate


def outcome(run: Trajectory) -> Outcome:
    """Read the end of a run off its last state; of an integrated flow, with the error of the integration.

    Args:
        run: descent or flow of a deep linear network, with states W1 to WL.

    Raises:
        InputError: if the problem is another one.
    """
    problem, diverged_at = network_of(run.problem), run.event("diverged")
    if math.isfinite(diverged_at.value):
        lost = Estimate.exact(math.nan)
        return Outcome(lost, lost, lost, lost, lost, lost, diverged_at)

    def at_end(quantity: Callable[[Weights], Any]) -> Estimate:
        return run.measure(lambda way: Estimate.of(quantity(last_weights(way))))

    data = problem.regression
    return Outcome(
        risk=at_end(lambda end: data.risk_min + excess_risk(problem, end)),
        excess_risk=at_end(lambda end: excess_risk(problem, end)),
        distance=at_end(lambda end: np.linalg.norm(product(end, problem.output) - data.w_star)),
        norm_w=at_end(lambda end: np.linalg.norm(product(end, problem.output))),
        sharpness=at_end(lambda end: sharpness_at(problem, end)),
        imbalance=at_end(largest_imbalance),
        diverged_at=diverged_at,
    )


def sharpness_at(problem: DeepLinear, weights: Weights) -> Estimate:
    """Top Hessian eigenvalue at any weights; of large networks by Lanczos steps, with the residual as error bars."""
    if at_minimizer(problem, weights):
        return sharpness_at_minimizer(problem, weights)
    if sum(matrix.size for matrix in weights) * sum(sum(matrix.shape) for matrix in weights) <= _DENSE:
        return reduced_sharpness(problem, weights)
    ends = np.cumsum([matrix.size for matrix in weights])

    def apply(flat: NDArray[np.float64]) -> NDArray[np.float64]:
        parts = zip(np.split(flat.ravel(), ends[:-1]), weights, strict=True)
        image = hessian_vector_product(problem, weights, [part.reshape(matrix.shape) for part, matrix in parts])
        return np.concatenate([matrix.ravel() for matrix in image])

    size = int(ends[-1])
    operator = LinearOperator((size, size), matvec=apply, dtype=np.float64)  # type: ignore[call-arg]
    start = np.random.default_rng(0).standard_normal(size)
    try:
        values, vectors = eigsh(operator, k=1, which="LA", v0=start, tol=_LANCZOS)  # type: ignore[arg-type]
    except ArpackNoConvergence:
        return Estimate.exact(np.nan)
    value, vector = max(float(values[0]), 0.0), vectors[:, 0]
    residual = float(np.linalg.norm(apply(vector) - value * vector))
    return Estimate.heuristic(value, max(value - residual, 0.0), value + residual)


def at_minimizer(problem: DeepLinear, weights: Weights) -> bool:
    """Whether the excess risk is at most 1e-8 of what w_star explains, and that is something."""
    explained = problem.regression.explained
    return explained > 0 and bool(excess_risk(problem, weights) <= MINIMIZER_TOLERANCE * explained)


def last_weights(run: Trajectory) -> Weights:
    """The weights W_k of shape (d_k, d_{k-1}) at the end of a run."""
    return tuple(matrix[-1] for matrix in from_states(network_of(run.problem), run.states))

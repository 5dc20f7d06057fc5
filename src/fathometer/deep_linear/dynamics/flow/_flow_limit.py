"""Where gradient flow ends: the minimizer, its sharpness, and the rates at which it is approached."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike, NDArray

from fathometer.deep_linear.dynamics.flow._clock import Limits, Method, run_out
from fathometer.deep_linear.dynamics.flow._flow import risk_scale
from fathometer.deep_linear.dynamics.flow._flow_law import flow_from
from fathometer.deep_linear.dynamics.flow._flow_record import Ending, ending
from fathometer.deep_linear.model._curvature import pulled_back, whitened_kernel
from fathometer.deep_linear.model._flow_problem import GradientFlow
from fathometer.deep_linear.model._network import Weights, applied, as_weights, product
from fathometer.deep_linear.model._padded_weights import unpack
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.observables._imbalance import imbalance_drift
from fathometer.evidence import Estimate, finite_number

_CAUTION = 10
_NEWTON_STEPS = 3


class FlowLimit(NamedTuple):
    """Ends of gradient flows, of the batch shape of the initial weights.

    Attributes:
        weights: W_k of shape (..., d_k, d_{k-1}): minimizers where the flow converged, else where it stopped.
        sharpness: at the minimizers; NaN where the flow did not converge. Its error bars are heuristic, from the
            tolerance and the drift of the imbalance.
        time: when the flow stopped, shape (...).
        ending: values of `Ending`, shape (...).
        stopped: W_k where the flow stopped, before the last piece of the way was closed.
    """

    weights: Weights
    sharpness: Estimate
    time: NDArray[np.float64]
    ending: np.ndarray
    stopped: Weights


@lru_cache(maxsize=8)
def limit_of_flow(start: GradientFlow) -> FlowLimit:
    """Where one flow ends; kept for the last few, because many theorems ask."""
    return flow_limit(start.network, start.weights)


def flow_limit(
    problem: DeepLinear, weights: Sequence[ArrayLike], *, convergence: float = 1e-12, tolerance: float = 1e-10
) -> FlowLimit:
    """Follow gradient flow to its limit from one or many initial weights.

    The last piece of the way, where the flow is linear, is closed by the displacement -J^T K^{-1} (w - w_star), which
    is that of the linear flow. A run at the size of the paper takes some 10 milliseconds, from any initial scale. Runs
    that reach the step limit, as on very ill-conditioned data, are started again with an implicit method.

    Args:
        problem: the network.
        weights: initial W_1 to W_L, W_k of shape (..., d_k, d_{k-1}).
        convergence: relative excess risk at which the flow is taken to be linear, in (0, 1e-8].
        tolerance: relative error of a step, in [1e-13, 1e-6].

    Raises:
        InputError: if the weights do not fit the problem or a number is out of range.
    """
    read = as_weights(problem, weights)
    lead = read[0].shape[:-2]
    precision = finite_number("tolerance", tolerance, at_least=1e-13, at_most=1e-6)
    share = finite_number("convergence", convergence, above=0, at_most=1e-8)
    flat = tuple(matrix.reshape(-1, *matrix.shape[-2:]) for matrix in read)
    runs = [_run(problem, start, share, precision) for start in zip(*flat, strict=True)]
    ends = tuple(np.stack(layers) for layers in zip(*(end for end, _, _ in runs), strict=True))
    endings, times = np.array([str(name) for _, name, _ in runs]), np.array([time for _, _, time in runs])
    limits, sharpness = _settled(problem, flat, ends, endings == str(Ending.CONVERGED), precision)
    shaped, stopped = (tuple(matrix.reshape(*lead, *matrix.shape[-2:]) for matrix in part) for part in (limits, ends))
    value, lower, upper = (np.reshape(part, lead) for part in (sharpness.value, sharpness.lower, sharpness.upper))
    enclosed = Estimate.heuristic(value, lower, upper)
    return FlowLimit(shaped, enclosed, times.reshape(lead), endings.reshape(lead), stopped)


def _run(problem: DeepLinear, start: Weights, share: float, tolerance: float) -> tuple[Weights, Ending, float]:
    """The end of one run: together, all runs of a batch would wait for the slowest at every step."""
    limits = Limits(jnp.asarray(share * risk_scale(problem, start)), jnp.asarray(np.inf))
    course, precision = flow_from(problem, start), jnp.asarray(tolerance)
    run = run_out(course, limits, Method(precision))
    if ending(run) is Ending.STEP_LIMIT:
        run = run_out(course, limits, Method(precision, stiff=True))
    return tuple(matrix[0] for matrix in unpack(run.state, start)), ending(run), float(run.time)


def _settled(
    problem: DeepLinear, starts: Weights, ends: Weights, converged: NDArray[np.bool_], tolerance: float
) -> tuple[Weights, Estimate]:
    """Minimizers and their sharpness where the flow converged."""
    limits, sharpness = tuple(matrix.copy() for matrix in ends), np.full((3, len(converged)), np.nan)
    if np.any(converged):
        near = tuple(matrix[converged] for matrix in ends)
        minimizers = linear_limit(problem, near)
        for matrix, minimizer in zip(limits, minimizers, strict=True):
            matrix[converged] = minimizer
        value = 2 * np.linalg.eigvalsh(whitened_kernel(problem, minimizers))[..., -1]
        drift = imbalance_drift(near, tuple(matrix[converged] for matrix in starts))
        slack = value * problem.depth * _CAUTION * (drift + tolerance)
        sharpness[:, converged] = value, value - slack, value + slack
    return limits, Estimate.heuristic(sharpness[0], sharpness[1], sharpness[2])


def linear_limit(problem: DeepLinear, weights: Sequence[ArrayLike]) -> Weights:
    """Where gradient flow from next to a minimizer ends, up to the square of the distance.

    Derived: with J the derivative of the product, the flow moves along J^T and K = J J^T, so the limit is
    W - J^T F^T M^+ F (w - w_star) with M = F K F^T and F^T F = sigma. Repeated to be a minimizer.

    Args:
        problem: the network.
        weights: W_1 to W_L, W_k of shape (..., d_k, d_{k-1}).

    Raises:
        InputError: if the weights do not fit the problem.
    """
    read, half = as_weights(problem, weights), problem.regression.half
    for _ in range(_NEWTON_STEPS):
        error = applied(half, product(read, problem.output) - problem.regression.w_star)
        along = applied(half.T, applied(np.linalg.pinv(whitened_kernel(problem, read), hermitian=True), error))
        read = tuple(matrix - step for matrix, step in zip(read, pulled_back(problem, read, along), strict=True))
    return read

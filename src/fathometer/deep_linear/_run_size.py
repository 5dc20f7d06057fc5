"""Whether a run can be made at all: it fits in memory, and its start in floating point; before any work."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from fathometer.deep_linear.dynamics.descent._descent import divergence_threshold
from fathometer.deep_linear.dynamics.edge._looks import MOST_KEPT, MOST_LOOKS
from fathometer.deep_linear.model._network import Weights, excess_risk, hidden_widths
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.verdicts import judged_steps, reduced_size
from fathometer.evidence import InputError
from fathometer.study import gigabytes, memory

DEEPEST = 10_000
"""Layers up to which networks are trained."""
_FLOW_ROOM = 1e10
_LEAST_LOG_PRODUCT = math.log(1e-290)
_COPIES = 8  # of all stored states, at the peak of what is computed with them


def require_trainable(
    problem: DeepLinear, widths: int | Sequence[int], points: int, *, flow: bool, available: float | None = None
) -> None:
    """Refuse what cannot be trained on this machine.

    Args:
        problem: the network.
        widths: hidden widths, one number for all or L - 1 numbers.
        points: steps of descent, or observations of a flow.
        flow: whether it is a flow, which stores its weights at every observation.
        available: bytes; the memory of this machine if not given.

    Raises:
        InputError: if the network is too deep, or the run and its verdicts do not fit in memory.
    """
    if problem.depth > DEEPEST:
        raise InputError(
            f"depth must be <= {DEEPEST} to be trained, got {problem.depth}; sharpness and step are known at any depth"
        )
    room = memory() if available is None else available
    needed = run_memory(problem, widths, points, flow=flow)
    if needed > room:
        what = "fewer steps (observations) or a smaller width" if flow else "a smaller width"
        raise InputError(
            f"width {widths} at depth {problem.depth} with {points} steps needs about {gigabytes(needed)} of memory, "
            f"this machine has {gigabytes(room)}: take {what}"
        )


def run_memory(problem: DeepLinear, widths: int | Sequence[int], points: int, *, flow: bool) -> float:
    """Bytes that a run and its verdicts take at their peak, roughly.

    Those of a flow are its states; those of descent its first states, and the eigenvalues of the Hessians there.

    Args:
        problem: the network.
        widths: hidden widths, one number for all or L - 1 numbers.
        points: steps of descent, or observations of a flow.
        flow: whether it is a flow.
    """
    sizes = [problem.regression.dimension, *hidden_widths(problem, widths), problem.output.size]
    shapes = [(rows, columns) for columns, rows in pairwise(sizes)]
    weights = float(sum(rows * columns for rows, columns in shapes))
    states = 2 * points if flow else min(points, judged_steps(shapes)) + 1  # a flow pads their number
    hessian = 0.0 if flow else 3 * weights * reduced_size(shapes)
    looks = 0.0 if flow else min(MOST_LOOKS * weights, max(MOST_KEPT, 4 * weights))
    return 8 * (_COPIES * states * weights + hessian + looks)


def require_start(problem: DeepLinear, weights: Weights, *, flow: bool) -> None:
    """Refuse initial weights whose product floating point loses, or whose risk is beyond that of a diverged run.

    Args:
        problem: the network.
        weights: W_1 to W_L, W_k of shape (d_k, d_{k-1}), of any size.
        flow: whether they are for a flow, which comes back from a larger risk than descent does.

    Raises:
        InputError: if they are too small, without being zero, or too large.
    """
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        log_product = float(sum(np.log(np.max(np.abs(matrix))) for matrix in weights))
        risk = float(excess_risk(problem, weights)) if all(np.all(np.isfinite(w)) for w in weights) else math.inf
    limit = divergence_threshold(problem) * (_FLOW_ROOM if flow else 1.0)
    if not risk <= limit:
        given = math.inf if math.isnan(risk) else risk
        raise InputError(
            f"the initial weights are too large: their risk {given:.3g} is above {limit:.3g}, where runs are given up; "
            "take a smaller scale"
        )
    if -math.inf < log_product < _LEAST_LOG_PRODUCT:
        raise InputError(
            f"the initial weights are too small: their product over {problem.depth} layers is of the order "
            f"1e{log_product / math.log(10):.0f}, which floating point loses; take a larger scale"
        )

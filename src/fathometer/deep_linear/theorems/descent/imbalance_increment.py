"""Descent moves the imbalance of neighbouring layers by the square of its step."""

from itertools import pairwise

import numpy as np

from fathometer.deep_linear.model._curvature import gradient
from fathometer.deep_linear.model._network import Weights, from_states
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model._references import ARORA_COHEN_HAZAN
from fathometer.deep_linear.observables._imbalance import imbalances
from fathometer.deep_linear.theorems._flow import DEEP
from fathometer.evidence import (
    AtMost,
    Axis,
    AxisKind,
    Estimate,
    InputError,
    Prediction,
    Problem,
    Source,
    Theorem,
    Trajectory,
)

_ROUNDING = 1e-12
_SAME = 1e-6


def increment_defect(trajectory: Trajectory) -> Estimate:
    """Largest |D_k(t+1) - D_k(t) - eta^2 (grad_{k+1}^T grad_{k+1} - grad_k grad_k^T)|_F of each step.

    It is relative to the largest |W_k|_F^2; eta is read off the step itself.

    Raises:
        InputError: if the states are not those of consecutive steps of descent with their weights stored.
    """
    problem, axis = DeepLinear.expect(trajectory.problem), trajectory.axis
    if axis.kind is not AxisKind.STEP or len(axis) < 2 or np.any(np.diff(axis.points) != 1):
        raise InputError("the increments need the weights of consecutive steps")
    try:
        weights = from_states(problem, trajectory.states)
    except KeyError as error:
        raise InputError(f"the increments need the weights, but state {error} was not stored") from error
    before = tuple(matrix[:-1] for matrix in weights)
    slopes = gradient(problem, before)
    squared = _step_sizes(weights, slopes)[:, None, None] ** 2
    pairs = zip(pairwise(slopes), imbalances(weights), strict=True)
    defects = [np.diff(D, axis=0) - squared * (_gram(after) - _gram(_swapped(last))) for (last, after), D in pairs]
    scale = np.max([np.sum(matrix**2, axis=(-2, -1)) for matrix in weights])
    largest = np.max([np.linalg.norm(defect, axis=(-2, -1)) for defect in defects], axis=0)
    return Estimate.exact(largest / scale if scale else largest)


def _step_sizes(weights: Weights, slopes: Weights) -> np.ndarray:
    """Eta of each step, from W_k(t+1) - W_k(t) = -eta grad_k.

    Raises:
        InputError: if a step is not along the gradient.
    """
    steps = [np.diff(matrix, axis=0) for matrix in weights]
    along, squares = (
        np.asarray(sum(np.sum(x * slope, axis=(-2, -1)) for x, slope in zip(left, slopes, strict=True)))
        for left in (steps, slopes)
    )
    eta = -np.divide(along, squares, out=np.zeros_like(along), where=squares > 0)
    for step, slope, matrix in zip(steps, slopes, weights, strict=True):
        off = np.linalg.norm(step + eta[:, None, None] * slope, axis=(-2, -1))
        rounding = _ROUNDING * np.linalg.norm(matrix[1:], axis=(-2, -1))
        if np.any(off > _SAME * np.linalg.norm(step, axis=(-2, -1)) + rounding):
            raise InputError("the increments are those of plain descent: a step is not along the negative gradient")
    return eta


def _gram(matrix: np.ndarray) -> np.ndarray:
    return _swapped(matrix) @ matrix


def _swapped(matrix: np.ndarray) -> np.ndarray:
    return np.swapaxes(matrix, -1, -2)


def predict(problem: Problem, axis: Axis | None) -> Prediction:
    """No defect, but for rounding."""
    return AtMost(_ROUNDING, domain=(0.0, None))


THEOREM = Theorem(
    id="imbalance_increment",
    theory="deep_linear",
    title="What a step of descent does to the imbalance",
    statement=(
        "One step of descent changes D_k = W_{k+1}^T W_{k+1} - W_k W_k^T by exactly "
        "eta^2 (grad_{k+1}^T grad_{k+1} - grad_k grad_k^T). Judged to 1e-12 of the largest |W_k|_F^2."
    ),
    source=Source(ARORA_COHEN_HAZAN, "conservation law of linear networks", "derived for a finite step"),
    hypotheses=(DEEP,),
    quantity=increment_defect,
    predict=predict,
)

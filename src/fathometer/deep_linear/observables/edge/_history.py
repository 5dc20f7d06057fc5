"""Loss, sharpness and imbalance along a run, at the steps that were looked at."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fathometer.deep_linear.model._curvature import gradient
from fathometer.deep_linear.model._flow_problem import network_of
from fathometer.deep_linear.model._network import Weights, excess_risk, from_states, largest_imbalance
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.observables._outcome import sharpness_at
from fathometer.evidence import AxisKind, Estimate, Record, Trajectory


@dataclass(frozen=True, eq=False)
class RunHistory(Record):
    """A run, look by look; NaN from its divergence on.

    Attributes:
        at: steps, or times of a flow, shape (T,).
        kind: step or time.
        loss: mean squared error, shape (T,).
        excess_risk: risk above its minimum, shape (T,).
        sharpness: top signed Hessian eigenvalue, shape (T,).
        centre_sharpness: that of the mean of this iterate and the next, free of an oscillation; of plain descent, and
            the sharpness else.
        imbalance: largest |W_{k+1}^T W_{k+1} - W_k W_k^T|_F, shape (T,).
        limit: largest stable sharpness: 2 / step, or that of the momentum; inf for a flow.
        explained: excess risk of w = 0.
        plain: whether it is plain descent, whose loss falls at every step while the sharpness is below the limit.
    """

    at: NDArray[np.float64]
    kind: str
    loss: NDArray[np.float64]
    excess_risk: NDArray[np.float64]
    sharpness: Estimate
    centre_sharpness: Estimate
    imbalance: NDArray[np.float64]
    limit: float
    explained: float
    plain: bool = True

    def columns(self) -> dict[str, NDArray[np.float64]]:
        """The history as a table."""
        sharp = {f"sharpness{end}": getattr(self.sharpness, name) for end, name in _ENDS}
        limit = {} if math.isinf(self.limit) else {"stable_sharpness": np.full(len(self.at), self.limit)}
        numbers = {"loss": self.loss, "excess_risk": self.excess_risk, "imbalance": self.imbalance}
        centre = np.asarray(self.centre_sharpness.value)
        return {self.kind: self.at, **numbers, **sharp, "centre_sharpness": centre, **limit}  # type: ignore[dict-item]


_ENDS = (("", "value"), ("_lower", "lower"), ("_upper", "upper"))


def run_history(run: Trajectory, limit: float = math.inf, step: float | None = None, most: int = 200) -> RunHistory:
    """Measure a run wherever its weights were kept.

    Args:
        run: of a deep linear network, with states W1 to WL.
        limit: largest stable sharpness; inf for a flow.
        step: step size of plain descent; None for anything else.
        most: points that are measured; others are left out, evenly.

    Raises:
        InputError: if the problem is another one.
    """
    problem, length = network_of(run.problem), len(run.axis)
    end = float(run.event("diverged").value)
    chosen = np.unique(np.linspace(0, length - 1, min(most, length)).round().astype(int))
    states = from_states(problem, run.states)
    looks = [tuple(matrix[i] for matrix in states) for i in chosen]
    there = run.axis.points[chosen] < end
    risks = np.array([float(excess_risk(problem, w)) if ok else np.nan for w, ok in zip(looks, there, strict=True)])
    seen = [_seen(problem, w) if ok else _LOST for w, ok in zip(looks, there, strict=True)]
    centres = (
        seen
        if step is None
        else [_seen(problem, _centre(problem, w, step)) if ok else _LOST for w, ok in zip(looks, there, strict=True)]
    )
    off = [float(largest_imbalance(w)) if ok else np.nan for w, ok in zip(looks, there, strict=True)]
    return RunHistory(
        run.axis.points[chosen],
        "step" if run.axis.kind is AxisKind.STEP else "time",
        problem.regression.risk_min + risks,
        risks,
        _stacked(seen),
        _stacked(centres),
        np.array(off),
        limit,
        problem.regression.explained,
        step is not None,
    )


_LOST = Estimate.exact(math.nan)


def _seen(problem: DeepLinear, weights: Weights) -> Estimate:
    """The sharpness, unknown where it is beyond floating point."""
    try:
        with np.errstate(all="ignore"):
            found = sharpness_at(problem, weights)
    except (np.linalg.LinAlgError, ValueError):
        return _LOST
    return Estimate.heuristic(found.value, found.lower, found.upper)


def _stacked(estimates: list[Estimate]) -> Estimate:
    value, lower, upper = (np.array([getattr(e, end) for e in estimates]) for _, end in _ENDS)
    return Estimate.heuristic(value, lower, upper)


def _centre(problem: DeepLinear, weights: Weights, step: float) -> Weights:
    """The mean of an iterate of plain descent and the next."""
    with np.errstate(all="ignore"):
        return tuple(w - step / 2 * g for w, g in zip(weights, gradient(problem, weights), strict=True))

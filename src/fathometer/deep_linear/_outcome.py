"""How a training run ended, and what the theorems say about it."""

import dataclasses
import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from fathometer.deep_linear._curvature import MINIMIZER_TOLERANCE, reduced_sharpness, sharpness_at_minimizer
from fathometer.deep_linear._flow_limit import linear_limit
from fathometer.deep_linear._flow_problem import network_of
from fathometer.deep_linear._minimizers import nearest_minimizer
from fathometer.deep_linear._network import Weights, as_states, excess_risk, from_states, product
from fathometer.deep_linear._problem import DeepLinear, expect_deep_linear
from fathometer.deep_linear._residual_start import ResidualStart
from fathometer.deep_linear._stability import StabilityTest, displaced_descent
from fathometer.deep_linear.theorems import (
    convergence_rate,
    descent_stability,
    imbalance_conserved,
    layer_alignment,
    layer_norm_balance,
    layer_product,
    layer_rank_one,
    local_lojasiewicz,
    minimal_sharpness_exact,
    residual_flatness,
    residual_motion,
    residual_pl,
    residual_rate,
    residual_sharpness,
    sharpness_lower_bound,
    small_init_balanced_limit,
    small_init_certificate,
    small_init_convergence,
    small_init_sharpness,
)
from fathometer.evidence import Axis, Estimate, Origin, Record, Trajectory, Verdict

_ON_MINIMIZERS = (sharpness_lower_bound, minimal_sharpness_exact)
_STABILITY_STEPS = 6  # few enough that a displacement that shrinks fast stays above the rounding
_ON_FLOWS = (
    imbalance_conserved,
    layer_rank_one,
    layer_norm_balance,
    layer_alignment,
    layer_product,
    small_init_convergence,
    small_init_sharpness,
    small_init_certificate,
    small_init_balanced_limit,
    convergence_rate,
    local_lojasiewicz,
)
_ON_RESIDUAL_FLOWS = (residual_pl, residual_rate, residual_motion, residual_sharpness, residual_flatness)


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
    """Read the end of a run off its last state.

    Args:
        run: descent or flow of a deep linear network, with states W1 to WL.

    Raises:
        InputError: if the problem is another one.
    """
    problem, diverged_at = network_of(run.problem), run.event("diverged")
    if math.isfinite(diverged_at.value):
        lost = Estimate.exact(math.nan)
        return Outcome(lost, lost, lost, lost, lost, lost, diverged_at)
    end = last_weights(run)
    excess, w = float(excess_risk(problem, end)), product(end, problem.output)
    return Outcome(
        risk=Estimate.exact(problem.regression.risk_min + excess),
        excess_risk=Estimate.exact(excess),
        distance=Estimate.exact(np.linalg.norm(w - problem.regression.w_star)),
        norm_w=Estimate.exact(np.linalg.norm(w)),
        sharpness=sharpness_at_minimizer(problem, end)
        if at_minimizer(problem, end)
        else reduced_sharpness(problem, end),
        imbalance=Estimate.exact(imbalance(end)),
        diverged_at=diverged_at,
    )


def judge_descent(run: Trajectory, step: float) -> list[tuple[str, Verdict]]:
    """Hold the theorems on minimizers and on the stability of descent against the end of a run.

    Where the run did not end at a minimizer, they are undecided.

    Args:
        run: of a DeepLinear problem, with states W1 to WL.
        step: its step size.

    Raises:
        InputError: if the problem is another one.
    """
    problem = expect_deep_linear(run.problem)
    end = last_weights(run)
    if math.isfinite(run.event("diverged").value) or not at_minimizer(problem, end):
        return _no_minimizer(problem)
    minimizer = nearest_minimizer(problem, end)
    stability = displaced_descent(StabilityTest(problem, minimizer, step), _STABILITY_STEPS)
    return [*judge_minimizer(problem, minimizer), ("next to the end", descent_stability.THEOREM.test(stability))]


def judge_flow(run: Trajectory) -> list[tuple[str, Verdict]]:
    """Hold the theorems on minimizers against the limit of a flow, and those on flows against all of it.

    With a readout and square layers, those on residual networks too.

    Args:
        run: gradient flow of a deep linear network, with states W1 to WL.

    Raises:
        InputError: if the problem is another one.
    """
    problem, end = network_of(run.problem), last_weights(run)
    there = at_minimizer(problem, end)
    verdicts = judge_minimizer(problem, linear_limit(problem, end)) if there else _no_minimizer(problem)
    verdicts += [("the flow", module.THEOREM.test(run)) for module in _ON_FLOWS]
    start = tuple(matrix[0] for matrix in from_states(problem, run.states))
    if problem.readout is None or any(matrix.shape != problem.regression.sigma.shape for matrix in start):
        return verdicts
    residual = dataclasses.replace(run, problem=ResidualStart(problem, start))
    return verdicts + [("the flow", module.THEOREM.test(residual)) for module in _ON_RESIDUAL_FLOWS]


def _no_minimizer(problem: DeepLinear) -> list[tuple[str, Verdict]]:
    nothing = Estimate.exact(math.nan)
    return [("the end is no minimizer", module.THEOREM.judge(problem, nothing)) for module in _ON_MINIMIZERS]


def judge_minimizer(problem: DeepLinear, weights: Weights) -> list[tuple[str, Verdict]]:
    """Hold the theorems on minimizers against one of them.

    Raises:
        InputError: if the weights are no minimizer.
    """
    states = as_states(tuple(matrix[None] for matrix in weights))
    one = Trajectory(problem, Axis("draw", np.zeros(1)), states, Origin.TRAINED)  # type: ignore[arg-type]
    return [("the end", module.THEOREM.test(one)) for module in _ON_MINIMIZERS]


def at_minimizer(problem: DeepLinear, weights: Weights) -> bool:
    """Whether the excess risk is at most 1e-8 of what w_star explains, and that is something."""
    explained = problem.regression.explained
    return explained > 0 and bool(excess_risk(problem, weights) <= MINIMIZER_TOLERANCE * explained)


def imbalance(weights: Weights) -> float:
    """Largest |W_{k+1}^T W_{k+1} - W_k W_k^T|_F; 0 for one layer."""
    return max(
        (float(np.linalg.norm(after.T @ after - before @ before.T)) for before, after in pairwise(weights)), default=0
    )


def last_weights(run: Trajectory) -> Weights:
    """The weights W_k of shape (d_k, d_{k-1}) at the end of a run."""
    return tuple(matrix[-1] for matrix in from_states(network_of(run.problem), run.states))

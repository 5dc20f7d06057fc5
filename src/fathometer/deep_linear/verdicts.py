"""What the theorems say about a training run: every one that applies, with where it was held against it."""

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

from fathometer.deep_linear.dynamics.descent._descent_path import DescentPath
from fathometer.deep_linear.dynamics.descent._stability import displaced_descent, spread_descent
from fathometer.deep_linear.dynamics.flow._balanced_flow import balanced_escape_time
from fathometer.deep_linear.dynamics.flow._flow_limit import linear_limit
from fathometer.deep_linear.model._flow_problem import initial_product, network_of
from fathometer.deep_linear.model._momentum import Momentum
from fathometer.deep_linear.model._nearest_minimizer import nearest_minimizer
from fathometer.deep_linear.model._network import Weights, as_states, from_states
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model._residual_start import ResidualStart
from fathometer.deep_linear.model.starts._stability_test import StabilityTest
from fathometer.deep_linear.observables._outcome import at_minimizer, last_weights
from fathometer.deep_linear.theorems.descent import (
    descent_limit,
    descent_rate,
    descent_stability,
    imbalance_drift_bound,
    imbalance_increment,
    momentum_stability,
)
from fathometer.deep_linear.theorems.residual import (
    residual_flatness,
    residual_motion,
    residual_pl,
    residual_rate,
    residual_sharpness,
)
from fathometer.deep_linear.theorems.sharpness import (
    gfs_sharpness_monotone,
    minimal_sharpness_exact,
    sharpness_lower_bound,
)
from fathometer.deep_linear.theorems.small_start import (
    balanced_product,
    convergence_rate,
    early_escape,
    imbalance_conserved,
    layer_alignment,
    layer_norm_balance,
    layer_product,
    layer_rank_one,
    local_lojasiewicz,
    small_init_balanced_limit,
    small_init_certificate,
    small_init_convergence,
    small_init_sharpness,
)
from fathometer.deep_linear.theorems.solvable import riccati_solution, scalar_limit
from fathometer.evidence import Answer, Axis, AxisKind, Estimate, Origin, Problem, Theorem, Trajectory, Verdict

Verdicts = list[tuple[str, Verdict]]

_ON_MINIMIZERS = (sharpness_lower_bound, minimal_sharpness_exact)
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
_ON_SPECIAL_FLOWS = (balanced_product, scalar_limit, riccati_solution)
_FEWEST_STEPS, _FIRST_STEPS = 2, 300
_HESSIAN_WORK = 2e10  # cubes of the reduced size, some 20 seconds
_STABILITY_STEPS = 6  # few enough that a displacement that shrinks fast stays above the rounding


def judge_descent(
    run: Trajectory, step: float, *, momentum: Momentum | None = None, mini_batches: bool = False
) -> Verdicts:
    """Hold every theorem that applies against a run of descent.

    Those on paths are judged over its first 300 steps (fewer for large networks, see `judged_steps`), those on
    stability next to the minimizer that it ended at. Where it ended at none, theorems on minimizers are undecided. With
    momentum or mini-batches, those on plain descent are left out.

    Args:
        run: of a DeepLinear problem, with states W1 to WL at the start and the end.
        step: its step size.
        momentum: of the run.
        mini_batches: whether its gradients came from mini-batches.

    Raises:
        InputError: if the problem is another one.
    """
    problem, end = DeepLinear.expect(run.problem), last_weights(run)
    plain = momentum is None and not mini_batches
    verdicts = _judge_path(run, problem, step) if plain else []
    if math.isfinite(run.event("diverged").value) or not at_minimizer(problem, end):
        return _no_minimizer(problem) + verdicts
    minimizer = nearest_minimizer(problem, end)
    verdicts = judge_minimizer(problem, minimizer) + verdicts
    if mini_batches:
        return verdicts
    if momentum is not None:
        displaced = displaced_descent(StabilityTest(problem, minimizer, step, momentum))
        return [*verdicts, ("next to the end", momentum_stability.THEOREM.test(displaced))]
    test = StabilityTest(problem, minimizer, step)
    stability = descent_stability.THEOREM.test(displaced_descent(test, _STABILITY_STEPS))
    rate = descent_rate.THEOREM.test(spread_descent(test))
    return [*verdicts, ("next to the end", stability), ("next to the end", rate)]


def judge_flow(run: Trajectory) -> Verdicts:
    """Hold the theorems on minimizers against the limit of a flow, and those on flows against all of it.

    With a readout and square layers, those on residual networks too; those on balanced, scalar and two-layer networks
    where they apply.

    Args:
        run: gradient flow of a deep linear network, with states W1 to WL.

    Raises:
        InputError: if the problem is another one.
    """
    problem, end = network_of(run.problem), last_weights(run)
    there = at_minimizer(problem, end)
    verdicts = judge_minimizer(problem, linear_limit(problem, end)) if there else _no_minimizer(problem)
    verdicts += [("the flow", module.THEOREM.test(run)) for module in _ON_FLOWS]
    special = (module.THEOREM for module in _ON_SPECIAL_FLOWS)
    verdicts += [("the flow", theorem.test(run)) for theorem in special if _applies(theorem, run.problem)]
    if _applies(early_escape.THEOREM, run.problem):
        start, radius = initial_product(run.problem), early_escape.SHARE * problem.regression.norm
        escape = balanced_escape_time(problem, start, radius)
        verdicts.append(("the escape", early_escape.THEOREM.judge(run.problem, escape)))
    first = _first_weights(run, problem)
    if problem.readout is None or any(matrix.shape != problem.regression.sigma.shape for matrix in first):
        return verdicts
    residual = dataclasses.replace(run, problem=ResidualStart(problem, first))
    return verdicts + [("the flow", module.THEOREM.test(residual)) for module in _ON_RESIDUAL_FLOWS]


def judge_minimizer(problem: DeepLinear, weights: Weights) -> Verdicts:
    """Hold the theorems on minimizers against one of them.

    Raises:
        InputError: if the weights are no minimizer.
    """
    states = as_states(tuple(matrix[None] for matrix in weights))
    one = Trajectory(problem, Axis(AxisKind.DRAW, np.zeros(1)), states, Origin.TRAINED)
    return [("the end", module.THEOREM.test(one)) for module in _ON_MINIMIZERS]


def _judge_path(run: Trajectory, problem: DeepLinear, step: float) -> Verdicts:
    """What a run of plain descent does to the layers in its first steps, and where it ends."""
    total, first = int(run.axis.points[-1]), _first_weights(run, problem)
    whole = ("the end", descent_limit.THEOREM.test(DescentPath.of_run(run, step).whole))
    before_divergence = min(float(total), float(run.event("diverged").value) - 1)
    if before_divergence < 1:
        return [whole]
    judged = judged_steps([matrix.shape for matrix in first])
    path = DescentPath(problem, first, step, min(int(before_divergence), judged))
    case, steps = f"the first {path.iterations} steps", dataclasses.replace(path.run, problem=problem)
    theorems = [imbalance_increment.THEOREM, gfs_sharpness_monotone.THEOREM]
    scalar = all(matrix.size == 1 for matrix in path.weights)
    verdicts = [(case, theorem.test(steps)) for theorem in theorems[: 2 if scalar else 1]]
    verdicts.append((case, imbalance_drift_bound.THEOREM.test(path.run)))
    return [*verdicts, whole]


def judged_steps(shapes: Sequence[tuple[int, ...]]) -> int:
    """Steps of descent over which paths are judged: 300, fewer where the Hessians on the way are large.

    Their eigenvalues take some reduced_size^3 operations at every step.
    """
    return int(np.clip(_HESSIAN_WORK / float(reduced_size(shapes)) ** 3, _FEWEST_STEPS, _FIRST_STEPS))


def reduced_size(shapes: Sequence[tuple[int, ...]]) -> int:
    """Rows of the matrix that has all Hessian eigenvalues that differ from zero, of weights with these shapes."""
    return sum(rows + columns - 1 for rows, columns in shapes)


def _first_weights(run: Trajectory, problem: DeepLinear) -> Weights:
    return tuple(matrix[0] for matrix in from_states(problem, run.states))


def _no_minimizer(problem: DeepLinear) -> Verdicts:
    nothing = Estimate.exact(math.nan)
    return [("the end is no minimizer", module.THEOREM.judge(problem, nothing)) for module in _ON_MINIMIZERS]


def _applies(theorem: Theorem, problem: Problem) -> bool:
    return all(hypothesis.check(problem).answer is Answer.HOLDS for hypothesis in theorem.hypotheses)

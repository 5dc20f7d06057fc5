"""What the theorems say about a training run: all that speak about it, about its end or about what is next to it."""

import math
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from fathometer.deep_linear.dynamics.certified._moment import descent_from
from fathometer.deep_linear.dynamics.descent._descent_end import DescentEnd
from fathometer.deep_linear.dynamics.descent._descent_path import DescentPath
from fathometer.deep_linear.dynamics.descent._stability import displaced_descent, spread_descent
from fathometer.deep_linear.dynamics.flow._escape import balanced_escape
from fathometer.deep_linear.dynamics.flow._flow_limit import linear_limit
from fathometer.deep_linear.dynamics.flow._riccati import relative_imbalance
from fathometer.deep_linear.model._curvature import gradient
from fathometer.deep_linear.model._flow_problem import BalancedFlow, GradientFlow, initial_product
from fathometer.deep_linear.model._momentum import Momentum
from fathometer.deep_linear.model._nearest_minimizer import nearest_minimizer
from fathometer.deep_linear.model._network import Weights, as_states, from_states
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model._residual_start import ResidualStart
from fathometer.deep_linear.model.starts._beyond_step import Oscillation
from fathometer.deep_linear.model.starts._one_neuron import OneNeuron
from fathometer.deep_linear.model.starts._stability_test import StabilityTest
from fathometer.deep_linear.observables._outcome import at_minimizer, last_weights
from fathometer.deep_linear.predictions._early_phase import ESCAPED
from fathometer.deep_linear.theorems import theorems
from fathometer.deep_linear.theorems._special_hypotheses import SPECIAL
from fathometer.evidence import (
    Answer,
    Axis,
    AxisKind,
    InputError,
    Origin,
    Problem,
    Trajectory,
    Verdict,
    judge_all,
)

Verdicts = list[tuple[str, Verdict]]

_FEWEST_STEPS, _FIRST_STEPS = 2, 300
_HESSIAN_WORK = 2e10  # cubes of the reduced size, some 20 seconds
_STABILITY_STEPS = 6  # few enough that a displacement that shrinks fast stays above the rounding
_BALANCED = 1e-12
_CLOSED = 1e-7  # how far two steps may miss where they began, over the distance of the two points


class View(NamedTuple):
    """What theorems are held against: the run as one of some problem, a part of it, or a run next to its end.

    Attributes:
        case: where that is, as verdicts are labelled.
        run: what theorems may speak about.
    """

    case: str
    run: Trajectory


def judge_descent(
    run: Trajectory,
    step: float,
    *,
    momentum: Momentum | None = None,
    mini_batches: bool = False,
    costly: bool = True,
) -> Verdicts:
    """Hold every theorem that speaks about it against a run of descent.

    Those on paths are judged over its first 300 steps (fewer for large networks, see `judged_steps`), those on
    stability next to the minimizer that it ended at. Where it ended at none, theorems on minimizers are undecided. With
    momentum or mini-batches, those on plain descent are left out; so are those on special networks that this is not.

    Args:
        run: of a DeepLinear problem, with states W1 to WL at the start and the end.
        step: its step size.
        momentum: of the run.
        mini_batches: whether its gradients came from mini-batches.
        costly: also those that compute much beyond the run, which the number of steps keeps to some seconds.

    Raises:
        InputError: if the problem is another one.
    """
    return _judged(_views_of_descent(run, step, momentum, mini_batches), costly)


def judge_flow(run: Trajectory, *, costly: bool = True) -> Verdicts:
    """Hold every theorem that speaks about it against a gradient flow and its limit.

    With a readout and square layers, those on residual networks too, and with one neuron in every layer those on such
    networks; those on balanced, scalar and two-layer networks where they apply.

    Args:
        run: gradient flow of a deep linear network, with states W1 to WL.
        costly: also those that compute much beyond the run: most of them the flow once more, to its limit.

    Raises:
        InputError: if the problem is another one.
    """
    return _judged(_views_of_flow(run), costly)


def _judged(views: Iterable[View], costly: bool) -> Verdicts:
    return [
        (view.case, verdict)
        for view in views
        for verdict in judge_all(view.run, theorems(), costly=costly)
        if not _is_on_others(verdict)
    ]


def _is_on_others(verdict: Verdict) -> bool:
    """Whether a theorem is on special networks or runs, of which this is none."""
    return any(check.answer is Answer.FAILS and check.hypothesis in SPECIAL for check in verdict.checks)


def _views_of_descent(run: Trajectory, step: float, momentum: Momentum | None, mini_batches: bool) -> list[View]:
    problem, end = DeepLinear.expect(run.problem), last_weights(run)
    there = not math.isfinite(run.event("diverged").value) and at_minimizer(problem, end)
    minimizer = nearest_minimizer(problem, end) if there else end
    views = [_end(problem, minimizer, there)]
    if mini_batches:
        return views
    if momentum is None:
        views += [
            *_first_steps(run, problem, step),
            *_certified_steps(run, step),
            View("the end", DescentEnd.of_run(run, step).run),
        ]
        views += [] if there else _to_and_fro(run, problem, step)
    near = _next_to(problem, minimizer, step, momentum) if there else []
    return views + [View("next to the end", displaced) for displaced in near]


def _to_and_fro(run: Trajectory, problem: DeepLinear, step: float) -> list[View]:
    """The end as an oscillation between two points, if a step from it and one more lead back."""
    if math.isfinite(run.event("diverged").value):
        return []
    end = last_weights(run)
    after = tuple(w - step * g for w, g in zip(end, gradient(problem, end), strict=True))
    orbit = Oscillation(problem, end, after, step)
    if not orbit.defect <= _CLOSED:
        return []
    states = as_states(tuple(np.stack([first, second]) for first, second in zip(end, after, strict=True)))
    axis = Axis(AxisKind.STEP, float(run.axis.points[-1]) + np.arange(2.0))
    return [View("the oscillation at the end", Trajectory(orbit, axis, states, Origin.TRAINED))]


def _first_steps(run: Trajectory, problem: DeepLinear, step: float) -> list[View]:
    """What a run of plain descent does to the layers before it diverges."""
    before_divergence = min(float(run.axis.points[-1]), float(run.event("diverged").value) - 1)
    if before_divergence < 1:
        return []
    first = tuple(matrix[0] for matrix in from_states(problem, run.states))
    steps = judged_steps([matrix.shape for matrix in first])
    path = DescentPath(problem, first, step, min(int(before_divergence), steps))
    return [View(f"the first {path.iterations} steps", way) for way in (replace(path.run, problem=problem), path.run)]


def _certified_steps(run: Trajectory, step: float) -> list[View]:
    """Descent from where it is certified on, or from the end where it is not, for as many steps as paths have."""
    steps = min(int(run.axis.points[-1]), judged_steps([matrix.shape[1:] for matrix in run.states.values()]))
    rest = descent_from(run, step, steps)
    return [] if rest is None else [View(f"{steps} steps from a later state on", rest)]


def _next_to(problem: DeepLinear, minimizer: Weights, step: float, momentum: Momentum | None) -> list[Trajectory]:
    """Runs that start with a small displacement from a minimizer."""
    if momentum is not None:
        return [displaced_descent(StabilityTest(problem, minimizer, step, momentum))]
    test = StabilityTest(problem, minimizer, step)
    return [displaced_descent(test, _STABILITY_STEPS), spread_descent(test)]


def _views_of_flow(run: Trajectory) -> list[View]:
    start, end = GradientFlow.expect(run.problem), last_weights(run)
    network = start.network
    there = at_minimizer(network, end)
    problems = [start, network, *_kinds(start)]
    flows = [View("the flow", replace(run, problem=problem)) for problem in problems]
    escapes = [View("the escape", balanced_escape(saddle)) for saddle in _saddles(start)]
    return [_end(network, linear_limit(network, end) if there else end, there), *flows, *escapes]


def _kinds(start: GradientFlow) -> list[Problem]:
    """The flow as one of a special network, if it is one."""
    problems = []
    for kind in (OneNeuron, ResidualStart):
        with suppress(InputError):
            problems.append(kind(start.network, start.weights))
    return problems


def _saddles(start: GradientFlow) -> list[BalancedFlow]:
    """The product of a balanced network, if it starts next to the saddle at zero and may leave it."""
    network, product = start.network, initial_product(start)
    may_leave = network.readout is None and network.depth > 1 and network.regression.explained > 0
    near = 0 < np.linalg.norm(product) < ESCAPED * network.regression.norm
    balanced = relative_imbalance(start) <= _BALANCED
    return [BalancedFlow(network, product)] if may_leave and near and balanced else []


def _end(problem: DeepLinear, weights: Weights, there: bool) -> View:
    """The end of a run as a drawn minimizer, if it is one."""
    states = as_states(tuple(matrix[None] for matrix in weights))
    drawn = Trajectory(problem, Axis(AxisKind.DRAW, np.zeros(1)), states, Origin.TRAINED)
    return View("the end" if there else "the end is no minimizer", drawn)


def judged_steps(shapes: Sequence[tuple[int, ...]]) -> int:
    """Steps of descent over which paths are judged: 300, fewer where the Hessians on the way are large.

    Their eigenvalues take some reduced_size^3 operations at every step.
    """
    return int(np.clip(_HESSIAN_WORK / float(reduced_size(shapes)) ** 3, _FEWEST_STEPS, _FIRST_STEPS))


def reduced_size(shapes: Sequence[tuple[int, ...]]) -> int:
    """Rows of the matrix that has all Hessian eigenvalues that differ from zero, of weights with these shapes."""
    return sum(rows + columns - 1 for rows, columns in shapes)

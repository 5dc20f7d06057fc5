"""Descent, heavy ball, scalar RMSProp and scalar Adam at their edges of stability, beside their central flows."""

import dataclasses

import numpy as np

from fathometer.deep_linear.dynamics.descent._stability import displaced_descent
from fathometer.deep_linear.dynamics.edge._adaptive_flow import run_at_adaptive_edge, settle_at_adaptive_edge
from fathometer.deep_linear.model._curvature import sharpness_at_minimizer
from fathometer.deep_linear.model._momentum import Momentum
from fathometer.deep_linear.model._problem import DeepLinear, Regression
from fathometer.deep_linear.model.starts._adaptive_edge import AdaptiveEdge
from fathometer.deep_linear.model.starts._stability_test import StabilityTest
from fathometer.deep_linear.observables._displacement import log_spectral_radius
from fathometer.deep_linear.predictions.sharpness._minimizers import flattest_minimizer
from fathometer.deep_linear.theorems.edge import adaptive_central_flow, adaptive_edge
from fathometer.evidence import Trajectory
from fathometer.report import Chart, Comparison, Curve, Figure, FigureSettings, Role, level

_SLOW = 3e-4
_OPTIMISERS = {
    "descent": (0.5, 1.0, 0.0),
    "heavy ball 0.5": (1.0, 1.0, 0.5),
    "RMSProp": (0.01, 0.95, 0.0),
    "Adam, beta1 0.5": (0.01, 0.99, 0.5),
    "Adam, beta1 0.9": (0.01, 0.95, 0.9),
}
"""Step, beta2 and beta1."""
_WEIGHTS = (np.array([[1.0, 0.2]]), np.array([[1.0]]))
_STEP = "step"


def draw(settings: FigureSettings) -> Figure:
    """Run five optimisers from their edge, for 1000 steps, on a network with one slow direction."""
    problem = DeepLinear(Regression(np.diag([1.0, _SLOW]), np.array([1.0, 1.5])), 2)
    runs = {}
    for name, how in _OPTIMISERS.items():
        start = settle_at_adaptive_edge(problem, _WEIGHTS, *how)
        runs[name] = run_at_adaptive_edge(start, 250 if settings.quick else 1000)
    charts = (_effective(runs), _swings(runs), *(_distances(runs, part) for part in (slice(0, 3), slice(3, 5))))
    rows = [row for name, run in runs.items() for row in _rows(name, run)] + _thresholds()
    verdicts = tuple(
        (name, module.THEOREM.test(run))
        for name, run in runs.items()
        for module in (adaptive_central_flow, adaptive_edge)
    )
    arrays = {
        f"{name}: {what}": np.asarray(estimate.value)
        for name, run in runs.items()
        for what, estimate in run.observed.items()
    }
    return Figure("central-flows", charts, tuple(rows), arrays, verdicts)


def _seen(run: Trajectory, name: str) -> np.ndarray:
    return np.asarray(run.observed[name].value)


def _few(run: Trajectory) -> slice:
    return slice(None, None, len(run.axis) // 40 | 1)  # odd, to show both sides of an oscillation


def _effective(runs: dict[str, Trajectory]) -> Chart:
    steps = next(iter(runs.values())).axis.points
    curves = [level("predicted: 1", steps, 1.0, Role.PREDICTED)]
    for group, (name, run) in enumerate(runs.items()):
        few = _few(run)
        curves.append(Curve(name, run.axis.points[few], _seen(run, "effective")[few], Role.MEASURED, group))
    return Chart("Effective sharpness over its limit", _STEP, "step S / sqrt(nu), over its limit", tuple(curves))


def _swings(runs: dict[str, Trajectory]) -> Chart:
    curves = []
    for group, (name, run) in enumerate(runs.items()):
        few = _few(run)
        curves.append(Curve(name, run.axis.points, _seen(run, "oscillation"), Role.PREDICTED, group))
        curves.append(Curve("", run.axis.points[few], _seen(run, "swing")[few], Role.MEASURED, group))
    return Chart(
        "Oscillation along the top eigenvector",
        _STEP,
        "half a step (weight)",
        tuple(curves),
        "Lines: x of the central flow. Markers: half of each step of the optimiser along the top eigenvector.",
        log_y=True,
    )


def _distances(runs: dict[str, Trajectory], part: slice) -> Chart:
    curves = []
    for group, (name, run) in list(enumerate(runs.items()))[part]:
        few = _few(run)
        near = np.maximum(_seen(run, "distance")[few], 1e-6)
        stable = np.maximum(_seen(run, "flow_distance"), 1e-6)
        curves.append(Curve(f"{name}: stable flow", run.axis.points, stable, Role.LIMIT, group))
        curves.append(Curve(f"{name}: averaged", run.axis.points[few], near, Role.MEASURED, group))
    return Chart(
        "Distance from the central flow",
        _STEP,
        "distance (weight)",
        tuple(curves),
        "Markers: the optimiser, averaged over two steps. Lines: the flow that does not feel the oscillation.",
        log_y=True,
    )


def _rows(name: str, run: Trajectory) -> list[Comparison]:
    half, limit = len(run.axis) // 2, AdaptiveEdge.expect(run.problem).limit
    mean = float(np.mean(_seen(run, "effective")[half:])) * limit
    share, stable = (float(adaptive_central_flow.share_of_way(one).value) for one in (run, _pretending(run)))
    squares = [float(np.mean(_seen(run, what)[half:] ** 2)) for what in ("oscillation", "swing")]
    return [
        Comparison(f"step S / sqrt(nu), second half, {name}", f"{limit:.4g}", f"{mean:.4g}"),
        Comparison(f"mean x^2, second half, {name}", *(f"{one:.3g}" for one in squares)),
        Comparison(f"distance over the way gone, {name} (stable flow)", "at most 0.1", f"{share:.3g} ({stable:.3g})"),
    ]


def _pretending(run: Trajectory) -> Trajectory:
    """The run with the stable flow in place of the optimiser."""
    return dataclasses.replace(run, observed={"distance": run.observed["flow_distance"]}, twins=())


def _thresholds() -> list[Comparison]:
    """Growth next to a flattest minimizer at 0.99 and 1.01 of the largest stable step, with momentum."""
    problem = DeepLinear(Regression(np.array([[3.0, 1, 0], [1, 2, 0.5], [0, 0.5, 1]]), np.array([1.0, -2, 0.5])), 3)
    weights = flattest_minimizer(problem, 2)
    sharpness = float(sharpness_at_minimizer(problem, weights).value)
    rows = []
    for momentum in (Momentum(0.5), Momentum(0.9), Momentum(0.5, nesterov=True), Momentum(0.9, nesterov=True)):
        expected, seen = [], []
        for factor in (0.99, 1.01):
            test = StabilityTest(problem, weights, factor * momentum.reach / sharpness, momentum)
            expected.append(momentum.spectral_radius(factor * momentum.reach))
            seen.append(float(np.exp(log_spectral_radius(displaced_descent(test, 40)).value)))
        what = f"factor per step at 0.99 and 1.01 of step S = {momentum.reach:.4g}, {momentum}"
        rows.append(Comparison(what, *(", ".join(f"{one:.5f}" for one in pair) for pair in (expected, seen))))
    return rows

"""Single runs of the paper, watched step by step."""

import numpy as np
from numpy.typing import NDArray

from fathometer.deep_linear.dynamics.descent._descent import descend_batch
from fathometer.deep_linear.dynamics.descent._training import Recording, Training
from fathometer.deep_linear.figures._paper_runs import SHARPNESS, SQUARED_DISTANCE
from fathometer.deep_linear.model._curvature import reduced_sharpness
from fathometer.deep_linear.model._initial import Initial
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.predictions.sharpness._minimal_sharpness import minimal_sharpness
from fathometer.deep_linear.predictions.sharpness._sharpness_bounds import balanced_sharpness
from fathometer.evidence import text_ends
from fathometer.report import Chart, Comparison, Curve, Figure, FigureSettings, Role, level

STEPS = np.array([0.02, 0.1])
_EVERY = 5
_CONVERGED, _LAST = 1e-8, 20


def draw_traces(name: str, problem: DeepLinear, initial: Initial, iterations: int, settings: FigureSettings) -> Figure:
    """Two step sizes from the same start, with the exact sharpness at every fifth step.

    Args:
        name: of the figure.
        problem: the network.
        initial: distribution of the start.
        iterations: number of steps, at least 1.
        settings: how to draw it.
    """
    start = tuple(matrix[0] for matrix in initial.draw(problem, problem.regression.dimension, 1, settings.seed))
    run = descend_batch(problem, start, STEPS, Training(iterations), Recording(_EVERY, store=True))
    at = np.arange(0, iterations + 1, _EVERY)
    sharpness = np.array(
        [
            [float(reduced_sharpness(problem, [m[t, i] for m in run.stored or ()]).value) for t in range(len(at))]
            for i in range(len(STEPS))
        ]
    )
    distance = run.distance.T**2 / problem.regression.dimension
    charts = []
    for i, step in enumerate(STEPS):
        charts += [_distance_chart(at, distance[i], step), _sharpness_chart(problem, at, sharpness[i], step)]
    rows = tuple(_row(problem, step, sharpness[i], distance[i]) for i, step in enumerate(STEPS.tolist()))
    data = {"steps": STEPS, "at": at, "squared_distance": distance, "sharpness": sharpness}
    return Figure(name, tuple(charts), rows, data)


def _row(problem: DeepLinear, step: float, sharpness: NDArray, distance: NDArray) -> Comparison:
    """Mean over the last records: at a minimizer it is known up to bounds, at the edge of stability it is 2 / step."""
    s_min = float(minimal_sharpness(problem).lower)
    converged = distance[-1] < _CONVERGED
    expected = f"in {text_ends(s_min, 2 / step)}" if converged else f"about {2 / step:.6g}, the edge of stability"
    name = f"sharpness, mean of the last {_LAST} records, step {step:g}"
    return Comparison(name, expected, f"{sharpness[-_LAST:].mean():.6g}")


def _distance_chart(at: NDArray, distance: NDArray, step: float) -> Chart:
    curve = Curve("one run", at, distance, Role.MEASURED)
    return Chart(f"Distance, step {step:g}", "training step", SQUARED_DISTANCE, (curve,), log_y=True)


def _sharpness_chart(problem: DeepLinear, at: NDArray, sharpness: NDArray, step: float) -> Chart:
    curves = (
        Curve("one run", at, sharpness, Role.MEASURED),
        level(f"2 / {step:g}", at, 2 / step, group=1),
        level("S_balanced", at, float(balanced_sharpness(problem).value), Role.PREDICTED),
        level("S_min", at, float(minimal_sharpness(problem).value), Role.PREDICTED),
    )
    return Chart(f"Sharpness, step {step:g}", "training step", SHARPNESS, curves, log_y=True)

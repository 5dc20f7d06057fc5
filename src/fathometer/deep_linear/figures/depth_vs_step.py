"""Figure 2 of the paper: the step size at which training stops to succeed falls like 1 / depth."""

import numpy as np
from numpy.typing import NDArray

from fathometer.deep_linear.dynamics.descent._sweep import Sweep, run_sweep
from fathometer.deep_linear.figures._paper_runs import SQUARED_DISTANCE
from fathometer.deep_linear.model._initial import InitialKind
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model.data._paper_data import paper_readout, paper_samples
from fathometer.deep_linear.predictions.sharpness._depth_law import critical_step
from fathometer.deep_linear.predictions.sharpness._minimal_sharpness import minimal_sharpness
from fathometer.deep_linear.predictions.sharpness._sharpness_bounds import paper_lower_bound
from fathometer.evidence import Estimate
from fathometer.report import Chart, Comparison, Curve, Figure, FigureSettings, Role

DEPTHS = (5, 10, 20, 40)
STEPS = np.logspace(-2, -0.3, 25)
EXPECTED = {5: (0.188, 0.222), 10: (0.0981, 0.1155), 20: (0.0434, 0.0511), 40: (0.0226, 0.0266)}
_CLOSE = 1e-4


def draw(settings: FigureSettings) -> Figure:
    """Train residual networks of four depths with 25 step sizes."""
    data = paper_samples("overdetermined").regression
    problems = [DeepLinear(data, depth, paper_readout(depth)) for depth in DEPTHS]
    distances = [_distances(problem, settings) for problem in problems]
    charts = (_distance_chart(problems, distances), _share_chart(problems, distances))
    rows = tuple(_row(*pair) for pair in zip(problems, distances, strict=True))
    arrays = {f"squared_distance_depth_{p.depth}": values for p, values in zip(problems, distances, strict=True)}
    return Figure("depth-vs-step", charts, rows, arrays | {"steps": STEPS})


def _distances(problem: DeepLinear, settings: FigureSettings) -> NDArray[np.float64]:
    """Squared distance of shape (steps, repetitions); NaN where a run diverged."""
    sweep = Sweep(
        problem,
        InitialKind.RESIDUAL,
        np.array([0.25]),
        STEPS,
        (1000,) * STEPS.size,
        settings.runs(50, 10),
        problem.regression.dimension,
        settings.seed,
    )
    result = run_sweep(sweep, sharpness=False, folder=settings.folder, announce=settings.announce)
    return result.squared_distance(problem.regression.w_star)[:, 0]


def _bracket(distances: NDArray[np.float64]) -> tuple[float, float]:
    """The last step size before which nine in ten runs come close, and the one after it."""
    good = np.mean(distances < _CLOSE, axis=1) >= 0.9
    last = int(np.argmin(good)) - 1 if not np.all(good) else STEPS.size - 1
    return (float(STEPS[last]) if last >= 0 else 0.0, float(STEPS[min(last + 1, STEPS.size - 1)]))


def _row(problem: DeepLinear, distances: NDArray[np.float64]) -> Comparison:
    exact = critical_step(minimal_sharpness(problem)).value
    expected = "{:.4g} to {:.4g}".format(*EXPECTED[problem.depth])
    return Comparison(
        f"depth {problem.depth}: last step that succeeds and next one (2/S_min = {exact:.6g})",
        expected,
        "{:.4g} to {:.4g}".format(*_bracket(distances)),
    )


def _limits(problems: list[DeepLinear], top: float) -> list[Curve]:
    """Vertical lines at 1 / (L a)."""
    return [
        Curve(
            f"1/(La), depth {problem.depth}",
            np.full(2, critical_step(paper_lower_bound(problem)).value),
            np.array([0.0, top]),
            Role.LIMIT,
            number,
        )
        for number, problem in enumerate(problems)
    ]


def _distance_chart(problems: list[DeepLinear], distances: list[NDArray[np.float64]]) -> Chart:
    curves = [
        Curve(f"depth {problem.depth}", STEPS, Estimate.mean_of(values), Role.MEASURED, number)
        for number, (problem, values) in enumerate(zip(problems, distances, strict=True))
    ]
    title = "Distance after 1000 steps"
    return Chart(title, "step size", SQUARED_DISTANCE, (*curves, *_limits(problems, 0.21)), log_x=True)


def _share_chart(problems: list[DeepLinear], distances: list[NDArray[np.float64]]) -> Chart:
    curves = [
        Curve(f"depth {problem.depth}", STEPS, Estimate.share_of(values < _CLOSE), Role.MEASURED, number)
        for number, (problem, values) in enumerate(zip(problems, distances, strict=True))
    ]
    title = "Runs that find the solution"
    return Chart(title, "step size", "share within 1e-4", (*curves, *_limits(problems, 1.0)), log_x=True)

"""Largest stable step times depth: one number for all depths, 1 / a."""

import numpy as np

from fathometer.deep_linear.dynamics.descent._step_scan import measure_largest_stable_step
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model.data._paper_data import paper_samples
from fathometer.deep_linear.predictions.sharpness._depth_law import critical_step
from fathometer.deep_linear.predictions.sharpness._minimal_sharpness import minimal_sharpness
from fathometer.deep_linear.predictions.sharpness._sharpness_bounds import balanced_sharpness
from fathometer.deep_linear.theorems.sharpness import largest_stable_step
from fathometer.evidence import Estimate, text_down, text_up
from fathometer.report import Chart, Comparison, Curve, Figure, FigureSettings, Role, level

DEPTHS = (2, 4, 8, 16, 32, 64)


def draw(settings: FigureSettings) -> Figure:
    """Measure the largest stable step of the paper's data at six depths."""
    data = paper_samples("overdetermined").regression
    problems = [DeepLinear(data, depth) for depth in DEPTHS]
    iterations, measured = (1000 if settings.quick else 4000), []
    for problem in problems:
        if settings.announce is not None:
            settings.announce(f"depth {problem.depth}")
        measured.append(measure_largest_stable_step(problem, iterations=iterations, seed=settings.seed))
    exact = np.array([critical_step(minimal_sharpness(problem)).value for problem in problems])
    balanced = np.array([critical_step(balanced_sharpness(problem)).value for problem in problems])
    depths = np.array(DEPTHS, np.float64)
    values, lower, upper = (depths * [getattr(m, end) for m in measured] for end in ("value", "lower", "upper"))
    curves = (
        level("1 / a, the limit and the paper's bound", depths, 1 / data.rayleigh, group=1),
        Curve("predicted: L 2 / S_min", depths, depths * exact, Role.PREDICTED),
        Curve("L 2 / S_balanced", depths, depths * balanced, Role.LIMIT, 2),
        Curve("measured by descent", depths, Estimate.enclosed(values, lower, upper), Role.MEASURED),
    )
    chart = Chart("Step times depth", "depth L", "L * largest stable step", curves, log_x=True, x_ticks=DEPTHS)
    rows = tuple(
        Comparison(f"L * step, depth {depth}", f"{depth * step:.6g}", f"{text_down(low)} to {text_up(high)}")
        for depth, step, low, high in zip(DEPTHS, exact, lower, upper, strict=True)
    )
    verdicts = tuple(
        (f"depth {problem.depth}", largest_stable_step.THEOREM.judge(problem, largest))
        for problem, largest in zip(problems, measured, strict=True)
    )
    arrays = {"depths": depths, "measured": values, "lower": lower, "upper": upper, "predicted": depths * exact}
    return Figure(
        "step-times-depth", (chart,), (*rows, Comparison("limit", f"{1 / data.rayleigh:.6g}", "")), arrays, verdicts
    )

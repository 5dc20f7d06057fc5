"""Figure 6 of the paper: with more inputs than samples, flatter networks generalise better."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import linregress

from fathometer.deep_linear.figures._paper_runs import (
    bound_rows,
    figure_of,
    sharpness_chart,
    underdetermined_runs,
)
from fathometer.deep_linear.model.data._paper_data import paper_samples
from fathometer.evidence import Estimate
from fathometer.report import Chart, Comparison, Curve, Figure, FigureSettings, Role, series

AT_END = "20.5 22.8 28.9 41.4 92.5 199 436 719 1037"
GAPS = "0.38 0.42 0.53 0.64 0.78 0.94 1.5 4.4 2.7"
SLOPE = "0.42 (paper), 0.430 +- 0.034"
CAPTION = (
    "Each marker is a run at step 0.001. Sharpness and gap both grow with the scale of the initial weights, which "
    "confounds them: the line is no evidence that flatness causes generalisation."
)


def draw(settings: FigureSettings) -> Figure:
    """Train plain networks on 15 samples of 20 inputs, and compare test and training error."""
    runs = underdetermined_runs(settings)
    samples = paper_samples("underdetermined")
    train = runs.result.excess_risk + runs.problem.regression.risk_min
    gap = np.where(runs.result.diverged, np.nan, samples.test_risk(runs.result.product) - train)
    usable = np.isfinite(runs.result.sharpness[0]) & (gap[0] > 0)
    x, y = (np.log10(values[0][usable]) for values in (runs.result.sharpness, gap))
    fit: Any = linregress(x, y)
    rows = [
        Comparison(
            "sharpness at the end, mean by scale, step 0.001",
            AT_END,
            series(Estimate.mean_of(runs.result.sharpness[0]).value),
        ),
        Comparison(
            "test error - training error, mean by scale, step 0.001", GAPS, series(Estimate.mean_of(gap[0]).value, 2)
        ),
        Comparison("slope of log gap on log sharpness", SLOPE, f"{fit.slope:.3f} +- {fit.stderr:.3f}"),
        Comparison("R^2 of that line", "0.52", f"{fit.rvalue**2:.2f}"),
    ]
    charts = (sharpness_chart(runs, "Underdetermined: sharpness"), _scatter(x, y, fit.slope, fit.intercept))
    figure = figure_of("underdetermined", charts, rows + bound_rows(runs), runs)
    return Figure(figure.name, figure.charts, figure.rows, {**figure.data, "gap": gap}, figure.verdicts)


def _scatter(x: NDArray, y: NDArray, slope: float, intercept: float) -> Chart:
    ends = np.array([x.min(), x.max()])
    curves = (
        Curve("runs", 10**x, 10**y, Role.MEASURED),
        Curve(f"least squares, slope {slope:.2f}", 10**ends, 10 ** (intercept + slope * ends), Role.LIMIT, 1),
    )
    title = "Generalisation gap against sharpness"
    return Chart(title, "sharpness at the end", "test error - training error", curves, CAPTION, log_x=True, log_y=True)

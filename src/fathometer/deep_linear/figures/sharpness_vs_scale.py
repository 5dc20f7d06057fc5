"""Figure 1b of the paper: trained networks are flat, whatever the scale that they start from."""

from fathometer.deep_linear.figures._paper_runs import bound_rows, figure_of, mlp_runs, sharpness_chart, sharpness_rows
from fathometer.report import Figure, FigureSettings

AT_START = "0.175 0.446 1.83 4.19 26 64 506 2189 4321 19680"
AT_END = {
    0.005: "20.96 22.05 25.61 31.04 45.19 77.5 146 181 248 235",
    0.02: "20.82 22.78 24.98 34.85 43.5 56.1 72.5 72.6 75.2 93.8",
    0.07: "20.72 22.33 24.94 27.15 28.43 28.46 28.49 28.48 - -",
    0.1: "20 where it converges",
}


def draw(settings: FigureSettings) -> Figure:
    """Train plain networks from many scales with five step sizes."""
    runs = mlp_runs(settings)
    data = runs.problem.regression
    upper = 8 * runs.problem.depth * data.lambda_max
    chart = sharpness_chart(runs, "Sharpness against the scale of the initial weights", upper)
    return figure_of("sharpness-vs-scale", (chart,), sharpness_rows(runs, AT_START, AT_END) + bound_rows(runs), runs)

"""The paper's figures on residual networks: sharpness, distance and divergence against the scale."""

from fathometer.deep_linear.figures._paper_runs import (
    bound_rows,
    distance_chart,
    divergence_chart,
    divergence_rows,
    figure_of,
    residual_runs,
    sharpness_chart,
    sharpness_rows,
)
from fathometer.report import Figure, FigureSettings

AT_START = "45.0 47.7 61.8 80.1 106 155 197 429 576 706"
AT_END = {
    0.005: "27.1 28.7 34.8 39.0 47.5 63.4 81.9 93.2 157 170",
    0.02: "26.5 27.6 33.7 35.5 43.8 58.4 57.7 60.8 61.1 72.1",
    0.07: "24.2 24.7 26.0 26.8 26.7 27.3 27.4 28.0 28.1 28.4",
    0.1: "19.96 to 20",
}
DIVERGED = {0.005: "0 0 0 0 0 0 0 0 0 0", 0.02: "0 0 0 0 0 0 0 0 .15 .20"}


def draw(settings: FigureSettings) -> Figure:
    """Train residual networks from many scales with five step sizes."""
    runs = residual_runs(settings)
    charts = (
        sharpness_chart(runs, "Residual networks: sharpness"),
        distance_chart(runs, "Residual networks: distance after training"),
        divergence_chart(runs, "Residual networks: divergence"),
    )
    rows = sharpness_rows(runs, AT_START, AT_END) + divergence_rows(runs, DIVERGED) + bound_rows(runs)
    return figure_of("residual", charts, rows, runs)

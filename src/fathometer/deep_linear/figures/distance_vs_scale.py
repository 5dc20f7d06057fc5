"""Figure 1a of the paper: descent finds the least-squares solution up to a critical step size, from any scale."""

import numpy as np

from fathometer.deep_linear.figures._paper_runs import PaperRuns, distance_chart, figure_of, mlp_runs
from fathometer.evidence import Estimate
from fathometer.report import Comparison, Figure, FigureSettings, series

EXPECTED = {
    0.1: "up to 1e-4 (edge of stability, slow)",
    0.2: "0.08 to 0.15 (2/step is below S_min: it never converges)",
}


def draw(settings: FigureSettings) -> Figure:
    """Train plain networks from many scales with five step sizes."""
    runs = mlp_runs(settings)
    chart = distance_chart(runs, "Distance to the least-squares solution after training")
    return figure_of("distance-vs-scale", (chart,), distance_rows(runs, EXPECTED), runs)


def distance_rows(runs: PaperRuns, expected: dict[float, str]) -> list[Comparison]:
    """Mean squared distance by scale, and the share of finished runs that came close."""
    rows = []
    for number, step in enumerate(runs.sweep.steps):
        distances, finished = runs.squared_distance[number], ~runs.result.diverged[number]
        name = f"squared distance by scale, step {step:g}"
        rows.append(Comparison(name, expected.get(step, "0"), series(Estimate.mean_of(distances).value, 2)))
        share = np.mean(distances[finished] < 1e-3) if np.any(finished) else np.nan
        below = step * 18.6995534 < 2
        rows.append(Comparison(f"finished runs within 1e-3, step {step:g}", "1" if below else "0", series(share)))
    return rows

"""The paper's figure on the probability of divergence."""

from fathometer.deep_linear.figures._paper_runs import divergence_chart, divergence_rows, figure_of, mlp_runs
from fathometer.report import Figure, FigureSettings

DIVERGED = {
    0.005: "0 0 0 0 0 0 0 .20 .50 .70",
    0.02: "0 0 0 0 0 0 0 .45 .90 .90",
    0.07: "0 0 0 0 0 .20 .45 .85 1 1",
    0.1: "0 0 0 0 .10 .25 .80 1 1 1",
    0.2: "0 0 0 .03 .25 .69 .96 .99 1 1",
}


def draw(settings: FigureSettings) -> Figure:
    """Train plain networks from many scales with five step sizes, and count those that diverge."""
    runs = mlp_runs(settings)
    chart = divergence_chart(runs, "Divergence against the scale of the initial weights")
    return figure_of("divergence", (chart,), divergence_rows(runs, DIVERGED), runs)

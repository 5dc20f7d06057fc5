"""Figure 1c and 1d of the paper: a plain network with a small and a large step."""

from fathometer.deep_linear.figures._traces import draw_traces
from fathometer.deep_linear.model._initial import Initial, InitialKind
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model.data._paper_data import paper_samples
from fathometer.report import Figure, FigureSettings


def draw(settings: FigureSettings) -> Figure:
    """Follow one run at scale 0.35 for 450 steps."""
    problem = DeepLinear(paper_samples("overdetermined").regression, 10)
    return draw_traces("traces", problem, Initial(InitialKind.GAUSSIAN, 0.35), 450, settings)

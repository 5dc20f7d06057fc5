"""The paper's traces of a residual network with a small and a large step."""

from fathometer.deep_linear.figures._traces import draw_traces
from fathometer.deep_linear.model._initial import Initial, InitialKind
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model.data._paper_data import paper_readout, paper_samples
from fathometer.report import Figure, FigureSettings


def draw(settings: FigureSettings) -> Figure:
    """Follow one run at scale 0.5 for 400 steps."""
    problem = DeepLinear(paper_samples("overdetermined").regression, 10, paper_readout())
    return draw_traces("residual-traces", problem, Initial(InitialKind.RESIDUAL, 0.5), 400, settings)

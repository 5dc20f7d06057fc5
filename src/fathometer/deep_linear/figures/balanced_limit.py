"""From small initial weights, gradient flow ends at the sharpness of the balanced minimizer."""

import numpy as np

from fathometer.deep_linear.dynamics.flow._flow_limit import flow_limit
from fathometer.deep_linear.figures._paper_runs import SCALE
from fathometer.deep_linear.model._initial import Initial, InitialKind
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model.data._paper_data import paper_samples
from fathometer.deep_linear.predictions.sharpness._minimal_sharpness import minimal_sharpness
from fathometer.deep_linear.predictions.sharpness._sharpness_bounds import balanced_sharpness
from fathometer.deep_linear.theorems.sharpness import minimal_sharpness_exact
from fathometer.evidence import Estimate
from fathometer.numerics import in_float64
from fathometer.report import Chart, Comparison, Curve, Figure, FigureSettings, Role, level
from fathometer.study import Arrays, Cell, run_cells

SCALES = np.array([0.02, 0.03, 0.05, 0.1, 0.15, 0.2, 0.25])
EXPECTED = {0.25: "1.106", 0.2: "1.0453", 0.15: "1.0158", 0.1: "1.00356", 0.05: "1.000277"}


def draw(settings: FigureSettings) -> Figure:
    """Follow gradient flow on the paper's data to its limit, from seven scales."""
    problem = DeepLinear(paper_samples("overdetermined").regression, 10)
    count = settings.runs(20, 4)
    cells = [
        {"flow": float(scale), "number": k, "count": count, "seed": settings.seed} for k, scale in enumerate(SCALES)
    ]
    results = run_cells(cells, in_float64(lambda cell: _compute(problem, cell)), settings.folder, settings.announce)
    sharpness = np.stack([cell["sharpness"] for cell in results])
    balanced, s_min = float(balanced_sharpness(problem).value), float(minimal_sharpness(problem).value)
    mean = Estimate.mean_of(sharpness / balanced)
    deviation = Estimate.mean_of(np.abs(sharpness / balanced - 1))
    curves = (
        Curve("|S / S_balanced - 1|, mean of the flows", SCALES, deviation, Role.MEASURED),
        Curve("scale^2, an upper order", SCALES, SCALES**2, Role.LIMIT, 1),
        level("1 - S_min / S_balanced", SCALES, 1 - s_min / balanced, group=2),
    )
    chart = Chart("Final sharpness of gradient flow", SCALE, "relative deviation", curves, log_x=True, log_y=True)
    rows = tuple(
        Comparison(f"S / S_balanced, mean, scale {scale:g}", EXPECTED.get(scale, "1"), f"{value:.7g}")
        for scale, value in zip(SCALES.tolist(), np.asarray(mean.value), strict=True)
    )
    ended = sharpness[np.isfinite(sharpness)]
    verdict = minimal_sharpness_exact.THEOREM.judge(problem, Estimate.exact(ended))
    arrays = {"scales": SCALES, "sharpness": sharpness, "balanced": np.array(balanced)}
    return Figure("balanced-limit", (chart,), rows, arrays, ((f"{ended.size} limits", verdict),))


def _compute(problem: DeepLinear, cell: Cell) -> Arrays:
    initial = Initial(InitialKind.GAUSSIAN, cell["flow"])
    start = initial.draw(problem, problem.regression.dimension, cell["count"], [cell["seed"], cell["number"]])
    return {"sharpness": np.asarray(flow_limit(problem, start).sharpness.value)}

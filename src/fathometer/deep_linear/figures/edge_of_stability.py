"""The edge of stability, live: sharpness climbs to 2 / step and stays there while the risk still falls."""

import numpy as np

from fathometer.deep_linear.dynamics.descent._descent import descend_batch
from fathometer.deep_linear.dynamics.descent._train import descend
from fathometer.deep_linear.dynamics.descent._training import Recording, Training
from fathometer.deep_linear.dynamics.edge._tail import classified_run
from fathometer.deep_linear.figures._paper_runs import SHARPNESS
from fathometer.deep_linear.model._initial import Initial, InitialKind
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.model.data._paper_data import paper_samples
from fathometer.deep_linear.predictions.sharpness._minimal_sharpness import minimal_sharpness
from fathometer.evidence import Estimate, text_down, text_ends, text_up
from fathometer.report import Chart, Comparison, Curve, Figure, FigureSettings, Role, level

STEPS = np.array([0.05, 0.07, 0.1])
SCALE = 0.4
_ITERATIONS, _EVERY, _MARKERS = 2000, 5, 60


def draw(settings: FigureSettings) -> Figure:
    """Watch three step sizes from one start, with the sharpness at every fifth step."""
    problem = DeepLinear(paper_samples("overdetermined").regression, 10)
    initial = Initial(InitialKind.GAUSSIAN, SCALE).draw(problem, 5, 1, settings.seed)
    iterations = _ITERATIONS // 4 if settings.quick else _ITERATIONS
    start = [matrix[0] for matrix in initial]
    run = descend_batch(problem, start, STEPS, Training(iterations), Recording(_EVERY, sharpness=True))
    sharpness, residual = np.asarray(run.sharpness), np.asarray(run.residual)
    at = np.arange(0, iterations + 1, _EVERY)
    s_min = float(minimal_sharpness(problem).value)
    shown = slice(None, None, len(at) // _MARKERS | 1)  # odd, to show both sides of an oscillation of period 2
    curves, risks, rows = [level("S_min", at, s_min, Role.PREDICTED)], [], []
    for i, step in enumerate(STEPS):
        values = sharpness[:, i]
        enclosed = Estimate.heuristic(values[shown], values[shown], (values + residual[:, i])[shown])
        curves.append(level(f"2 / {step:g}", at, 2 / step, group=i + 1))
        curves.append(Curve(f"step {step:g}", at[shown], enclosed, Role.MEASURED, i + 1))
        risks.append(Curve(f"step {step:g}", at[shown], run.excess_risk[shown, i], Role.MEASURED, i + 1))
        late = values[len(values) // 2 :]
        expected = f"in {text_ends(s_min, 2 / step)}"
        rows.append(
            Comparison(
                f"sharpness in the second half, step {step:g}",
                expected,
                f"{text_down(np.nanmin(late))} to {text_up(np.nanmax(late))}",
            )
        )
        kept = descend(problem, start, float(step), iterations, every=_EVERY, store=True)
        rows.append(Comparison(f"class, step {step:g}", "", str(classified_run(kept, float(step)).name)))
        rises = np.diff(run.excess_risk[:, i]) > 1e-12
        rows.append(
            Comparison(f"records at which the risk rose, step {step:g}", "some at the edge", str(int(rises.sum())))
        )
    charts = (
        Chart("Sharpness", "training step", SHARPNESS, tuple(curves), log_y=True),
        Chart("Risk above its minimum", "training step", "risk - minimum", tuple(risks), log_y=True),
    )
    arrays = {
        "at": at,
        "steps": STEPS,
        "sharpness": sharpness,
        "residual": residual,
        "excess_risk": run.excess_risk,
    }
    return Figure("edge-of-stability", charts, tuple(rows), arrays)

"""How large a step does depth allow?

A linear model written as a product of L matrices predicts no better, but every minimizer becomes sharper with
depth, so that gradient descent needs smaller steps. The line is 2 / S_min, from the covariance of the data
alone; the markers are the largest steps with which descent came back to a minimizer that it was pushed away
from.
"""

from pathlib import Path

import numpy as np

from fathometer import deep_linear as dl
from fathometer.data import load_table
from fathometer.evidence import Estimate
from fathometer.report import Chart, Curve, Role, render

depths = (2, 4, 8, 16)
table = load_table("sklearn:diabetes", "target").standardized()
data = dl.Regression.from_data(table.features, table.target)
problems = [dl.DeepLinear(data, depth) for depth in depths]
predicted = Estimate.stack([dl.depth_law(problem).largest_stable_step for problem in problems])
measured = Estimate.stack(
    [dl.measure_largest_stable_step(problem, width=2, iterations=2000, seed=0) for problem in problems]
)
for depth, law, seen in zip(depths, predicted.value, measured.value, strict=True):
    print(f"depth {depth:2}: predicted {law:.4f}, measured {seen:.4f}")
assert np.allclose(measured.value, predicted.value, rtol=0.01)
assert np.all(np.diff(predicted.value) < 0)

chart = Chart(
    "Largest stable step against depth",
    "depth L (layers)",
    "step (1 / sharpness)",
    (
        Curve("predicted: 2 / S_min", depths, predicted, Role.PREDICTED),
        Curve("measured by descent", depths, measured, Role.MEASURED),
    ),
    log_x=True,
    log_y=True,
    x_ticks=depths,
)
Path("deep_linear_largest_step.svg").write_bytes(render((chart,), "svg"))

"""Descent ends where it can stay.

Three runs of gradient descent start from the same sharp weights, with three step sizes. A step that is too long
for where it starts throws the weights into a flatter region, and a theorem says how sharp the end can be: at
most 2 / step. No minimizer is flatter than S_min, which is known before training.
"""

from pathlib import Path

import numpy as np

from fathometer import deep_linear as dl
from fathometer.data import load_table
from fathometer.report import Chart, Curve, Role, render

steps = np.array([0.02, 0.1, 0.14])
table = load_table("sklearn:diabetes", "target").standardized()
problem = dl.DeepLinear(dl.Regression.from_data(table.features, table.target), depth=4)
start = dl.Initial.parse("gaussian:0.3").draw(problem, widths=10, count=1, seed=0)
side_by_side = [np.repeat(layer, len(steps), axis=0) for layer in start]
run = dl.descend_batch(problem, side_by_side, steps, dl.Training(2000), dl.Recording(every=50, sharpness=True))
flattest = float(dl.depth_law(problem).s_min.value)
for step, first, last in zip(steps, run.sharpness[0], run.sharpness[-1], strict=True):
    print(f"step {step}: sharpness {first:.1f} at the start, {last:.2f} at the end, at most {2 / step:.2f}")
assert np.all(run.sharpness[-1] <= 2 / steps)
assert np.all(run.sharpness[-1] >= flattest)

at = np.arange(0, 2001, 50)
shown = [
    Curve(f"step {step}", at, run.sharpness[:, number], Role.MEASURED, number) for number, step in enumerate(steps)
]
limits = [
    Curve(f"2 / {step}", at, np.full(len(at), 2 / step), Role.LIMIT, number)
    for number, step in enumerate(steps)
    if 2 / step < 40
]
floor = Curve("S_min, no minimizer is flatter", at, np.full(len(at), flattest), Role.PREDICTED, 3)
chart = Chart("Sharpness along descent", "step number", "sharpness", (*shown, *limits, floor))
Path("deep_linear_where_descent_ends.svg").write_bytes(render((chart,), "svg"))

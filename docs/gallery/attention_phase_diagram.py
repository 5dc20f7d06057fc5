"""When do tokens meet?

Uniform tokens in a high dimension are nearly orthogonal, and for orthogonal tokens the time of their meeting is
known in closed form. The map shows the share of pairs that have met, over time and inverse temperature; the
line is that formula, which knows nothing of the simulation.
"""

from pathlib import Path

import numpy as np

from fathometer import attention
from fathometer.attention.figures.results import phase_figure
from fathometer.report import render

setting = {"n": 16, "dim": 256, "model": "sa", "cosine": 0.99, "raw_time": False}
diagram = attention.phase_diagram(
    16, 256, np.linspace(0.5, 6, 12), np.linspace(0.2, 24, 60), "sa", systems=6, cosine=0.99, seed=0
)
share = np.asarray(diagram.fraction.value)
half = np.array([np.log(np.interp(0.5, row, diagram.times)) for row in share])
shift = half - diagram.log_curve.value
print("log of the time at which half of the pairs have met, less the closed form:", np.round(shift[::3], 2))
assert np.all(np.abs(shift) < 0.15)

Path("attention_phase_diagram.svg").write_bytes(render(phase_figure(diagram, setting).charts, "svg"))

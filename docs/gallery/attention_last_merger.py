"""A collapse to its last merger.

The last clusters of a cloud merge exponentially late in beta: no time that a float can hold reaches there, its
logarithm does. Between two mergers the energy stands still, so that it is a staircase on a logarithmic clock.
Where pairs are far apart, a closed form knows when they meet.
"""

from pathlib import Path

import numpy as np

from fathometer import attention
from fathometer.attention.figures.results import collapse_figure
from fathometer.report import render

angles = np.array([0.0, 0.7, 1.7, 3.2])
points = np.stack([np.cos(angles), np.sin(angles)], axis=1)
system = attention.ParticleSystem(points, beta=500.0, model="usa")
collapse = attention.simulate_collapse(system)
predicted = attention.predicted_log_times(system, 2 * np.arcsin(collapse.event_chord / 2))

for event, expected in zip(collapse.events, predicted.value, strict=True):
    print(f"log time {event.log_time:8.3f}, closed form {expected:8.3f}")
measured = np.array([event.log_time for event in collapse.events])
assert collapse.clusters == 1
assert np.all(np.diff(measured) > 0)
assert np.allclose(measured, predicted.value, rtol=1e-2)

Path("attention_last_merger.svg").write_bytes(render(collapse_figure(collapse, system).charts, "svg"))

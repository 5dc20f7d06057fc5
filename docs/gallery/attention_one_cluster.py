"""Tokens become one cluster.

Twelve tokens on the sphere attract each other as in a layer of self-attention. The energy never falls, which is
a theorem, and in the end all tokens are in one place. Every number of the run comes with an interval, from two
more runs at other tolerances.
"""

from pathlib import Path

import numpy as np

from fathometer import attention
from fathometer.catalogue import theorem
from fathometer.evidence import Status
from fathometer.report import Chart, Curve, OnSphere, Role, render

system = attention.ParticleSystem.uniform(12, 3, beta=4.0, model="sa", seed=0)
run = attention.simulate(system, np.append(0, np.geomspace(0.1, 3000, 40)))
energy = run.observe(attention.UNIT_ENERGY)
clusters = run.observe(attention.CLUSTER_COUNT)

verdict = theorem("energy_increases").test(run)
print(verdict.status, verdict.explanation)
print("clusters:", *np.asarray(clusters.value, int)[::8])
assert verdict.status is Status.HOLDS
assert clusters.value[0] > clusters.value[-1] == 1

points, times = run.states["points"], run.axis.points
charts = (
    OnSphere(f"Twelve tokens until time {times[20]:.0f}", points[20], trails=points[:20]),
    Chart(
        "The energy never falls",
        "time",
        "unit energy (1 = one cluster)",
        (Curve("measured", times[1:], energy.value[1:], Role.MEASURED),),
        log_x=True,
    ),
)
Path("attention_one_cluster.svg").write_bytes(render(charts, "svg"))

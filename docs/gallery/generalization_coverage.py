"""Does a 95 % certificate hold in 95 % of all samples?

A bound is a promise about samples that one never sees twice, except in a simulation. Honest bounds fail at most
as often as their delta allows. In the controls an assumption is broken on purpose, such as a predictor that was
chosen on the rows that certify it, and the simulation has to notice: a check that no cheat could fail would be
worthless.
"""

from pathlib import Path

import numpy as np
from scipy.stats import binomtest

from fathometer.evidence import Estimate, Status
from fathometer.generalization.coverage import run_coverage
from fathometer.report import Ranges, render

shown = run_coverage(bounds=("test_binomial", "occam", "maurer_seeger"), draws=2000, seed=0)
honest = [entry for entry in shown if not entry.control]
controls = [entry for entry in shown if entry.control]
for entry in shown:
    print(f"{entry.violations:4} of {entry.draws}: {entry.bound}, {entry.setting}")
assert all(entry.verdict.status is Status.HOLDS for entry in shown)
assert all(entry.violations > entry.delta * entry.draws for entry in controls)

shares = [binomtest(entry.violations, entry.draws) for entry in shown]
ends = np.array([share.proportion_ci(0.99, "exact")[:2] for share in shares])
chart = Ranges(
    "How often a bound fails that may fail in 5 % of all samples",
    "share of samples on which the true risk is above the bound",
    tuple(f"{'control: ' * entry.control}{entry.bound}" for entry in shown),
    Estimate.sampled([share.statistic for share in shares], *ends.T, 0.99),
    0.05,
    "delta",
)
Path("generalization_coverage.svg").write_bytes(render((chart,), "svg"))

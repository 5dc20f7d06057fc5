"""What a certificate costs, in rows.

Three bounds at the same training risk and the same confidence, for more and more rows: one predictor that was
fixed before the rows were seen, one of a million, and a whole posterior. What each adds to the risk falls like
the square root of the number of rows, and what is paid for having chosen stays visible. Below the dotted line a
bound says something.
"""

from pathlib import Path

import numpy as np

from fathometer.generalization import evaluate_bound
from fathometer.report import Chart, Curve, Role, level, render

sizes = np.unique(np.geomspace(20, 20_000, 25).astype(int))
errors = sizes // 10


def values(name: str, **given: float) -> np.ndarray:
    """A bound at each number of rows, with a tenth of them wrong."""
    pairs = zip(sizes, errors, strict=True)
    return np.array([evaluate_bound(name, m=m, risk=k / m, delta=0.05, **given).value for m, k in pairs])


one = values("occam", hypotheses=1)
many = values("occam", hypotheses=1_000_000)
posterior = values("maurer_seeger", kl=30.0)
print("at", sizes[-1], "rows:", one[-1], many[-1], posterior[-1])
assert np.all(one <= many)
assert np.all(np.diff(posterior) < 0.01)
assert posterior[-1] < 0.15 < posterior[0]

chart = Chart(
    "Upper bounds on a risk, training risk 0.1",
    "rows",
    "certified risk",
    (
        Curve("one predictor, fixed in advance", sizes, one, Role.PREDICTED),
        Curve("one of a million", sizes, many, Role.PREDICTED, 1),
        Curve("a posterior, KL = 30", sizes, posterior, Role.PREDICTED, 2),
        level("vacuous from here", sizes, 1.0),
    ),
    log_x=True,
)
Path("generalization_bounds_and_rows.svg").write_bytes(render((chart,), "svg"))

"""With Post-LN, equiangular tokens approach each other like exp(-2 t)."""

import numpy as np

from fathometer.attention.model._hypotheses import SA_ONLY
from fathometer.attention.model._references import NORMALIZATION
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.predictions._equiangular import EQUIANGULAR, extreme_cosines
from fathometer.evidence import Axis, Estimate, Problem, Source, Theorem, Trajectory, Within

ROOM = 0.05


def late_rate(trajectory: Trajectory) -> Estimate:
    """Rate of decay of 1 - cosine between the states where it is below 0.005/(1 + beta) and above 1e-6; else NaN."""
    beta = ParticleSystem.expect(trajectory.problem).beta
    deficits = 1 - extreme_cosines(trajectory.states["points"])[:, 0]
    late = np.flatnonzero((deficits < 0.005 / (1 + beta)) & (deficits > 1e-6))
    if len(late) < 2:
        return Estimate.exact(np.nan)
    first, last = late[[0, -1]]
    times = trajectory.axis.points
    rate = np.log(deficits[first] / deficits[last]) / (times[last] - times[first])
    error = 1e-8 / deficits[last] / (times[last] - times[first])
    return Estimate.heuristic(rate, rate - error, rate + error)


def predict(problem: Problem, axis: Axis | None) -> Within:
    """2, to 0.05."""
    return Within(2 - ROOM, 2 + ROOM)


THEOREM = Theorem(
    id="post_ln_rate",
    theory="attention",
    title="Post-LN collapses exponentially",
    statement="For equiangular tokens under SA with Post-LN, 1 - <x_i, x_j> decays like exp(-2 t) next to one cluster,"
    " whatever beta, n and d; here the rate is 2 to 0.05.",
    source=Source(NORMALIZATION, "rates of the normalization schemes", "SA on the sphere is Post-LN."),
    hypotheses=(*EQUIANGULAR, SA_ONLY),
    quantity=late_rate,
    predict=predict,
)

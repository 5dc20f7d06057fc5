"""When particles of the glued circle are glued."""

import numpy as np
from jaxtyping import Float

from fathometer.attention.model.variants._glued_circle import GluedCircle
from fathometer.attention.predictions._staircase import logarithmic_merge_time
from fathometer.evidence import Estimate

SHARE = 0.01
"""Room for the motion of other particles, which is exponentially small."""


def predicted_gluings(problem: GluedCircle) -> Estimate:
    """Rescaled times of the gluings if only the closest pair moves, left to right: partial sums of N^2/4 in the limit.

    With N particles left a gap falls as dw/ds = -(2/N^2) log(beta) sin w, which has a closed form (derived).
    """
    places, times = list(problem.angles), []
    while len(places) > 1:
        gap, n = places[1] - places[0], len(places)
        times.append(float(logarithmic_merge_time(gap, problem.contact, 2 / n**2, problem.beta).value))
        places = [(places[0] + places[1] + problem.contact) / 2, *places[2:]]
    gluings = np.cumsum(times)
    return Estimate.heuristic(gluings, gluings * (1 - SHARE), gluings * (1 + SHARE))


def limit_gluings(n: int) -> Float[np.ndarray, " m"]:
    """Limits of the times of the gluings for beta to infinity: partial sums of n^2/4, (n - 1)^2/4, ..., 1."""
    return np.cumsum(np.arange(n, 1, -1) ** 2 / 4)

"""How far tokens in caps are from the slow manifold, on which every cap is one tight cluster."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from fathometer.attention.model.caps._geometry import cap_widths
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.evidence import Estimate, Observable, Problem


def _measure(problem: Problem, states: Mapping[str, NDArray]) -> Estimate:
    cloud = SeparatedCloud.expect(problem)
    chords = np.max(cap_widths(states["points"], cloud.members, len(cloud.centres)), axis=1)
    with np.errstate(divide="ignore"):
        logs = np.log(2 * np.arcsin(np.minimum(chords / 2, 1.0)))
    return Estimate.exact(logs + cloud.rate * cloud.system.beta / 2)


SLOW_MANIFOLD_DISTANCE = Observable(
    "log_slow_manifold_distance",
    "1",
    "log of the largest angle between two tokens of one cap over exp(-lambda beta / 2): at most 0 on the slow manifold",
    _measure,
)

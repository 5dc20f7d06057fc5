"""The inverse temperature from which on the metastability theorem speaks of given tokens."""

import dataclasses
from dataclasses import dataclass

import numpy as np

from fathometer.attention.model._system import LARGEST_BETA, ParticleSystem
from fathometer.attention.model.caps._geometry import cap_clearance, smallest_angle
from fathometer.attention.predictions._caps import cap_choices
from fathometer.evidence import Estimate, Record, whole_number

_LARGEST = np.nextafter(1 / 16, 0)
_GRID = 2000


@dataclass(frozen=True, eq=False)
class MetastableThreshold(Record):
    """From where on clusters of the tokens are certified to stay apart for a while.

    Attributes:
        beta: smallest inverse temperature of the certificate; infinite if no choice of caps ever is admissible.
        clusters: how many caps it takes there; 0 if there are none.
        epsilon: their depth there.
    """

    beta: Estimate
    clusters: int
    epsilon: float


def metastability_threshold(system: ParticleSystem, fewest: int = 2) -> MetastableThreshold:
    """Return the least beta at which `metastability_certificate` applies, over the clusters of single linkage.

    For caps of depth eps < 1/16 that hold the tokens, gamma > 0 says beta > log(2 n^2 / eps) / (1 - alpha - 8 eps), and
    then, with beta > 1, some decay rate is admissible (derived: L_1 > 0 wherever gamma > 0, and L_2 > gamma). The depth
    is searched on a grid, so that the threshold is at most a little too high.

    Args:
        system: tokens with equal masses; their beta does not matter.
        fewest: number of clusters that it takes, at least 1.
    """
    fewest, n = whole_number("fewest", fewest, at_least=1), len(system.points)
    best = MetastableThreshold(Estimate.exact(np.inf), 0, 0.0)
    for centres, depth in cap_choices(dataclasses.replace(system, beta=LARGEST_BETA), None):
        low = max(depth * (1 + 1e-12) + 1e-15, 1e-12)
        if len(centres) < fewest or low >= _LARGEST:
            continue
        grid = np.geomspace(low, _LARGEST, _GRID)
        room = np.asarray(cap_clearance(smallest_angle(centres), grid)) - 8 * grid
        needed = np.where(room > 0, np.log(2 * n**2 / grid) / np.where(room > 0, room, 1.0), np.inf)
        least = int(np.argmin(needed))
        if (beta := max(float(needed[least]), 1.0)) < best.beta.value:
            best = MetastableThreshold(Estimate.exact(beta), len(centres), float(grid[least]))
    return best

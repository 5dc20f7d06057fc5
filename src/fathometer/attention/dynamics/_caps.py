"""Dynamic metastability: what the main theorem asks of tokens in caps, and how its conclusions are measured."""

from dataclasses import replace

import numpy as np
from jaxtyping import Float

from fathometer.attention.dynamics._simulate import simulate
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.evidence import (
    Trajectory,
)


def simulate_cloud(cloud: SeparatedCloud, times: Float[np.ndarray, " t"], *, tolerance: float = 1e-8) -> Trajectory:
    """Follow the tokens of a cloud, as `simulate` does; the trajectory's problem is the cloud.

    Args:
        cloud: tokens in caps at time 0.
        times: shape (t,), strictly increasing from 0.
        tolerance: as for `simulate`.
    """
    return replace(simulate(cloud.system, times, tolerance=tolerance), problem=cloud)

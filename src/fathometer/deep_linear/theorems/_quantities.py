"""What several theorems on deep linear networks measure."""

from fathometer.deep_linear.observables._standard import SHARPNESS
from fathometer.evidence import Estimate, Trajectory


def sharpness(trajectory: Trajectory) -> Estimate:
    """Sharpness of every state, all of which have to be global minimizers.

    Raises:
        InputError: if one is not.
    """
    return trajectory.observe(SHARPNESS)

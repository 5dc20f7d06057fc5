"""Runs of hardmax attention in R^d."""

import numpy as np
from numpy.typing import ArrayLike

from fathometer.attention.dynamics._assembly import NUMPY, assemble, read_times
from fathometer.attention.model.variants._hardmax_tokens import HardmaxTokens, hardmax_targets
from fathometer.evidence import Trajectory, whole_number
from fathometer.numerics import nudged, with_twins


def simulate_hardmax(tokens: HardmaxTokens, times: ArrayLike, steps: int = 200) -> Trajectory:
    """Integrate hardmax by exponential steps, choosing the targets anew at every step.

    Args:
        tokens: at time 0.
        times: increasing from 0.
        steps: between two times, at least 1.

    Returns:
        A trajectory along time with states "points", shape (t, n, d).

    Raises:
        InputError: if a value is not as above.
    """
    axis, count = read_times(times), whole_number("steps", steps, at_least=1)

    def run(many: int, nudge: bool) -> Trajectory:
        x, states = nudged(tokens.points) if nudge else tokens.points, [tokens.points]
        for length in np.diff(axis.points):
            left = np.exp(-length / many)
            for _ in range(many):
                x = left * x + (1 - left) * x[hardmax_targets(x, tokens.matrix)]
            states.append(x)
        return assemble(tokens, axis, {"points": np.array(states)}, NUMPY)

    fewer = max(1, count // 3)
    return with_twins(run(count, False), run(fewer, False), run(fewer, True))

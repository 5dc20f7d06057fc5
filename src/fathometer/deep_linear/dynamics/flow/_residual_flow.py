"""Gradient flow from a residual start."""

import dataclasses

from numpy.typing import ArrayLike

from fathometer.deep_linear.dynamics.flow._flow import flow
from fathometer.deep_linear.model._residual_start import ResidualStart
from fathometer.evidence import Trajectory


def residual_flow(
    start: ResidualStart, times: ArrayLike | None = None, *, points: int = 200, convergence: float = 1e-12
) -> Trajectory:
    """Integrate gradient flow from the weights of a residual start; see `flow`.

    Args:
        start: network and weights.
        times: where to observe, at least 0, strictly increasing; if None, up to the end of the run.
        points: number of observations, at least 2, if `times` is None.
        convergence: the run ends when the excess risk is this small, relative to what w_star explains; in [0, 1).

    Returns:
        Along time, states W1 to WL; observed as by `flow`.

    Raises:
        InputError: if the times do not fit or a number is out of range.
    """
    run = flow(start.network, start.weights, times, points=points, convergence=convergence, store=True)
    return dataclasses.replace(run, problem=start)

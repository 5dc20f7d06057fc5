"""The rate at which one cluster becomes a point: the slope of the log of its width."""

from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.stats import linregress, t as student

from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._hemisphere import chart_diameter
from fathometer.evidence import Estimate, Trajectory
from fathometer.numerics import hemisphere_axis

_CONFIDENCE = 0.99
_FINEST = 1e-4
"""Width, in units of that at the start, below which errors of the solver begin to count."""


def late_widths(trajectory: Trajectory) -> Float[np.ndarray, " t"]:
    """Diameter of the chart whose axis is that of the largest margin at the start, for every state.

    Args:
        trajectory: of plain tokens, with states "points".
    """
    axis, _ = hemisphere_axis(ParticleSystem.expect(trajectory.problem).points)
    return chart_diameter(trajectory.states["points"], axis)


def late_rate(trajectory: Trajectory) -> Estimate:
    """Rate at which the log of the width falls, by least squares while above 1e-4 of that at the start.

    NaN of fewer than three widths. The interval is Student's at 0.99: heuristic, for what is left over is curvature and
    not noise.

    Args:
        trajectory: along time, of plain tokens that are one cluster from the start, with states "points".
    """
    widths = late_widths(trajectory)
    seen = (widths > _FINEST * widths[0]) & np.isfinite(widths)
    if np.count_nonzero(seen) < 3:
        return Estimate.exact(np.nan)
    fit: Any = linregress(trajectory.axis.points[seen], np.log(widths[seen]))
    half = float(student.ppf((1 + _CONFIDENCE) / 2, np.count_nonzero(seen) - 2)) * float(fit.stderr)
    rate = -float(fit.slope)
    return Estimate.heuristic(rate, rate - half, rate + half)

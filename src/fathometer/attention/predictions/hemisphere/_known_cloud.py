"""When tokens that are known up to an error are one cluster at the latest, and how fast they get there."""

import math

import numpy as np
from scipy.spatial.distance import pdist

from fathometer.attention.model.hemisphere._known_cloud import KnownCloud
from fathometer.attention.observables.clusters._clusters import default_resolution
from fathometer.attention.predictions.hemisphere._cone_time import (
    ConeCourse,
    chart_width,
    cone_course,
    contraction,
    fastest_contraction,
)

LEAST_MARGIN = 1e-9
"""Height over the hemisphere's rim below which nothing is said."""
_FEW = 2048
"""Tokens up to which all pairs are looked at."""


def chart_bounds(cloud: KnownCloud) -> tuple[float, float]:
    """Return r_0 and D that hold for the true tokens: the margin rounded down, the width of the chart rounded up.

    With |x - x'| <= e and heights r and r' >= r - e over the rim, |x/h - x'/h'| <= e (1 + 1/r') / r.

    The width is infinite, and the margin alone bounds it, if that is not above 1e-9 or there are over 2048 tokens.
    """
    least, own = float(cloud.margin.lower), float(cloud.margin.value)
    if least <= LEAST_MARGIN:
        return least, math.inf
    points = cloud.system.points
    if len(points) > _FEW:
        return least, math.inf
    width = float(np.max(pdist(points / (points @ cloud.axis)[:, None]), initial=0.0))
    return least, (width + 2 * cloud.error * (1 + 1 / least) / own) * (1 + 1e-14)


def certified_course(cloud: KnownCloud, last: float | None = None) -> ConeCourse:
    """Bound the width of the chart of the true tokens, with log times since the start of the run.

    Args:
        cloud: tokens whose certified margin is above 1e-9.
        last: as for `cone_course`.
    """
    widths, elapsed = cone_course(*chart_bounds(cloud), cloud.system.beta, last)
    total = elapsed if cloud.log_time is None else np.logaddexp(cloud.log_time, elapsed) + 1e-12
    return ConeCourse(widths, total)


def certified_log_time(cloud: KnownCloud) -> float:
    """Log of the time by which the tokens are one cluster at the latest; NaN if no hemisphere is certain."""
    if float(cloud.margin.lower) <= LEAST_MARGIN:
        return math.nan
    return float(certified_course(cloud).log_times[-1])


def certified_rate(cloud: KnownCloud) -> float:
    """Rate at which their width falls exponentially, at least, once they are one cluster."""
    width = chart_width(default_resolution(cloud.system.beta))
    return contraction(width, float(cloud.margin.lower), cloud.system.beta)


def rate_limits(cloud: KnownCloud) -> tuple[float, float]:
    """Least and largest rate at which the log of the width of the chart falls, from now on.

    Args:
        cloud: tokens whose certified margin is above 1e-9.
    """
    margin, width = chart_bounds(cloud)
    system = cloud.system
    return contraction(width, margin, system.beta), fastest_contraction(width, system.beta, system.model)

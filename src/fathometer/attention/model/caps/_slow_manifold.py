"""Caps on the circle around the slow manifold: how close tokens must be, and how much of the pull leaks between caps.

The slow manifold is where no two tokens of one cap are more than exp(-lambda beta / 2) apart, in radians.
"""

import numpy as np

from fathometer.attention.model.caps._geometry import cap_widths
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud, log_leak, log_pull
from fathometer.evidence import AtLeast, Estimate, Hypothesis, Problem, Within

FLATNESS = 0.97
"""Least slope of the pull between tokens within sqrt(1/(beta + 1/2))/8: at least (1 - 1/64) exp(-1/128) (derived)."""


def smallest_delta(cloud: SeparatedCloud) -> float:
    """The least delta that the leak between the caps allows, 8 (1 + beta) exp(-(1 - alpha) beta - 1/2)."""
    return float(8 * (1 + cloud.system.beta) * np.exp(log_leak(cloud) - 0.5))


def reach(cloud: SeparatedCloud) -> float:
    """Angle sqrt((1 - delta)/(beta + 1/2))/8 within which the tokens of a cap must be, at the least delta."""
    return float(np.sqrt(max(0.0, 1 - smallest_delta(cloud)) / (cloud.system.beta + 0.5)) / 8)


def plain_slow_manifold_constant(cloud: SeparatedCloud) -> float:
    """min_q n_q / n^2: the Polyak-Lojasiewicz constant around the slow manifold for beta to infinity (derived)."""
    counts = np.bincount(cloud.members)
    return float(np.min(counts[counts > 0])) / len(cloud.members) ** 2


def relative_leak(cloud: SeparatedCloud) -> float:
    """Largest force between caps, as a share of the least force inside of them next to the slow manifold.

    It is q = n exp(-(1 - alpha - lambda/2) beta) / sqrt(0.99 n kappa), kappa = 0.97 min_q n_q / n^2: the forces from
    other caps are at most exp(-(1 - alpha) beta)/sqrt(n) together, those inside at least sqrt(0.99 kappa)
    exp(-lambda beta / 2)/n if one cap is wider than exp(-lambda beta / 2) and none than `reach` (derived).
    With separated caps and an admissible rate it is below sqrt(eps/n)/2 * 1.03, hence below 0.1 (derived).
    """
    n, kappa = len(cloud.members), FLATNESS * plain_slow_manifold_constant(cloud)
    log_share = log_leak(cloud) + cloud.rate * cloud.system.beta / 2 + np.log(n / (0.99 * kappa)) / 2
    return float(np.exp(min(log_share, 700.0)))


def _dimension(problem: Problem) -> Estimate:
    return Estimate.exact(SeparatedCloud.expect(problem).system.points.shape[1])


def _room_for_delta(problem: Problem) -> Estimate:
    return Estimate.exact(1 - smallest_delta(SeparatedCloud.expect(problem)))


def _room_in_range(problem: Problem) -> Estimate:
    cloud = SeparatedCloud.expect(problem)
    widest = np.max(cap_widths(cloud.system.points[None], cloud.members, len(cloud.centres)))
    return Estimate.exact(reach(cloud) - 2 * np.arcsin(widest / 2))


def _log_excess_pull(problem: Problem) -> Estimate:
    cloud = SeparatedCloud.expect(problem)
    distance = 2 * np.sin(reach(cloud) / 2) ** 2
    pull = log_pull(distance, cloud.system.beta) if distance > 0 else -np.inf
    return Estimate.exact(pull - 2 * np.log(len(cloud.members)) - log_leak(cloud))


CAPS_ON_CIRCLE = Hypothesis("caps on the circle: d = 2", Within(2, 2, domain=(2, None)), _dimension)
CLOSE = (
    Hypothesis("a delta < 1 above the leak (room)", AtLeast(1e-12), _room_for_delta),
    Hypothesis("tokens of a cap close to each other (room)", AtLeast(0.0), _room_in_range),
    Hypothesis("so that they stay close: log pull there above the leak", AtLeast(1e-12), _log_excess_pull),
)

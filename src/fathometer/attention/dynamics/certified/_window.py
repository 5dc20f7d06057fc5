"""From which inverse temperature on clusters of given tokens are certified to stay apart for a while."""

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from fathometer.attention.dynamics.certified._collapse import known_clouds
from fathometer.attention.dynamics.certified._errors import angle_error
from fathometer.attention.model._system import LARGEST_BETA, ParticleSystem
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.attention.observables.clusters._clusters import default_resolution
from fathometer.attention.predictions._caps import metastability_certificate, missing_hypotheses
from fathometer.attention.predictions._metastable_threshold import metastability_threshold
from fathometer.attention.predictions.lifetime._lifetime import cluster_lifetime
from fathometer.evidence import InputError, Trajectory, finite_array
from fathometer.numerics import single_linkage

_SHARE = 1e-3
"""How finely the threshold is bisected, relative to itself."""
_LARGEST_ERROR = 0.1
"""Error of a token up to which a moment is looked at."""
_MOST_CLUSTERS = 8
_FACTOR = 1.5
"""By what the inverse temperature grows beyond the grid."""


class MetastableWindow(NamedTuple):
    """Clusters that are certified to be tight by a time and apart until another one.

    Attributes:
        clusters: how many.
        log_start: log of the time T_1 by which they are tight.
        log_end: log of the time T_2 up to which they are apart.
    """

    clusters: int
    log_start: float
    log_end: float


Certificate = Callable[[ParticleSystem], MetastableWindow | None]
"""From tokens to a window with log T_2 > log T_1, or None."""


class MetastableScan(NamedTuple):
    """Where a certificate applies, on a scan upwards.

    Attributes:
        last_failure: largest inverse temperature looked at where it does not apply; None if it applies to all.
        first_success: smallest one looked at above which it always does; None if there is none.
        windows: at every inverse temperature of the grid; None where it does not apply.
    """

    last_failure: float | None
    first_success: float | None
    windows: tuple[MetastableWindow | None, ...]


def separated_caps(system: ParticleSystem) -> MetastableWindow | None:
    """The main theorem of dynamic metastability, for two or more caps and equal masses.

    Args:
        system: the tokens at time 0.
    """
    if np.ptp(system.masses) * len(system.masses) > 1e-9 or len(system.points) < 2 or system.beta <= 1:
        return None
    cloud = metastability_certificate(system)
    if len(cloud.centres) == 1:
        cloud = _several_caps(system)
    if cloud is None or missing_hypotheses(cloud):
        return None
    start, end = float(cloud.log_time_to_slow_manifold.value), float(cloud.log_exit_time.value)
    return MetastableWindow(len(cloud.centres), start, end) if end > start else None


def last_plateau(run: Trajectory, room: float = 0.0) -> MetastableWindow | None:
    """The clusters of a run that are the last to be apart, and how long they are so at the least, a posteriori.

    T_1 is the first moment of that plateau, T_2 the end of the lower bound that `cluster_lifetime` proves from there.

    Args:
        run: of plain tokens, along time or log time, with states "points" and twins.
        room: as for `certified_collapse`.
    """
    clouds = [cloud for cloud in known_clouds(run, room) if cloud.error < _LARGEST_ERROR]
    chord = default_resolution(ParticleSystem.expect(run.problem).beta)
    labels = [single_linkage(cloud.system.points, chord) for cloud in clouds]
    counts = np.array([int(label.max()) + 1 for label in labels])
    apart = np.flatnonzero(counts > 1)
    if not len(apart) or counts[apart[-1]] > _MOST_CLUSTERS:
        return None
    since = int(np.flatnonzero(counts == counts[apart[-1]])[0])
    cloud = clouds[since]
    life = cluster_lifetime(cloud.system, labels[since], error=1.05 * angle_error(cloud.error))
    start = -math.inf if cloud.log_time is None else cloud.log_time
    return MetastableWindow(int(counts[since]), start, float(np.logaddexp(start, life.log_time)) - 1e-12)


def is_long(window: MetastableWindow | None) -> bool:
    """Whether clusters stay for longer than they took to form: T_2 >= 2 T_1."""
    return window is not None and window.log_end >= window.log_start + math.log(2)


def _several_caps(system: ParticleSystem) -> SeparatedCloud | None:
    """The caps that are the first to be admissible, where a single one would do."""
    clusters = metastability_threshold(system).clusters
    return metastability_certificate(system, clusters=clusters) if clusters else None


def metastable_scan(
    system: ParticleSystem, betas: ArrayLike, certificate: Certificate = separated_caps
) -> MetastableScan:
    """Look where a certificate applies, on a grid and upwards of it, and bisect the last change.

    Admissibility is not monotone in beta, so that a scan says where it was looked, and no more.

    Args:
        system: the tokens at time 0; their beta does not matter.
        betas: shape (b,), ascending, positive.
        certificate: what is to apply.

    Raises:
        InputError: if there are no inverse temperatures.
    """
    grid = finite_array("betas", betas, ndim=1)
    if not len(grid):
        raise InputError("betas must not be empty")

    def applies(beta: float) -> bool:
        return certificate(dataclasses.replace(system, beta=beta)) is not None

    windows = tuple(certificate(dataclasses.replace(system, beta=float(beta))) for beta in grid)
    looked = [(float(beta), window is not None) for beta, window in zip(grid, windows, strict=True)]
    while not looked[-1][1] and looked[-1][0] < LARGEST_BETA:
        beta = min(looked[-1][0] * _FACTOR, LARGEST_BETA)
        looked.append((beta, applies(beta)))
    return MetastableScan(*last_change(looked, applies, _SHARE), windows)


def last_change(
    looked: Sequence[tuple[float, bool]], applies: Callable[[float], bool], share: float
) -> tuple[float | None, float | None]:
    """The largest failure and the smallest success above it, bisected; None for what there is not.

    Args:
        looked: inverse temperatures, ascending, and whether it applies there.
        applies: whether it does at another one.
        share: how near each other the two are to be, relative to themselves.
    """
    failures = [beta for beta, success in looked if not success]
    if not failures:
        return None, looked[0][0]
    low = failures[-1]
    above = [beta for beta, _ in looked if beta > low]
    if not above:
        return low, None
    high = above[0]
    while high > low * (1 + share):
        middle = math.sqrt(low * high)
        low, high = (low, middle) if applies(middle) else (middle, high)
    return low, high

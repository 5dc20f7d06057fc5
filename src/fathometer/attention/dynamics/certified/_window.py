"""From which inverse temperature on clusters of given tokens are certified to stay apart for a while."""

import dataclasses
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from fathometer.attention.model._system import LARGEST_BETA, ParticleSystem
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.attention.predictions._caps import metastability_certificate, missing_hypotheses
from fathometer.attention.predictions._metastable_threshold import metastability_threshold
from fathometer.evidence import InputError

_SHARE = 1e-3
"""How finely the threshold is bisected, relative to itself."""
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


def _several_caps(system: ParticleSystem) -> SeparatedCloud | None:
    """The caps that are the first to be admissible, where a single one would do."""
    clusters = metastability_threshold(system).clusters
    return metastability_certificate(system, clusters=clusters) if clusters else None


def metastable_scan(
    system: ParticleSystem, betas: Float[np.ndarray, " b"], certificate: Certificate = separated_caps
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
    if not len(betas):
        raise InputError("betas must not be empty")

    def at(beta: float) -> MetastableWindow | None:
        return certificate(dataclasses.replace(system, beta=beta))

    windows = tuple(at(float(beta)) for beta in betas)
    looked = [(float(beta), window is not None) for beta, window in zip(betas, windows, strict=True)]
    while not looked[-1][1] and looked[-1][0] < LARGEST_BETA:
        beta = min(looked[-1][0] * _FACTOR, LARGEST_BETA)
        looked.append((beta, at(beta) is not None))
    if not looked[-1][1]:
        return MetastableScan(looked[-1][0], None, windows)
    failures = [beta for beta, success in looked if not success]
    if not failures:
        return MetastableScan(None, looked[0][0], windows)
    low = failures[-1]
    high = min(beta for beta, _ in looked if beta > low)
    return MetastableScan(*_bisected(at, low, high), windows)


def _bisected(at: Callable[[float], MetastableWindow | None], low: float, high: float) -> tuple[float, float]:
    """A failure and a success above it that are near each other."""
    while high > low * (1 + _SHARE):
        middle = math.sqrt(low * high)
        low, high = (low, middle) if at(middle) is not None else (middle, high)
    return low, high

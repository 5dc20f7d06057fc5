"""How much clusters other than its partner disturb a cluster on its way."""

from functools import lru_cache

import numpy as np
from jaxtyping import Bool, Float
from scipy.special import logsumexp

from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.attention.observables._two_tokens import contact_gap
from fathometer.attention.predictions._staircase import Staircase, geodesic_point, predicted_staircase

_NODES = 32


@lru_cache(maxsize=4)  # a hypothesis and a prediction ask for the same
def log_time_shifts(system: ParticleSystem) -> Float[np.ndarray, " m"]:
    """By how much pulls of others than the partner may move the log times of `predicted_staircase` (derived).

    While a pair closes its gap by dw, another pull v displaces a cluster by v dw/V, V the closing rate of the pair. A
    displacement d of both clusters of a later pair moves its beta (1 - cos w) - 2 log sin w by up to
    2 d (beta sin w + 2/sin w). To first order; displacements of earlier mergers add up.

    Args:
        system: tokens that `predicted_staircase` takes.
    """
    stairs, contact = predicted_staircase(system), contact_gap(system.beta)
    displacements = np.cumsum([_displacement(system, stairs, k, contact) for k in range(len(stairs.gaps))])
    sines = np.sin(np.maximum(stairs.gaps, contact))
    return 2 * displacements * (system.beta * sines + 2 / sines)


def _displacement(system: ParticleSystem, stairs: Staircase, number: int, contact: float) -> float:
    """Integral of v/V over the gap of one merger, v the strongest pull on any cluster that is not its partner's."""
    gap = float(stairs.gaps[number])
    if gap <= contact:
        return 0.0
    groups = _groups(stairs, number)
    masses = np.array([system.masses[list(group)].sum() for group in groups])
    closed = (gap - contact) * np.append(0.0, np.geomspace(min(1e-2 / (system.beta * gap), 1e-2), 1.0, _NODES))
    partners = _partners(stairs, groups)
    ratios = [_stray_ratio(system, _places(stairs, number, s / gap), masses, gap - s, partners) for s in closed]
    return float(np.trapezoid(ratios, closed))


def _groups(stairs: Staircase, number: int) -> list[tuple[int, ...]]:
    """Clusters just before a merger: the two that merge, and then the others."""
    made = {tuple(sorted(first + second)) for first, second in stairs.members[number:]}
    return [group for pair in stairs.members[number:] for group in pair if group not in made]


def _partners(stairs: Staircase, groups: list[tuple[int, ...]]) -> Bool[np.ndarray, "k k"]:
    """Which of the clusters merge with each other before any other; no cluster pulls itself either."""
    where = {group: i for i, group in enumerate(groups)}
    partners = np.eye(len(groups), dtype=bool)
    for first, second in stairs.members:
        if first in where and second in where:
            i, k = where[first], where[second]
            partners[i, k] = partners[k, i] = True
    return partners


def _places(stairs: Staircase, number: int, share: float) -> Float[np.ndarray, "k d"]:
    """Places of `_groups` when the pair has closed a share of its gap."""
    place_of = {
        group: place
        for pair, places in zip(stairs.members, stairs.starts, strict=True)
        for group, place in zip(pair, places, strict=True)
    }
    places = np.array([place_of[group] for group in _groups(stairs, number)])
    end = place_of.get(tuple(sorted(sum(stairs.members[number], ()))), stairs.place)
    for side in (0, 1):
        places[side] = geodesic_point(places[side], end, share)
    return places


def _stray_ratio(
    system: ParticleSystem,
    places: Float[np.ndarray, "k d"],
    masses: Float[np.ndarray, " k"],
    gap: float,
    partners: Bool[np.ndarray, "k k"],
) -> float:
    """Strongest pull on a cluster by others than its partner, relative to the closing rate of the first two.

    Pulls are taken without their factor sin, so that they bound what others add to a partition function, too.
    """
    square = np.sum((places[:, None] - places) ** 2, axis=-1)
    logs = np.log(masses) - system.beta * square / 2
    if system.model is Model.SA:
        logs = logs - logsumexp(logs, axis=1, keepdims=True)
    closing = np.log(np.sin(gap)) + np.logaddexp(logs[0, 1], logs[1, 0])
    strays = np.where(partners, -np.inf, logs)
    return float(np.exp(np.max(np.logaddexp.reduce(strays, axis=1)) - closing))

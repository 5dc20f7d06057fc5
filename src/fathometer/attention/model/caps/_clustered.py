"""Tokens that are known to some error, and clusters of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fathometer.attention.model._system import ParticleSystem
from fathometer.evidence import InputError, Problem, finite_number


@dataclass(frozen=True, eq=False)
class ClusteredTokens(Problem):
    """Clusters at a moment, and the distance between their tokens that ends their life.

    Attributes:
        system: the tokens at that moment, from which on time counts.
        members: number of the cluster of each token, shape (n,), from 0 on, every one used.
        error: of the positions, an angle in radians, in [0, 1].
        event_chord: in (0, 1].

    Raises:
        InputError: if a value is not as above.
    """

    system: ParticleSystem
    members: NDArray[np.int64]
    error: float
    event_chord: float

    def __post_init__(self) -> None:
        labels, n = np.asarray(self.members), len(self.system.points)
        if labels.shape != (n,) or labels.dtype.kind not in "iu":
            raise InputError(f"members must be {n} whole numbers, got shape {labels.shape} of {labels.dtype}")
        if not np.array_equal(np.unique(labels), np.arange(labels.max() + 1)):
            raise InputError(f"members must be the numbers from 0 on, every one used, got {np.unique(labels)[:20]}")
        object.__setattr__(self, "members", labels.astype(np.int64))
        object.__setattr__(self, "error", finite_number("error", self.error, at_least=0, at_most=1))
        object.__setattr__(self, "event_chord", finite_number("event_chord", self.event_chord, above=0, at_most=1))


@dataclass(frozen=True, eq=False)
class Plateaus(Problem):
    """Clusters at a moment of each of several plateaus of a collapse.

    Attributes:
        starts: at least one; the time of each counts from its own moment.
        ends: number of the event of the collapse that ends each plateau, ascending.
    """

    starts: tuple[ClusteredTokens, ...]
    ends: tuple[int, ...]

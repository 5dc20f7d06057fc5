"""The first stage: a cloud, in common time, until its clusters stand apart."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from fathometer.attention.dynamics.large.collapse._adams import Adams
from fathometer.attention.dynamics.large.collapse._merging import Groups, along, cells, contracting, only
from fathometer.attention.dynamics.large.collapse._tree import Tree
from fathometer.attention.dynamics.large.collapse.sums._interaction import Choice
from fathometer.attention.model._system import Model, ParticleSystem

_EVERY = 6
"""Steps between looks for tokens to merge."""

_SHIFTS = 0x5EED

_ONE = 1e-10
"""Side, times max(1, beta), of the cells whose tokens are one from the beginning: far above rounding, and less than the
merge chord of the compiled steps."""

_COARSE = 1000.0
"""Beta up to which places are as accurate as the tolerance says."""


@dataclass(frozen=True)
class Scales:
    """How the first two stages are run.

    Attributes:
        tolerance: error of a prediction, as a length, for beta up to 1000.
        merge_chord: side of the cells whose tokens become one, in units of 1/sqrt(max(1, beta)).
        until: time in SA units, of contraction of a cluster on its own, until which the first stage lasts.
    """

    tolerance: float = 1e-8
    merge_chord: float = 3e-4
    until: float = 25.0

    def chord(self, beta: float) -> float:
        """The side as a length."""
        return self.merge_chord / math.sqrt(max(1.0, beta))

    def accuracy(self, beta: float) -> float:
        """The tolerance, finer for a large beta: log times of late mergers feel places by that much more."""
        return self.tolerance * min(1.0, math.sqrt(_COARSE / beta))


class Continuum:
    """A cloud on its way, with the merge tree so far.

    Attributes:
        adams: points and velocities.
        masses: shape (k,).
        tree: who has become one with whom.
        evaluations: of the velocities.
    """

    def __init__(self, system: ParticleSystem, scales: Scales) -> None:
        """Begin at time 0.

        Args:
            system: the tokens.
            scales: how the stage is run.
        """
        self.system, self.scales = system, scales
        order = along(system.points)
        self.masses, self.evaluations = system.masses[order], 0
        self.tree = Tree.going_on(len(order), order, np.ones(len(order), int), np.zeros((0, 4)))
        # velocities of USA are smaller by the factor Z: in its own time a step is as long, and so is its error
        self.adams = Adams(system.points[order], scales.accuracy(system.beta))
        self._partition = np.ones(len(self.masses))
        self._choice = Choice(system.beta, system.points.shape[1], max(scales.tolerance / 10, 1e-12))
        self._sums = self._choice.of(self.adams.points, self.masses)
        if len(self.masses) > 1:
            # off the coordinates' own zeros and ones, at which a rounding would part what is one
            shift = np.full(system.points.shape[1], 0.37)
            self._merge(cells(self.adams.points, max(_ONE / max(1.0, system.beta), 1e-14), shift))

    @property
    def pace(self) -> float:
        """How much of the time of SA has passed at each unit of time: 1, and Z at the mass-weighted mean in USA."""
        return 1.0 if self.system.model is Model.SA else float(self.masses @ self._partition)

    def run(self, report: Callable[["Continuum"], object]) -> None:
        """Step and merge until the stage is over.

        Args:
            report: called after every look for tokens to merge.
        """
        adams = self.adams
        if not adams.times and len(self.masses) > 1:
            adams.begin(self.velocity)
        while not self.over:
            adams.longest = 0.5 / self.pace
            if adams.advance(self.velocity, math.inf, self._rates()) and adams.accepted % _EVERY == 0:
                self._look()
                report(self)

    @property
    def over(self) -> bool:
        """Whether one cluster is left or the time has come."""
        return len(self.masses) == 1 or self.adams.time * self.pace >= self.scales.until

    def velocity(self, points: Float[np.ndarray, "k d"]) -> Float[np.ndarray, "k d"]:
        """Velocities at points of the clusters, shape (k, d)."""
        self.evaluations += 1
        force, self._partition = self._sums(points, self.masses)
        return force if self.system.model is Model.USA else force / self._partition[:, None]

    def adopt(self, adams: Adams, masses: Float[np.ndarray, " k"], tree: Tree, evaluations: int) -> None:
        """Go on from a state that was kept.

        Args:
            adams: points and velocities.
            masses: shape (k,).
            tree: who has become one with whom.
            evaluations: of the velocities so far.
        """
        self.adams, self.masses, self.tree, self.evaluations = adams, masses, tree, evaluations
        self._sums = self._choice.of(adams.points, masses)
        _, self._partition = self._sums(adams.points, masses)

    def _rates(self) -> Float[np.ndarray, " k"]:
        return np.ones(len(self.masses)) if self.system.model is Model.SA else self._partition

    def _look(self) -> None:
        adams = self.adams
        # where the grid lies depends on the step alone, so that a run that was interrupted sees the same cells
        shift = np.random.default_rng((_SHIFTS, adams.accepted)).random(adams.points.shape[1])
        groups = cells(adams.points, self.scales.chord(self.system.beta), shift)
        if len(groups.starts) > 0.995 * len(self.masses) > 1000:
            return
        chosen = contracting(groups, adams.points, adams.velocities[0], self.masses, self._rates())
        self._merge(only(groups, chosen))

    def _merge(self, groups: Groups) -> None:
        if len(groups.starts) == len(self.masses):
            return
        adams, weights = self.adams, self.masses[:, None]
        total = groups.totals(weights)
        self._choice.note(adams.points, self.masses)
        points, *velocities = (groups.totals(weights * rows) / total for rows in (adams.points, *adams.velocities))
        adams.points = points / np.sqrt(np.einsum("ij,ij->i", points, points))[:, None]
        adams.velocities = velocities
        self._partition = groups.totals(self.masses * self._partition) / total[:, 0]
        self.masses = total[:, 0]
        self.tree.merge(groups, math.log(adams.time) if adams.time > 0 else -math.inf)
        self._sums = self._choice.of(adams.points, self.masses)

"""Who attracts whom most: the strongest two partners of every cluster, kept up to date."""

import numpy as np
from jaxtyping import Bool, Float, Int

from fathometer.attention.dynamics.collapse._cloud import Cloud
from fathometer.attention.dynamics.collapse.pairs._attraction import log_strength
from fathometer.attention.model._system import Model

_FEW = 64
"""Clusters up to which it is faster to compare all than to find out what has changed."""


class Partners:
    """Strongest and second strongest attraction of every present cluster.

    The attraction of i and j is `log_strength` - beta s: neither moves faster because of the other.

    Attributes:
        best: log of the strongest attraction, by cluster.
        partner: whose it is, by cluster.
        second: log of the next one, by cluster.
    """

    def __init__(self, cloud: Cloud, beta: float, model: Model) -> None:
        self._cloud, self._beta, self._model = cloud, beta, model
        size = len(cloud.points)
        self.best, self.second = np.full(size, -np.inf), np.full(size, -np.inf)
        self.partner = np.full(size, -1)
        self._runner_up = np.full(size, -1)
        self._seen = np.full_like(cloud.points, np.nan)

    def update(self) -> None:
        """Take account of clusters that have moved, appeared or gone since the last call."""
        alive = self._cloud.alive
        if len(alive) <= _FEW:
            self._insert(alive, alive, self.attraction(alive, alive))
            return
        far = np.linalg.norm(self._cloud.points[alive] - self._seen[alive], axis=1)
        stale = ~(far <= 0.05 / max(1.0, self._beta))
        gone = np.ones(len(self.best), bool)
        gone[alive[~stale]] = False
        lost = gone[self.partner[alive]] | gone[self._runner_up[alive]]
        self._rescan(alive, stale | lost)
        self._offer(alive[~(stale | lost)], alive[stale])
        self._seen[alive[stale]] = self._cloud.points[alive[stale]]

    def _rescan(self, alive: Int[np.ndarray, " k"], chosen: Bool[np.ndarray, " k"]) -> None:
        """Compare the chosen clusters with all."""
        rows = np.flatnonzero(chosen)
        for block in np.array_split(rows, len(rows) * len(alive) // 2_000_000 + 1):
            self._insert(alive[block], alive, self.attraction(alive[block], alive))

    def _insert(self, rows: Int[np.ndarray, " r"], columns: Int[np.ndarray, " c"], rates: Float[np.ndarray, "r c"]):
        every = np.arange(len(rows))
        first = np.argmax(rates, axis=1)
        self.best[rows], self.partner[rows] = rates[every, first], columns[first]
        rates[every, first] = -np.inf
        then = np.argmax(rates, axis=1)
        self.second[rows], self._runner_up[rows] = rates[every, then], columns[then]

    def _offer(self, rows: Int[np.ndarray, " r"], columns: Int[np.ndarray, " c"]) -> None:
        """Compare clusters whose two partners still stand with those that are new or have moved."""
        if not (len(rows) and len(columns)):
            return
        known = np.stack([self.best[rows], self.second[rows]], axis=1)
        numbers = np.stack([self.partner[rows], self._runner_up[rows]], axis=1)
        for block in np.array_split(np.arange(len(rows)), len(rows) * len(columns) // 2_000_000 + 1):
            rates = np.hstack([known[block], self.attraction(rows[block], columns)])
            owners = np.hstack([numbers[block], np.broadcast_to(columns, (len(block), len(columns)))])
            order = np.argsort(-rates, axis=1)[:, :2]
            top, who = np.take_along_axis(rates, order, 1), np.take_along_axis(owners, order, 1)
            self.best[rows[block]], self.second[rows[block]] = top.T
            self.partner[rows[block]], self._runner_up[rows[block]] = who.T

    def attraction(self, rows: Int[np.ndarray, " r"], columns: Int[np.ndarray, " c"]) -> Float[np.ndarray, "r c"]:
        """Log of the attraction between clusters; -inf of a cluster and itself."""
        masses, points = self._cloud.log_masses, self._cloud.points
        strengths = log_strength(masses[rows][:, None], masses[columns][None], self._model)
        rates = strengths - self._beta * (1 - points[rows] @ points[columns].T)
        rates[rows[:, None] == columns] = -np.inf
        return rates

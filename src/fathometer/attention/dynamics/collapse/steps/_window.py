"""What is handed to the compiled steps: clusters that move and clusters that they feel, in arrays of a few sizes."""

import math

import jax
import numpy as np
from jaxtyping import Float, Int

from fathometer.attention.dynamics.collapse._cloud import Cloud, Clusters
from fathometer.attention.dynamics.collapse.pairs._attraction import relevant_pairs
from fathometer.attention.dynamics.collapse.steps._force import Force, Sources, force
from fathometer.attention.model._system import Model, ParticleSystem

_ALL = 32
"""Number of clusters up to which all are looked at."""

_SLACK = 4.0
"""By how many e-folds attractions may change while a window is open."""

_SQUARE = 128
"""Number of slots up to which all rows and columns are kept: fewer shapes to compile."""

_WIDTHS = (32, 64, 128, 192, 256, 384, *(1 << k for k in range(9, 20)))
"""Lengths of neighbour lists."""

_LIST_COST = 5
"""Time that a listed pair takes, in units of a pair of a full table."""


class Window:
    """Clusters in slots, the moving ones first. A slot is emptied or gets another cluster, and is never moved.

    Attributes:
        numbers: cluster in every slot, -1 where there is none.
        points: shape (slots, d).
        reference: where the leading slots were when the window was opened.
        travel: how far from there they may go before another window must be opened.
        log_duration: log of the time after which another one must be opened.
        log_elapsed: log of the time since it was opened.
    """

    def __init__(
        self, cloud: Cloud, held: Int[np.ndarray, " h"], beta: float, model: Model, scale: float, depth: float
    ) -> None:
        """Look at the clusters that matter.

        Args:
            cloud: the clusters, not all of them held.
            held: numbers of those that do not move.
            beta: inverse temperature.
            model: SA or USA.
            scale: motion that may be missed, as a length.
            depth: log of how long the window is good for, in units of the time in which its fastest cluster turns by 1.
        """
        self._cloud, self._beta = cloud, beta
        alive, pairs = cloud.alive, None
        still = np.isin(alive, held)
        self.travel = self.log_duration = math.inf
        self.log_elapsed = -math.inf
        if len(alive) > _ALL and beta > 0:
            pairs, log_rate, reach = relevant_pairs(cloud, ~still, beta, model, depth + _SLACK - math.log(scale))
            if pairs is not None:
                self.travel = _SLACK / 2 / max(beta * reach, 1.0)
                self.log_duration = math.log(scale) - log_rate - _SLACK
        chosen = np.arange(len(alive)) if pairs is None else np.unique(pairs)
        order = np.concatenate([chosen[~still[chosen]], chosen[still[chosen]]])
        movers, total = int(np.count_nonzero(~still[chosen])), len(order)
        size = padded(total)
        rows = size if size <= max(_SQUARE, 4 * movers) else padded(movers)
        self.numbers = np.full(size, -1)
        self.numbers[:total] = alive[order]
        self.points = np.tile(cloud.points[alive[0]], (size, 1))
        self.points[:total] = cloud.points[alive[order]]
        self._log_masses = np.full(size, -np.inf)
        self._log_masses[:total] = cloud.log_masses[alive[order]]
        self._moves = np.arange(rows) < movers
        self.reference = self.points[:rows].copy()
        self._neighbours = None if pairs is None else _lists(pairs, order, rows, size)

    def __len__(self) -> int:
        return int(np.count_nonzero(self.numbers >= 0))

    @property
    def pairs(self) -> int:
        """Pairs in one evaluation of the force."""
        return len(self._moves) * (len(self.numbers) if self._neighbours is None else self._neighbours.shape[1])

    @property
    def movers(self) -> Int[np.ndarray, " r"]:
        """Slots that move."""
        return np.flatnonzero(self._moves)

    def sources(self) -> Sources:
        """Return the arrays that stay as they are during a run of steps."""
        groups = np.where(self.numbers >= 0, self._cloud.groups(self.numbers), -1)
        return Sources(self._log_masses, self._moves, groups, self._ties(), self._neighbours, self._beta)  # type: ignore[arg-type]  (NumPy arrays are handed to compiled code faster)

    def _ties(self) -> Int[np.ndarray, "c 2"]:
        slots = {number: slot for slot, number in enumerate(self.numbers.tolist())} if self._cloud.ties else {}
        inside = [(slots[i], slots[j]) for i, j in self._cloud.ties if i in slots and j in slots]
        ties = np.zeros((max(len(self.numbers), padded(len(inside))), 2), int)  # there may be more ties than clusters
        ties[: len(inside)] = np.array(inside, int).reshape(-1, 2)
        return ties

    def place(self, points: Float[np.ndarray, "c d"]) -> None:
        """Take over where the slots are now."""
        self.points = np.array(points)
        moving = self.movers
        self._cloud.points[self.numbers[moving]] = self.points[moving]

    def replace(self, first: int, second: int, merged: int) -> None:
        """Put the merger of two clusters into the slot of the first and empty that of the second.

        Args:
            first: number of a cluster in the window.
            second: number of another one.
            merged: number of the cluster that they have become.
        """
        slot, empty = self._slot(first), self._slot(second)
        moving = self._moves[: max(slot, empty) + 1]
        if empty < len(self._moves) and (slot >= len(self._moves) or not moving[slot]):
            slot, empty = empty, slot
        self.numbers[slot], self.numbers[empty] = merged, -1
        self.points[slot] = self._cloud.points[merged]
        self._log_masses[slot], self._log_masses[empty] = self._cloud.log_masses[merged], -np.inf
        if empty < len(self._moves):
            self._moves[empty] = False

    def _slot(self, number: int) -> int:
        return int(np.flatnonzero(self.numbers == number)[0])


def _lists(
    pairs: Int[np.ndarray, "pairs 2"], order: Int[np.ndarray, " k"], rows: int, size: int
) -> Int[np.ndarray, "rows q"] | None:
    """Neighbours of every row by slot, or None where a full table costs less."""
    slot = np.full(int(order.max()) + 1, size)
    slot[order] = np.arange(len(order))
    both = slot[np.concatenate([pairs, pairs[:, ::-1]])]
    both = both[both[:, 0] < rows]
    degrees = np.bincount(both[:, 0], minlength=rows)
    width = next(width for width in _WIDTHS if degrees.max() <= width)
    if size <= _SQUARE or _LIST_COST * width > size:
        return None
    both = both[np.argsort(both[:, 0], kind="stable")]
    place = np.arange(len(both)) - np.repeat(np.cumsum(degrees) - degrees, degrees)
    lists = np.full((rows, width), size, np.int32)
    lists[both[:, 0], place] = both[:, 1]
    return lists


def padded(count: int) -> int:
    """Return the size of an array for that many clusters: 8, 32, 128, 256, 512, and from there on 2^k or 3/2 2^k."""
    if count <= 512:
        return next(size for size in (8, 32, 128, 256, 512) if count <= size)
    power = 1 << (count - 1).bit_length()
    return power if 4 * count > 3 * power else 3 * power // 4


def nearby_force(system: ParticleSystem, depth: float) -> tuple[Int[np.ndarray, " r"], Force, int]:
    """Force from the pairs whose attraction is at least exp(-depth) of the strongest one.

    Args:
        system: tokens, not all at one place, and beta, above 0.
        depth: in e-folds.

    Returns:
        The tokens that feel one of these pairs, the force with one row for each of them in front, and the number of
        pairs in the lists.
    """
    none = np.zeros(0, int)
    window = Window(Cloud(Clusters.of(system)), none, system.beta, system.model, 1.0, depth - _SLACK)
    movers = window.movers
    motion = _compiled_force(window.points, window.sources(), system.model)
    return window.numbers[movers], motion, window.pairs


_compiled_force = jax.jit(force, static_argnames="model")

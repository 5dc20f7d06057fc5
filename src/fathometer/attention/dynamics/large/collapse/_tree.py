"""The merge tree of a large cloud, in the form of SciPy's linkage matrices."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from scipy.cluster.hierarchy import DisjointSet

from fathometer.attention.dynamics.large.collapse._merging import Groups

Rows = Float[np.ndarray, "rows 4"]


class Contact(NamedTuple):
    """Two of the clusters that the first stage has left come together.

    Attributes:
        log_time: natural logarithm of the time.
        first: place of one among them.
        second: place of the other.
    """

    log_time: float
    first: int
    second: int


class Tree:
    """Clusters 0 to n - 1 are the tokens; row i joins two clusters and makes cluster n + i.

    Attributes:
        tokens: n.
        labels: cluster of every present one, shape (k,).
        sizes: tokens of it, shape (k,).
        rows: two clusters, log time, tokens: of every merger so far.
    """

    def __init__(self, tokens: int) -> None:
        """Begin with every token on its own."""
        self.tokens = tokens
        self.labels: Int[np.ndarray, " k"] = np.arange(tokens)
        self.sizes: Int[np.ndarray, " k"] = np.ones(tokens, int)
        self._pieces: list[Rows] = []

    @property
    def rows(self) -> Rows:
        """The rows in one array."""
        self._pieces = [np.concatenate([*self._pieces, np.zeros((0, 4))])]
        return self._pieces[0]

    @classmethod
    def going_on(cls, tokens: int, labels: Int[np.ndarray, " k"], sizes: Int[np.ndarray, " k"], rows: Rows) -> "Tree":
        """Return a tree that was kept.

        Args:
            tokens: how many there are.
            labels: cluster of every present one, shape (k,).
            sizes: tokens of it, shape (k,).
            rows: of every merger so far.
        """
        tree = cls(tokens)
        tree.labels, tree.sizes, tree._pieces = labels, sizes, [rows]
        return tree

    def merge(self, groups: Groups, log_time: float) -> None:
        """Let each group of the present clusters become one; they are in the order of the groups from then on.

        Args:
            groups: of the present clusters.
            log_time: natural logarithm of the time; -inf at time 0.
        """
        labels, sizes = self.labels[groups.order], self.sizes[groups.order]
        begins = np.zeros(len(labels) + 1, bool)
        begins[groups.starts] = True
        later = np.flatnonzero(~begins[:-1])
        made = self.tokens + sum(map(len, self._pieces)) + np.arange(len(later))
        total = np.cumsum(sizes)
        before = np.repeat((total - sizes)[groups.starts], groups.counts)
        first = np.where(begins[later - 1], labels[later - 1], made - 1)
        self._pieces.append(np.stack([first, labels[later], np.full(len(later), log_time), (total - before)[later]], 1))
        labels[later] = made
        self.labels, self.sizes = labels[groups.starts + groups.counts - 1], groups.totals(self.sizes)

    def with_contacts(self, contacts: Iterable[Contact]) -> Rows:
        """Return all rows, with those of contacts after the present ones, in the order of their times.

        Args:
            contacts: of the present clusters; those of clusters that are together already are left out.
        """
        sets = DisjointSet(range(len(self.labels)))
        number, size = dict(enumerate(self.labels.tolist())), dict(enumerate(self.sizes.tolist()))
        rows, old = [], self.rows
        for log_time, first, second in sorted(contacts):
            roots = sets[first], sets[second]
            if not sets.merge(first, second):
                continue
            total = sum(size[root] for root in roots)
            rows.append((*(number[root] for root in roots), log_time, total))
            number[sets[first]], size[sets[first]] = self.tokens + len(old) + len(rows) - 1, total
        return np.concatenate([old, np.array(rows, float).reshape(-1, 4)])

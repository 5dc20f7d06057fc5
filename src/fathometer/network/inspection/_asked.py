"""What a network is inspected on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.network._network import Network

Announce = Callable[[str], object]
"""Is told in a few words what is computed next."""


@dataclass(frozen=True, eq=False)
class Asked:
    """A network with whatever is known about it; what is None is not known, and what needs it says so.

    Attributes:
        net: the network.
        loss: `loss(model, X, y)`, the mean over the rows given.
        X: rows, an array or a dictionary of arrays.
        y: shape (rows,).
        texts: token ids of each text, or batches by name.
        saw: numbers of the rows that it was trained on.
        seed: of everything random.
        sites: blocks that are recorded.
    """

    net: Network
    loss: Callable[..., Any] | None = None
    X: Any = None
    y: Any = None
    texts: Sequence[Any] | None = None
    saw: NDArray[np.int64] | None = None
    seed: int = 0
    sites: str | Sequence[str] = "residual"

    def rows(self, most: int) -> Any:
        """The first rows that it was trained on, or of all where that is not known.

        Args:
            most: how many.
        """
        chosen = np.arange(len(self.y))[:most] if self.saw is None or not len(self.saw) else self.saw[:most]
        if isinstance(self.X, dict):
            return {name: np.asarray(values)[chosen] for name, values in self.X.items()}, np.asarray(self.y)[chosen]
        return np.asarray(self.X)[chosen], np.asarray(self.y)[chosen]

"""Controls that are made of the same passages: a number is worth something beside one where there is nothing to see."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from fathometer.attention import centred_directions
from fathometer.network.layers.measuring._curve import lowest
from fathometer.network.layers.measuring._field import averages, tangent, tiles
from fathometer.network.layers.measuring._rungs import StepSums
from fathometer.network.recording._passage import Passage


class Control(StrEnum):
    """What stands beside a network.

    RANDOM: the same architecture with random weights. SHUFFLED: the same network on the tokens of each text in random
    order. CENTRED: the same tokens as seen from their mean. VALUES: tokens that start alike and move by the fitted
    steps of the model, but with a random value matrix for each block, the same for all tokens. TEXT: the same tokens,
    pulled by those of another text.
    """

    RANDOM = "random"
    SHUFFLED = "shuffled"
    CENTRED = "centred"
    VALUES = "values"
    TEXT = "text"


MADE = (Control.CENTRED, Control.VALUES, Control.TEXT)
"""Those that are made of the passages of the network itself; the others are runs of their own."""


@dataclass(frozen=True, eq=False)
class Seen:
    """A passage with what was made of it.

    Attributes:
        passage: the passage.
        x: its unit tokens before.
        y: and after.
        step: what was measured of it.
        betas: inverse temperatures that were tried.
    """

    passage: Passage
    x: Float[np.ndarray, "n d"]
    y: Float[np.ndarray, "n d"]
    step: StepSums
    betas: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Stand:
    """What stands in for a passage: another one, and the tokens that pull in it if they are not its own."""

    passage: Passage
    sources: Float[np.ndarray, "m d"] | None = None


Maker = Callable[[Seen], Stand | None]
"""From a passage to what stands in for it; None where there is nothing."""


def maker(control: Control) -> Maker:
    """What makes a control of `MADE`, with a memory of its own."""
    return {Control.CENTRED: _centred, Control.VALUES: _RandomValues(), Control.TEXT: _OtherText()}[control]


def _centred(seen: Seen) -> Stand:
    masses = np.full(len(seen.x), 1 / len(seen.x))
    x, y = (centred_directions(points, masses) for points in (seen.x, seen.y))
    kept = np.any(x != 0, axis=1) & np.any(y != 0, axis=1)
    return Stand(Passage(seen.passage.text, seen.passage.block, x[kept], y[kept], seen.passage.causal))


@dataclass
class _OtherText:
    """The tokens of the text before, at the same block."""

    last: dict[int, tuple[int, NDArray[np.float64]]] = field(default_factory=dict)

    def __call__(self, seen: Seen) -> Stand | None:
        text, block = seen.passage.text, seen.passage.block
        before = self.last.get(block)
        self.last[block] = text, seen.x
        return None if before is None or before[0] == text else Stand(seen.passage, before[1])


@dataclass
class _RandomValues:
    """Tokens that move with random values; those of the texts that are on their way are kept."""

    at: dict[int, tuple[int, NDArray[np.float64]]] = field(default_factory=dict)
    depth: int = 0

    def __call__(self, seen: Seen) -> Stand | None:
        text, block = seen.passage.text, seen.passage.block
        if block == 0:
            self._forget()
            self.at[text] = 0, seen.x
        if (kept := self.at.get(text)) is None:
            return None
        y = self._moved(seen, kept[1])
        self.at[text], self.depth = (block + 1, y), max(self.depth, block + 1)
        return Stand(Passage(text, block, kept[1], y, seen.passage.causal))

    def _forget(self) -> None:
        """Drop texts that have been through all blocks, as soon as there have been several."""
        if self.depth > 1:
            self.at = {text: kept for text, kept in self.at.items() if kept[0] < self.depth}

    def _moved(self, seen: Seen, x: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "n d"]:
        best = lowest(seen.step.curves, seen.step.tokens)
        beta, passage = seen.betas[max(0, int(best.row))], seen.passage
        y = x + float(best.tau) * _with_values(x, beta, _values(x.shape[1], passage.block), passage.causal)
        return y / np.linalg.norm(y, axis=1, keepdims=True)


def _values(dim: int, block: int) -> Float[np.ndarray, "d d"]:
    """Independent N(0, 1/d) entries, drawn anew for every block and alike for every text."""
    return np.random.default_rng([dim, block]).standard_normal((dim, dim)) / np.sqrt(dim)


def _with_values(
    x: Float[np.ndarray, "n d"], beta: float, values: Float[np.ndarray, "d d"], causal: bool
) -> Float[np.ndarray, "n d"]:
    """P_{x_i} V sum_j softmax_j(beta <x_i, x_j>) x_j."""
    return tangent(
        x, np.concatenate([averages(x, [beta], rows, causal=causal)[0] for rows in tiles(len(x))]) @ values.T
    )

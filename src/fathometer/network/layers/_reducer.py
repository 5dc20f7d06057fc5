"""Reduces tokens on their way through a network to what the report asks for, text by text and block by block."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from fathometer.evidence import InputError
from fathometer.network.layers.measuring._cloud import Cloud, measure_cloud, unit_tokens
from fathometer.network.layers.measuring._rungs import StepSums, measure_step
from fathometer.network.layers.measuring._step import BETAS, read_betas
from fathometer.network.recording import Passage

MEMORY = 2**30
"""Bytes that states and sampled tokens may take when nothing else is said."""
_SAMPLE = 128
"""Tokens of a text that are kept for the fits of several heads, as long as they fit."""


class LayersReducer:
    """Takes passages in and keeps sums: its memory does not grow with the tokens of a text, but as asked for.

    Attributes:
        betas: inverse temperatures that are tried.
        first: number of the first block that is seen; blocks are counted from it.
        clouds: by site and text; site l is before block l, the last one after the last block.
        steps: by block and text.
        states: tokens of the first texts, one array a site, as long as they fit in half of the memory.
        causal: whether tokens see only those before them.
        asks: what a recorder has to hand on beside the residual stream.
    """

    asks = ("pattern", "attended")

    def __init__(self, betas: Sequence[float] = BETAS, memory: int = MEMORY, *, keep_states: bool = True) -> None:
        """Start without any text.

        Args:
            betas: inverse temperatures that are tried, each >= 0.
            memory: bytes that states, and tokens sampled for the fits of several heads, may take together.
            keep_states: whether to keep the tokens of texts as long as they fit.
        """
        self.betas = read_betas(betas)
        self.first: int | None = None
        self.clouds: dict[int, dict[int, Cloud]] = {}
        self.steps: dict[int, dict[int, StepSums]] = {}
        self.states: dict[int, list[NDArray[np.floating]]] = {}
        self.causal = False
        self.sample = _SAMPLE
        self._room = memory // 2
        self._sampled = self._held = 0
        self._full = not keep_states
        self._open: dict[int, tuple[int, NDArray[np.float64]]] = {}

    def see(self, passage: Passage) -> None:
        """Take a text's way through a block in.

        Raises:
            InputError: if a token is zero or not finite, or the blocks of a text do not come in order.
        """
        self.take(passage)

    def take(self, passage: Passage, sources: Float[np.ndarray, "m d"] | None = None) -> None:
        """As `see`, with tokens of elsewhere that pull. Texts of a single token, which has no pair, are left out.

        Args:
            passage: the passage.
            sources: unit tokens that pull, shape (m, d); its own if None.

        Raises:
            InputError: as `see`.
        """
        if len(passage.before) < 2:
            return
        self.first = passage.block if self.first is None else self.first
        text, block = passage.text, passage.block - self.first
        self._in_order(text, block)
        x, y = (
            unit_tokens(states, f"text {text} at block {passage.block}") for states in (passage.before, passage.after)
        )
        self.causal |= passage.causal
        self._measure(block, text, x)
        step = measure_step(x, y, passage, self.betas, sample=self.sample, sources=sources)
        self.steps.setdefault(block, {})[text] = step
        self._open[text] = block, y
        self._keep(passage, block)
        self._spare(step)

    def finish(self) -> None:
        """Look at the tokens after the last block of every text; more passages may follow."""
        for text, (block, points) in self._open.items():
            self._measure(block + 1, text, points)
        self._open = {}

    @property
    def depth(self) -> int:
        """How many blocks there are."""
        return max(self.steps, default=-1) + 1

    @property
    def texts(self) -> list[int]:
        """Those that were seen at every block."""
        return sorted(set.intersection(*(set(steps) for steps in self.steps.values()))) if self.steps else []

    def whole(self) -> dict[int, list[NDArray[np.floating]]]:
        """States of the texts that were kept and came to their end."""
        texts = set(self.texts)
        return {text: kept for text, kept in self.states.items() if text in texts and len(kept) == self.depth + 1}

    def drop(self, text: int) -> None:
        """Forget a text that did not come to its end."""
        for kept in (*self.clouds.values(), *self.steps.values(), self.states, self._open):
            kept.pop(text, None)

    def _measure(self, site: int, text: int, points: Float[np.ndarray, "n d"]) -> None:
        """Look at the tokens of a text at a site, once."""
        clouds = self.clouds.setdefault(site, {})
        if text not in clouds:
            clouds[text] = measure_cloud(points)

    def _in_order(self, text: int, block: int) -> None:
        if block < 0 or (block > 0 and text not in self.steps.get(block - 1, {})):
            raise InputError(f"text {text} must pass every block from {self.first} on, one after another")
        if block == 0:
            done = [other for other, (last, _) in self._open.items() if 0 < last == self.depth - 1]
            for other in done:
                last, points = self._open.pop(other)
                self._measure(last + 1, other, points)

    def _keep(self, passage: Passage, block: int) -> None:
        """Keep states as long as they fit; a text that does not fit whole is dropped, and none comes after it."""
        if self._full or (block > 0 and passage.text not in self.states):
            return
        new = [passage.after] if block else [passage.before, passage.after]
        self.states.setdefault(passage.text, []).extend(np.array(states) for states in new)
        self._held += sum(states.nbytes for states in new)
        if self._held > self._room:
            self._full = True
            del self.states[passage.text]

    def _spare(self, step: StepSums) -> None:
        """Halve the tokens that are kept of every text when they take too much."""
        self._sampled += step.sampled
        while self._sampled > self._room and self.sample > 1:
            self.sample //= 2
            for steps in self.steps.values():
                steps.update({text: kept.first(self.sample) for text, kept in steps.items()})
            self._sampled = sum(kept.sampled for steps in self.steps.values() for kept in steps.values())

"""Reduces tokens on their way through a network to what the report asks for, text by text and block by block."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from fathometer.evidence import InputError
from fathometer.network.layers.measuring._cloud import Cloud, measure_cloud, unit_tokens
from fathometer.network.layers._controls import MADE, Control, Maker, Seen, maker
from fathometer.network.layers.measuring._rungs import StepSums, measure_step
from fathometer.network.layers.measuring._step import BETAS, read_betas
from fathometer.network.recording._passage import Passage

MEMORY = 2**30
"""Bytes that states and sampled tokens may take when nothing else is said."""
_SAMPLE = 128
"""Tokens of a text that are kept for the fits of several heads, as long as they fit."""


class LayersReducer:
    """Takes passages in and keeps sums: its memory does not grow with the tokens of a text, but as asked for.

    Attributes:
        betas: inverse temperatures that are tried.
        clouds: by site and text; site l is before block l, the last one after the last block.
        steps: by block and text.
        states: tokens of the first texts, one array a site, as long as they fit in half of the memory.
        controls: reducers of the controls that are made of the passages themselves.
        skipped: texts of fewer than two tokens.
        causal: whether tokens see only those before them.
        asks: what a recorder has to hand on beside the residual stream.
    """

    asks = ("pattern", "attended")

    def __init__(
        self,
        betas: Sequence[float] = BETAS,
        controls: Sequence[Control | str] = (),
        memory: int = MEMORY,
        *,
        keep_states: bool = True,
    ) -> None:
        """Start without any text.

        Args:
            betas: inverse temperatures that are tried, each >= 0.
            controls: centred, values or text; others need a run of their own.
            memory: bytes that states, and tokens sampled for the fits of several heads, may take together.
            keep_states: whether to keep the tokens of texts as long as they fit.

        Raises:
            InputError: if a control is not one of these.
        """
        self.betas = read_betas(betas)
        self.clouds: dict[int, dict[int, Cloud]] = {}
        self.steps: dict[int, dict[int, StepSums]] = {}
        self.states: dict[int, list[NDArray[np.floating]]] = {}
        self.skipped: set[int] = set()
        self.causal = False
        self.sample = _SAMPLE
        self.controls = {
            control: LayersReducer(betas, (), memory // 8, keep_states=False) for control in _made(controls)
        }
        self._makers: dict[Control, Maker] = {control: maker(control) for control in self.controls}
        self._room = {"states": memory // 2 if keep_states else 0, "samples": memory // 2}
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
        """As `see`, with tokens of elsewhere that pull.

        Args:
            passage: the passage.
            sources: unit tokens that pull, shape (m, d); its own if None.

        Raises:
            InputError: as `see`.
        """
        text, block = passage.text, passage.block
        if len(passage.before) < 2:
            self.skipped.add(text)
            return
        self._in_order(text, block)
        name = f"text {text} at block {block}"
        x, y = unit_tokens(passage.before, name), unit_tokens(passage.after, name)
        self.causal |= passage.causal
        self._measure(block, text, x)
        step = measure_step(x, y, passage, self.betas, sample=self.sample, sources=sources)
        self.steps.setdefault(block, {})[text] = step
        self._open[text] = block, y
        self._keep(passage)
        self._spare(step)
        self._stand_ins(Seen(passage, x, y, step, self.betas))

    def finish(self) -> None:
        """Look at the tokens after the last block of every text; more passages may follow."""
        for text, (block, points) in self._open.items():
            self._measure(block + 1, text, points)
        self._open = {}
        for control in self.controls.values():
            control.finish()

    @property
    def depth(self) -> int:
        """How many blocks there are."""
        return max(self.steps, default=-1) + 1

    @property
    def texts(self) -> list[int]:
        """Those that were seen at every block."""
        return sorted(set.intersection(*(set(steps) for steps in self.steps.values()))) if self.steps else []

    def drop(self, text: int) -> None:
        """Forget a text that did not come to its end."""
        for kept in (*self.clouds.values(), *self.steps.values(), self.states, self._open):
            kept.pop(text, None)
        for control in self.controls.values():
            control.drop(text)

    def _measure(self, site: int, text: int, points: Float[np.ndarray, "n d"]) -> None:
        """Look at the tokens of a text at a site, once."""
        clouds = self.clouds.setdefault(site, {})
        if text not in clouds:
            clouds[text] = measure_cloud(points)

    def _in_order(self, text: int, block: int) -> None:
        if block > 0 and text not in self.steps.get(block - 1, {}):
            raise InputError(f"text {text} must pass block {block - 1} before block {block}")
        if block == 0:
            done = [other for other, (last, _) in self._open.items() if 0 < last == self.depth - 1]
            for other in done:
                last, points = self._open.pop(other)
                self._measure(last + 1, other, points)

    def _keep(self, passage: Passage) -> None:
        """Keep states as long as they fit; a text that does not fit whole is dropped, and none comes after it."""
        if self._full or (passage.block > 0 and passage.text not in self.states):
            return
        new = [passage.after] if passage.block else [passage.before, passage.after]
        self.states.setdefault(passage.text, []).extend(np.array(states) for states in new)
        self._held += sum(states.nbytes for states in new)
        if self._held > self._room["states"]:
            self._full = True
            del self.states[passage.text]

    def _spare(self, step: StepSums) -> None:
        """Halve the tokens that are kept of every text when they take too much."""
        self._sampled += step.sampled
        while self._sampled > self._room["samples"] and self.sample > 1:
            self.sample //= 2
            for steps in self.steps.values():
                steps.update({text: kept.first(self.sample) for text, kept in steps.items()})
            self._sampled = sum(kept.sampled for steps in self.steps.values() for kept in steps.values())

    def _stand_ins(self, seen: Seen) -> None:
        for control, make in self._makers.items():
            if (stand := make(seen)) is not None:
                self.controls[control].take(stand.passage, stand.sources)


def _made(controls: Sequence[Control | str]) -> list[Control]:
    """Controls that passages alone can make.

    Raises:
        InputError: if one is not.
    """
    known = [str(control) for control in MADE]
    if wrong := [control for control in controls if str(control) not in known]:
        raise InputError(f"controls made while recording must be of {known}, got {str(wrong[0])!r}")
    return [Control(control) for control in controls]

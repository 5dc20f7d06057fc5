"""What was seen of a network while it ran: texts handed on block by block, and what was kept."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError
from fathometer.network.recording import _integrity
from fathometer.network.recording._masks import kept_tokens
from fathometer.network.recording._memory import bytes_of, text_bytes
from fathometer.network.recording._passage import Passage, Reducer
from fathometer.network.recording._sites import ATTENTION, MLP, POST, PRE, Sites, site

FEWEST = 2
"""A text with fewer tokens has no pair of them, and is passed over."""
CHECKED = 8
"""So many forward passes are compared with the network's own hidden states."""
ASKS = ("pattern", "attended")


class Recording:
    """What was seen of a network. Reducers get each text as soon as it has passed a block, and nothing else is kept.

    Attributes:
        network: which network.
        reducers: are handed every passage; `asks` of a reducer names the fields beyond the residual stream it needs.
        texts: how many texts were handed on or passed over.
        short: how many of them had fewer than two tokens left, and were passed over.
        blocks: number of blocks that a text passes.
        integrity: largest difference from the network's own hidden states, by site, in units of their largest number;
            empty if it has none.
        compared: how many forward passes were compared.
        states: whole states by site, for each text an array of shape (n, d), where `keep` asks for them.
        interrupted: whether a run over many texts was stopped before its end.
        inputs: token ids of the texts that were seen, or batches by name, for another run with a control.
        iterate: how often a block that all layers share was applied, if beyond the depth.
        options: of `record`, for another run in the same way.
    """

    def __init__(
        self,
        network: Any,
        sites: Sites,
        keep: Sites,
        memory: str | int,
        reducers: Sequence[Reducer],
        special: Collection[int],
        checked: int = CHECKED,
        iterate: int | None = None,
    ) -> None:
        self.network, self.reducers, self.iterate = network, tuple(reducers), iterate
        self.texts, self.short, self.blocks, self.compared = 0, 0, 0, 0
        self.integrity: dict[str, float] = {}
        self.states: dict[str, list[NDArray[np.floating]]] = {}
        self.inputs: list[Any] = []
        self.options: dict[str, Any] = {}
        self.interrupted = False
        self._sites, self._keep, self._memory, self._special = sites, keep, bytes_of(memory), frozenset(special)
        self._bytes, self._passes, self._checked, self._notes = 0, 0, checked, dict[str, None]()
        self._kept: list[NDArray[np.intp]] | None = None
        self._mask: NDArray[Any] | None = None
        self._shape, self._held, self._holding = (0, 0), dict[str, NDArray[np.floating]](), True

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know of how it was recorded."""
        short = f"{self.short} of {self.texts} texts have fewer than two tokens left and are passed over"
        return (*self._notes, *([short] if self.short else []))

    @property
    def asks(self) -> frozenset[str]:
        """Which of pattern and attended the reducers ask for."""
        return frozenset(name for reducer in self.reducers for name in getattr(reducer, "asks", ()))

    @property
    def checking(self) -> bool:
        """Whether the pass that runs is compared with the network's own states."""
        return self._passes < self._checked

    def check(self) -> None:
        """Refuse a recording that is not what the network computes, or that saw nothing.

        Raises:
            InputError: if no text was seen, no site matched, or the integrity is above the tolerance.
        """
        if not self.texts:
            raise InputError("nothing was recorded: the network was not called, or none of its blocks was")
        if self.short == self.texts:
            raise InputError(f"none of the {self.texts} texts has two tokens left beside padding and special ones")
        _integrity.check(self.integrity)

    def report(self, beta: float | str = "fit", control: str | None = "random", seed: int = 0) -> Any:
        """How far the layers are from the theory, with a control beside: a `LayersReport`.

        Args:
            beta: inverse temperature of the energies, or "fit".
            control: one of `layers.CONTROLS`, through which the same texts go once more; None for none.
            seed: of the control.

        Raises:
            InputError: if the recording is not what the network computes, or its texts are not known.
        """
        from fathometer.network.layers import report_of

        return report_of(self, beta, control, seed)

    def note(self, text: str) -> None:
        """Say something once."""
        self._notes[text] = None

    def open(self, ids: NDArray[Any] | None, mask: NDArray[Any] | None) -> None:
        """Begin a forward pass.

        Args:
            ids: token ids, shape (texts, n), if there are any.
            mask: 0 at padding, shape (texts, n), if there is one.
        """
        self._kept, self._shape = kept_tokens(ids, mask, self._special), (0, 0)
        self._mask = mask
        self._held.clear()
        self._holding = self.checking
        if ids is not None:
            full = np.ones(ids.shape, dtype=bool) if mask is None else np.asarray(mask) != 0
            self.inputs.extend(np.array(row[real]) for row, real in zip(ids, full, strict=True))

    def looks_ahead(self, pattern: NDArray[np.floating]) -> bool:
        """Whether a token attends to one behind it. What padding attends to is nothing but the rounding of its mask.

        Args:
            pattern: weights of the attention, shape (texts, heads, n, n).
        """
        ahead = np.triu(pattern, 1).any(axis=(1, 3))
        return bool((ahead if self._mask is None else ahead & (np.asarray(self._mask) != 0)).any())

    def beyond(self) -> None:
        """Say that what comes is beyond the depth of the network: there is nothing to compare it with."""
        self._holding = False

    def place(self, name: str, values: NDArray[np.floating]) -> None:
        """Take in the states of a batch at a site.

        Args:
            name: of the site.
            values: shape (texts, n, d).
        """
        self._check_rows(values)
        if self._holding:
            self._held[name] = values
        if self._keep.match(name):
            self._store(name, values)

    def passage(
        self,
        block: int,
        before: NDArray[np.floating],
        after: NDArray[np.floating],
        causal: bool,
        parts: Mapping[str, NDArray[np.floating]],
    ) -> None:
        """Hand a batch that has passed a block to the reducers, text by text.

        Args:
            block: its number.
            before: shape (texts, n, d).
            after: the same.
            causal: whether tokens see only those before them.
            parts: pattern, shape (texts, heads, n, n), attn_out and mlp_out, shape (texts, n, d), where they exist.
        """
        for part, values in ((PRE, before), *parts.items(), (POST, after)):
            if part in (PRE, ATTENTION, MLP, POST):
                self.place(site(block, part), values)
        self.blocks = max(self.blocks, block + 1)
        if self._sites.match_block(block):
            for row in range(len(before)):
                self._hand_on(row, block, before, after, causal, parts)

    def close(self, own: Sequence[NDArray[np.floating]] | None = None) -> None:
        """End a forward pass, with the hidden states of the network's own if it gives them."""
        if own is not None and self.checking:
            self.compare(_integrity.differences(self._held, own))
        elif self.checking and any(gap > _integrity.TOLERANCE for gap in _integrity.continuity(self._held).values()):
            self.note("a block does not take what the one before it gives: something else lies between them")
        rows, size = self._shape
        self._passes += 1
        self.texts += rows
        self.short += sum(len(self._tokens(row, size)) < FEWEST for row in range(rows))
        self._held.clear()

    def compare(self, gaps: Mapping[str, float]) -> None:
        """Take in differences from what the network itself gives, by site."""
        self.compared += 1
        for name, gap in gaps.items():
            self.integrity[name] = float(np.maximum(gap, self.integrity.get(name, 0.0)))

    def _check_rows(self, values: NDArray[np.floating]) -> None:
        if values.ndim != 3:
            raise InputError(f"a site must carry tokens of shape (texts, n, d), got {values.shape}")
        if self._kept is not None and len(self._kept) != len(values):
            raise InputError(f"{len(self._kept)} texts entered the network, a block carries {len(values)}")
        self._shape = (len(values), values.shape[1])

    def _hand_on(
        self,
        row: int,
        block: int,
        before: NDArray[np.floating],
        after: NDArray[np.floating],
        causal: bool,
        parts: Mapping[str, NDArray[np.floating]],
    ) -> None:
        kept = self._tokens(row, before.shape[1])
        if len(kept) < FEWEST:
            return
        pattern, attended = parts.get("pattern"), parts.get(ATTENTION)
        passage = Passage(
            self.texts + row,
            block,
            before[row, kept],
            after[row, kept],
            causal,
            None if pattern is None or "pattern" not in self.asks else pattern[row][:, kept][:, :, kept],
            None if attended is None or "attended" not in self.asks else attended[row, kept],
        )
        for reducer in self.reducers:
            reducer.see(passage)

    def _tokens(self, row: int, size: int) -> NDArray[np.intp]:
        if self._kept is None:
            return np.arange(size)
        return self._kept[row]

    def _store(self, name: str, values: NDArray[np.floating]) -> None:
        kept = [np.array(values[row, self._tokens(row, values.shape[1])]) for row in range(len(values))]
        self._bytes += sum(each.nbytes for each in kept)
        if self._bytes > self._memory:
            raise InputError(
                f"keeping whole states takes {text_bytes(self._bytes)} at {name} of text {self.texts}, more than the"
                f" {text_bytes(self._memory)} of memory allowed"
            )
        self.states.setdefault(name, []).extend(kept)

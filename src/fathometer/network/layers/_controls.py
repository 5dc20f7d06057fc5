"""The control of other texts: the same tokens, pulled by those of another text."""

import numpy as np
from jaxtyping import Float

from fathometer.network.layers._reducer import LayersReducer
from fathometer.network.layers.measuring._cloud import unit_tokens
from fathometer.network.recording import Passage

TEXT = "text"
CONTROLS = ("random", "shuffled", "centred", "values", TEXT)
"""random: the same architecture with random weights. shuffled: the words of each text in another order. centred: tokens
without their mean. values: random value matrices in the same network. text: tokens pulled by those of another text."""
AS_RECORDED = {"values": "random-values"}
"""What a control is called where networks are recorded, if otherwise."""


class OtherTexts:
    """Hands passages on with the tokens of the text before, at the same block, as those that pull.

    The first text has none before it and is left out.
    """

    def __init__(self, reducer: LayersReducer) -> None:
        self.reducer = reducer
        self.asks = ()
        self._last: dict[int, tuple[int, Float[np.ndarray, "n d"]]] = {}

    def see(self, passage: Passage) -> None:
        """Hand a passage on."""
        before = self._last.get(passage.block)
        self._last[passage.block] = passage.text, unit_tokens(passage.before, f"text {passage.text}")
        if before is not None and before[0] != passage.text:
            self.reducer.take(passage, before[1])

    def drop(self, text: int) -> None:
        """Forget a text that did not come to its end."""
        self.reducer.drop(text)

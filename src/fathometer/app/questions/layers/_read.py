"""Hidden states that somebody recorded: an npz file with "hidden" and perhaps "control"."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from fathometer.app.questions._dropped import called_the_file
from fathometer.app.questions._question import Answer
from fathometer.app.questions.layers._reported import reported
from fathometer.evidence import InputError

if TYPE_CHECKING:
    from fathometer.network.layers import LayersReducer

MOST_NUMBERS = 2 * 10**7
MOST_TOKENS = 2000


def read(file: Path | None = None) -> Iterator[Answer]:
    """Report the hidden states of a file, as `network layers` reports those of a network.

    Yields:
        The report.

    Raises:
        InputError: if no file came, or it holds no such arrays.
    """
    from fathometer.attention import read_hidden
    from fathometer.network.layers import layers_report

    if file is None:
        raise InputError("drop an npz file with an array 'hidden' (layers, tokens, dim) and perhaps one 'control'")
    with called_the_file(file):
        hidden, control = read_hidden(file)
    states = [_checked(array) for array in (hidden, control) if array is not None]
    yield Answer({"saying": f"fitting {len(hidden) - 1} blocks"})
    own, *others = (_reduced(array) for array in states)
    report = layers_report(own, *others, control_name="recorded" if others else "", network="your states", judged=0)
    yield reported(report, others[0].whole() if others else {})


def _checked(states: NDArray[np.float64]) -> NDArray[np.float64]:
    """Refuse what is too large to be drawn while one waits, or has no block.

    Raises:
        InputError: if it is.
    """
    layers, tokens, dim = states.shape
    if layers < 2 or tokens < 2 or dim < 2:
        raise InputError(f"hidden states need two layers, tokens and dimensions at least, got shape {states.shape}")
    if states.size > MOST_NUMBERS or tokens > MOST_TOKENS:
        raise InputError(
            f"at most {MOST_NUMBERS:,} numbers and {MOST_TOKENS} tokens are drawn, got shape {states.shape}: store"
            " fewer layers or tokens, or use `fathometer network layers`"
        )
    return states


def _reduced(states: NDArray[np.float64]) -> "LayersReducer":
    from fathometer.network.layers import LayersReducer
    from fathometer.network.recording import Passage

    reducer = LayersReducer()
    for block, (before, after) in enumerate(pairwise(states)):
        reducer.see(Passage(0, block, before, after, False))
    return reducer

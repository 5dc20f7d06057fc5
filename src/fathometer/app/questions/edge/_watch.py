"""A training of the user's own that was watched: the file that `Watch` wrote."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fathometer.app.questions._dropped import called_the_file
from fathometer.app.questions._question import Answer
from fathometer.evidence import InputError

if TYPE_CHECKING:
    from fathometer.network.steps import History

_ENDS = ("value", "lower", "upper")


def watch(file: Path | None = None) -> Iterator[Answer]:
    """Read what was seen of a training.

    Yields:
        Loss, largest eigenvalue with its interval, and the edge at each look.

    Raises:
        InputError: if no file came, it is no watch, or there was no look.
    """
    from fathometer.network import History, watch_figure

    if file is None:
        raise InputError("drop a file that a Watch wrote (.json or .parquet)")
    with called_the_file(file):
        history = History.load(file)
        said = [[row.quantity, row.expected, row.measured] for row in watch_figure(history).rows]
    largest = history.column("largest")
    ends = {f"sharpness{'' if end == 'value' else f'_{end}'}": np.asarray(getattr(largest, end)) for end in _ENDS}
    arrays = {"at": [moment.step for moment in history.moments], "loss": np.asarray(history.column("loss").value)}
    yield Answer(
        {"summary": history.summary(), "said": said, "rule": _rule(history)}, _arrays(arrays | ends | _edge(history))
    )


def _edge(history: "History") -> dict[str, list[float]]:
    """What the largest eigenvalue must stay below, where step and rule are known."""
    edges = [moment.edge for moment in history.moments]
    return {"edge": [np.nan if e is None else e.rule.factor / e.step - e.rule.decay for e in edges]}


def _rule(history: "History") -> str:
    """Method of descent whose edge is drawn; empty if none is known."""
    return next((str(moment.edge.rule.method) for moment in history.moments if moment.edge is not None), "")


def _arrays(lists: dict) -> dict[str, np.ndarray]:
    return {name: np.asarray(values, np.float64) for name, values in lists.items()}

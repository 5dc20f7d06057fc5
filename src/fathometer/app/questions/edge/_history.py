"""Loss, sharpness and imbalance along a run, piece by piece."""

import dataclasses
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from fathometer.app.questions._question import Answer
from fathometer.evidence import Estimate, Trajectory

if TYPE_CHECKING:
    from fathometer.deep_linear import RunHistory

PIECE = 24
"""Looks that are measured at once."""
_COLUMNS = ("at", "loss", "excess_risk", "imbalance")
_SHARPNESS = ("sharpness", "centre_sharpness")
_ENDS = ("value", "lower", "upper")


def pieces(run: Trajectory, size: int = PIECE) -> Iterator[Trajectory]:
    """Cut a run into pieces of a few states each.

    Args:
        run: with states.
        size: states of a piece.

    Yields:
        Each piece, in order.
    """
    for first in range(0, len(run.axis), size):
        part = slice(first, first + size)
        states = {name: state[part] for name, state in run.states.items()}
        axis = dataclasses.replace(run.axis, points=run.axis.points[part])
        yield dataclasses.replace(run, axis=axis, states=states, observed={}, twins=())


def joined(histories: "Sequence[RunHistory]") -> "RunHistory":
    """The history of the whole run."""
    arrays = {name: np.concatenate([getattr(one, name) for one in histories]) for name in _COLUMNS}
    sharpness = {name: _stacked([getattr(one, name) for one in histories]) for name in _SHARPNESS}
    return dataclasses.replace(histories[0], **arrays, **sharpness)


def _stacked(estimates: list[Estimate]) -> Estimate:
    value, lower, upper = (np.concatenate([getattr(one, end) for one in estimates]) for end in _ENDS)
    return Estimate.heuristic(value, lower, upper)


def answer_of(history: "RunHistory", done: float, **more: Any) -> Answer:
    """A piece of a history as an answer.

    Args:
        history: of the piece.
        done: share of the run that is measured with it.
        **more: what else is said.
    """
    ends = {f"sharpness_{end}": np.asarray(getattr(history.sharpness, end)) for end in _ENDS[1:]}
    arrays = {name: getattr(history, name) for name in _COLUMNS}
    sharpness = {
        "sharpness": np.asarray(history.sharpness.value),
        "centre": np.asarray(history.centre_sharpness.value),
    }
    return Answer({"done": done, **more}, arrays | sharpness | ends)

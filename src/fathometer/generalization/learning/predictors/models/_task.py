"""What a predictor is asked for, and what one answer costs."""

from enum import StrEnum

import numpy as np
from jaxtyping import Float, Shaped

from fathometer.evidence import InputError


class Task(StrEnum):
    """Classes, or real numbers."""

    CLASSIFICATION = "classification"
    REGRESSION = "regression"


def quantile_level(loss: str) -> float | None:
    """The level q of the loss `quantile:q`, in (0, 1); one half for `absolute`, None for `squared`.

    Raises:
        InputError: if there is no such loss.
    """
    if loss in ("absolute", "squared"):
        return 0.5 if loss == "absolute" else None
    name, _, level = loss.partition(":")
    try:
        q = float(level)
    except ValueError:
        q = np.nan
    if name != "quantile" or not 0 < q < 1:
        raise InputError(f"the loss must be absolute, squared or quantile:q with q in (0, 1), got {loss!r}")
    return q


def class_losses(y: Shaped[np.ndarray, " n"], predicted: Shaped[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """One for each wrong class."""
    return (y != predicted).astype(float)


def value_losses(
    loss: str, y: Float[np.ndarray, " n"], predicted: Float[np.ndarray, " n"], clip: float = np.inf
) -> Float[np.ndarray, " n"]:
    """What each prediction of a number costs, before it is divided by the clip.

    Args:
        loss: `absolute` |y - f|, `squared` (y - f)^2, or `quantile:q`, max(q (y - f), (q - 1) (y - f)).
        y: shape (n,), targets.
        predicted: shape (n,), predictions f.
        clip: largest loss that counts, positive.

    Raises:
        InputError: if there is no such loss.
    """
    level, gap = quantile_level(loss), y - predicted
    if level is None:
        raw = gap**2
    else:
        raw = np.abs(gap) if loss == "absolute" else np.maximum(level * gap, (level - 1) * gap)
    return np.minimum(raw, clip)

"""The regimes of the table by name."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from fathometer.evidence import InputError, finite_number
from fathometer.generalization.learning.conversion._inner_lines import inner_lines
from fathometer.generalization.learning.conversion._line import ConversionLine
from fathometer.generalization.learning.conversion._linear_lines import (
    STEPS,
    conversion_parts,
    head_lines,
    linear_lines,
)
from fathometer.generalization.learning.linear._model import read_binary
from fathometer.generalization.learning.linear._training import MINIMUM_ROWS

Lines = Callable[..., Iterator[ConversionLine]]

REGIMES: dict[str, Lines] = {
    "linear": linear_lines,
    "equal-prior": partial(linear_lines, regime="equal-prior", small_prior=True),
    "head": head_lines,
    "low-rank": inner_lines,
    "biases": partial(inner_lines, rank=None),
}
"""A linear model with all rows of the prior part, or as many as certify; the head of a network, a low-rank update of
its hidden layer, its biases."""


def conversion_lines(
    features: ArrayLike,
    labels: ArrayLike,
    regimes: Sequence[str] = ("linear",),
    *,
    delta: float = 0.05,
    seed: int = 0,
    sizes: Sequence[int] = (),
    steps: Sequence[float] = STEPS,
) -> Iterator[ConversionLine]:
    """Hold every conversion against its parents on one binary table, one split for all lines.

    Args:
        features: shape (n, p), finite, with at least 60 rows that differ.
        labels: shape (n,), of exactly two kinds.
        regimes: names in `REGIMES`.
        delta: in (0, 1), for each line with all of its bounds.
        seed: of the split and of networks.
        sizes: of the certificate part; those of a grid, and all, if empty.
        steps: of the way from the prior (0) to the trained model (1).

    Raises:
        InputError: if the data are no binary problem, a regime is unknown or delta is not in (0, 1).
    """
    finite_number("delta", delta, above=0, below=1)
    if unknown := [name for name in regimes if name not in REGIMES]:
        raise InputError(f"no regime is called {unknown[0]!r}; known: {', '.join(REGIMES)}")
    x, y = read_binary(features, labels, MINIMUM_ROWS)
    parts = conversion_parts(np.asarray(x), y, seed)
    return (
        line
        for name in regimes
        for line in REGIMES[name](x, y, parts, delta=delta, sizes=sizes, steps=steps, **_seeded(name, seed))
    )


def _seeded(name: str, seed: int) -> dict[str, int]:
    return {} if name in ("linear", "equal-prior") else {"seed": seed}

"""At which steps of a run its sharpness is looked at."""

from collections.abc import Sequence

import numpy as np

from fathometer.evidence import whole_number

MOST_LOOKS = 120
MOST_KEPT = 2e7
"""Weights that are kept at all looks together, beyond the fewest looks."""
_FEWEST, _HESSIAN_WORK = 4, 4e9  # cubes of the reduced size, a few seconds


def look_steps(iterations: int, shapes: Sequence[tuple[int, ...]], most: int = MOST_LOOKS) -> tuple[int, ...]:
    """Steps 1 to `iterations`, half of them evenly spaced and half in equal ratios; fewer for large networks.

    Args:
        iterations: number of steps, at least 1.
        shapes: of the layers.
        most: how many at most, at least 4.

    Raises:
        InputError: if a number is out of range.
    """
    count = whole_number("iterations", iterations, at_least=1)
    reduced = float(sum(rows + columns - 1 for rows, columns in shapes))
    room = min(_HESSIAN_WORK / reduced**3, MOST_KEPT / sum(rows * columns for rows, columns in shapes))
    number = int(np.clip(room, _FEWEST, whole_number("most", most, at_least=_FEWEST)))
    evenly, ratios = np.linspace(1, count, number // 2), np.geomspace(1, count, number - number // 2)
    return tuple(int(at) for at in np.unique(np.append(evenly, ratios).round()))

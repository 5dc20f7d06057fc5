"""What a loss must be so that its curvature means something, in any framework."""

import math
from collections.abc import Callable

from fathometer.evidence import InputError


def finite_loss(value: float) -> float:
    """The value of a loss where a network is.

    Raises:
        InputError: if it is NaN or infinite.
    """
    if not math.isfinite(value):
        raise InputError(f"the loss must be finite here, got {value}")
    return value


def check_same(evaluate: Callable[[], float]) -> float:
    """The loss of a chunk, evaluated twice.

    Raises:
        InputError: if it differs or is not finite.
    """
    first, second = (finite_loss(evaluate()) for _ in range(2))
    if abs(first - second) > 1e-6 * abs(first):
        raise InputError(
            f"the loss must be the same every time, got {first:.9g}, then {second:.9g}: dropout or another draw is on"
        )
    return first


def check_mean(whole: float, halves: float, eps: float) -> None:
    """Refuse a loss that is no mean over rows.

    Args:
        whole: its value for some rows.
        halves: mean of its values for their halves, weighted by rows.
        eps: distance of 1 from the next number in its format.

    Raises:
        InputError: if the loss of a chunk is not the mean of that of its halves.
    """
    if abs(whole - halves) > 1e3 * eps * (1 + abs(whole)):
        raise InputError(
            f"the loss must be the mean over the rows given, got {whole:.6g} for some rows and {halves:.6g} as the mean"
            " of their halves: use a mean over rows, not a sum or a mean over tokens"
        )


def first_value(evaluate: Callable[[], float]) -> float:
    """The loss of a chunk; whatever goes wrong in a loss or a network that was brought is one line.

    Raises:
        InputError: if it fails.
    """
    try:
        return evaluate()
    except InputError:
        raise
    except Exception as error:
        line = (str(error).strip().splitlines() or [""])[0]
        raise InputError(f"the loss fails on these rows: {type(error).__name__}: {line}") from error

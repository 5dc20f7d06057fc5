"""What a loss must be so that its curvature means something, in any framework."""

from collections.abc import Callable

from fathometer.evidence import InputError


def check_same(evaluate: Callable[[], float]) -> float:
    """The loss of a chunk, evaluated twice.

    Raises:
        InputError: if it differs.
    """
    first, second = evaluate(), evaluate()
    if abs(first - second) > 1e-6 * abs(first):
        raise InputError(
            f"the loss must be the same every time, got {first:.9g}, then {second:.9g}: dropout or another draw is on"
        )
    return first


def check_mean(whole: float, halves: float, eps: float) -> None:
    """Refuse a loss that is no mean over rows.

    Raises:
        InputError: if the loss of a chunk is not the mean of that of its halves.
    """
    if abs(whole - halves) > 1e3 * eps * (1 + abs(whole)):
        raise InputError(
            f"the loss must be the mean over the rows given, got {whole:.6g} for some rows and {halves:.6g} as the mean"
            " of their halves: use a mean over rows, not a sum or a mean over tokens"
        )

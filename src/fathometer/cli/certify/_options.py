"""Options of certificates that are lists or losses, read from their text."""

from fathometer.evidence import InputError, finite_number
from fathometer.generalization.learning.predictors import Loss


def read_numbers(name: str, text: str | None) -> tuple[float, ...]:
    """Numbers parted by commas; none for None.

    Args:
        name: of the option, for the message.
        text: as it was given.

    Raises:
        InputError: if one is no finite number.
    """
    return () if text is None else tuple(finite_number(f"each of {name}", part) for part in text.split(","))


def read_names(text: str | None) -> tuple[str, ...]:
    """Names parted by commas; none for None."""
    return () if text is None else tuple(part.strip() for part in text.split(","))


FAR = 10
"""Where only the second moment M of a loss is known, what is measured is cut off at so many roots of it."""


def read_loss(text: str | None, clip: float | None, moment: float | None = None) -> Loss:
    """A loss from `absolute`, `squared` or `quantile:Q` and where it is cut off; the 0/1 loss for None.

    Args:
        text: as it was given.
        clip: in the unit of the loss; None where there is none, which needs a moment.
        moment: bound on the mean of the squared loss; None if none is known.

    Raises:
        InputError: if one is given without the other, the loss is unknown or a number is not in its range.
    """
    if text is None:
        if moment is not None:
            raise InputError("--moment is of a loss of regression: give --loss absolute, squared or quantile:Q")
        if clip is not None:
            raise InputError("--clip cuts off a loss of regression: give --loss absolute, squared or quantile:Q")
        return Loss()
    if clip is None and moment is not None:
        clip = FAR * finite_number("moment", moment, above=0) ** 0.5
    if clip is None:
        raise InputError(f"--loss {text} needs --clip, where it is cut off: a risk without a bound has no certificate")
    name, colon, level = text.partition(":")
    if name == "quantile":
        return Loss(name, clip, finite_number("the quantile", level or "0.5", above=0, below=1))
    if colon or name == "0/1":
        raise InputError(f"loss must be absolute, squared or quantile:Q, got {text!r}")
    return Loss(name, clip)

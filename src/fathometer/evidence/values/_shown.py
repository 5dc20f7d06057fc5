"""Numbers as text, rounded to the safe side: what is printed of a bound is a bound, of an interval an interval."""

import decimal
import math
from typing import SupportsFloat

_EXACT = decimal.Context(prec=800, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)
_HALF = decimal.Decimal("0.5")
_FIXED_FROM = -4  # smaller powers of ten are written with an exponent, as format "g" does


def text_up(number: SupportsFloat, digits: int = 6) -> str:
    """Write an upper bound: what is read back is not below the number, nor one unit of the last digit above it.

    Args:
        number: a bound, an upper end or the probability of a failure; NaN and infinity are named.
        digits: significant digits, at least 1; fewer are written where they say the same.
    """
    return _text(number, digits, decimal.ROUND_CEILING)


def text_down(number: SupportsFloat, digits: int = 6) -> str:
    """Write a lower bound, a lower end or a confidence; see `text_up`."""
    return _text(number, digits, decimal.ROUND_FLOOR)


def text_inward(number: SupportsFloat, digits: int = 6) -> str:
    """Write a margin: what is read back is no farther from 0 than the number."""
    return _text(number, digits, decimal.ROUND_DOWN)


def text_near(number: SupportsFloat, digits: int = 6) -> str:
    """Write a number that is no bound, to nearest."""
    return _text(number, digits, decimal.ROUND_HALF_EVEN)


def text_ends(lower: SupportsFloat, upper: SupportsFloat, digits: int = 6) -> str:
    """Write an interval, rounded outward, such as "[0.164476, 0.164477]".

    Args:
        lower: its lower end.
        upper: its upper end.
        digits: significant digits of each, at least 1.
    """
    return f"[{text_down(lower, digits)}, {text_up(upper, digits)}]"


def text_confidence(delta: SupportsFloat) -> str:
    """Write the probability 1 - delta: not rounded up, and 1 for no delta above 0.

    Args:
        delta: probability of a failure, in [0, 1].
    """
    left = _EXACT.subtract(decimal.Decimal(1), _decimal(float(delta)))
    if left < _HALF:
        return _rounded(left, 6, decimal.ROUND_FLOOR)
    exact = format(left.normalize(_EXACT), "f")
    return exact if len(exact) <= 14 else f"1 - {text_up(delta, 3)}"


def _text(number: SupportsFloat, digits: int, rounding: str) -> str:
    number = float(number)
    if not math.isfinite(number):
        return str(number)
    return _rounded(_decimal(number), digits, rounding)


def _rounded(value: decimal.Decimal, digits: int, rounding: str) -> str:
    context = decimal.Context(prec=digits, rounding=rounding)
    return _written(context.plus(value).normalize(_EXACT), digits)


def _decimal(number: float) -> decimal.Decimal:
    """The shortest decimal that is read back as the number: 0.05 needs no more room than that."""
    return decimal.Decimal(repr(number))


def _written(value: decimal.Decimal, digits: int) -> str:
    power = value.adjusted()
    if not value:
        return "0"
    if _FIXED_FROM <= power < digits:
        return format(value, "f")
    return f"{value.scaleb(-power, _EXACT):f}e{power:+03d}"

"""Who gets which part of delta: the rows on held-out rows, and those on the rows that trained the network."""

from collections.abc import Sequence
from fractions import Fraction

from fathometer.evidence import InputError
from fathometer.generalization.bounds._delta_account import DeltaAccount
from fathometer.generalization.learning.predictors._rows import row_makers

OWN = ("posterior", "code", "head")
"""Rows that networks alone have; every other name is one of the certificates of predictors."""

OTHERS = Fraction(1, 10)
"""Part of delta of these rows together, where they are asked for; the held-out rows get the rest."""


def divided(
    rows: Sequence[str], shares: Sequence[float], delta: float
) -> tuple[float, dict[str, float], tuple[str, ...], tuple[float, ...]]:
    """The delta of the held-out certificate, and of each row of this room.

    Args:
        rows: names that were asked for.
        shares: of delta, one for each; empty for those of the project.
        delta: of all together.

    Returns:
        The delta of the held-out certificate, that of each own row by name, the other rows that were asked for, and
        their shares of their delta.

    Raises:
        InputError: if a row is unknown or asked for twice, shares do not fit, or nothing is left for held-out rows.
    """
    known = (*OWN, *row_makers())
    if unknown := [name for name in rows if name not in known]:
        raise InputError(f"rows must be of {', '.join(known)}, got {unknown[0]!r}")
    if repeated := [name for name in rows if list(rows).count(name) > 1]:
        raise InputError(f"row {repeated[0]!r} is asked for twice")
    if shares and len(shares) != len(rows):
        raise InputError(f"shares must be one for each of {len(rows)} rows, got {len(shares)}")
    own = [name for name in rows if name in OWN]
    others = tuple(name for name in rows if name not in OWN)
    parts = dict(zip(rows, map(Fraction, shares), strict=False)) if shares else {}
    paid = {name: parts[name] if shares else OTHERS / len(own) for name in own}
    rest = _rest(parts, paid, others)
    account = DeltaAccount(delta)
    held_out = account.portion(rest)
    return held_out, {name: account.portion(part) for name, part in paid.items()}, others, _within(parts, others)


def _rest(parts: dict[str, Fraction], paid: dict[str, Fraction], others: tuple[str, ...]) -> Fraction:
    """Part of delta of the held-out certificate.

    Raises:
        InputError: if it is none, or a share is none.
    """
    if any(part <= 0 for part in parts.values()):
        raise InputError("each of shares must be > 0")
    rest = (
        sum((parts[name] for name in others), Fraction(0)) if parts and others else 1 - sum(paid.values(), Fraction(0))
    )
    if rest <= 0 or rest + sum(paid.values(), Fraction(0)) > 1 + Fraction(1, 10**9):
        raise InputError("shares must leave something for the held-out rows, and add up to at most 1")
    return min(rest, 1 - sum(paid.values(), Fraction(0)))


def _within(parts: dict[str, Fraction], others: tuple[str, ...]) -> tuple[float, ...]:
    """Shares of the other rows, of what they have together."""
    total = sum((parts[name] for name in others), Fraction(0)) if parts else Fraction(0)
    return tuple(float(parts[name] / total) for name in others) if parts and others else ()

"""The delta account: several bounds hold together when their deltas add up to the total."""

import math
from fractions import Fraction

from fathometer.evidence import InputError, finite_number


class DeltaAccount:
    """Hands out shares of one failure probability and refuses to exceed it; sums are exact.

    By the union bound, all bounds that were paid for from one account hold together with probability at least
    1 - total.

    Args:
        total: in (0, 1).

    Raises:
        InputError: if the total is not in (0, 1).
    """

    def __init__(self, total: float) -> None:
        self.total = finite_number("delta", total, above=0, below=1)
        self._spent = Fraction(0)

    @property
    def spent(self) -> float:
        """What was handed out, rounded up."""
        spent = float(self._spent)
        return spent if Fraction(spent) >= self._spent else math.nextafter(spent, 1)

    def spend(self, delta: float) -> float:
        """Hand out one share.

        Raises:
            InputError: if it is not positive, or more than what is left.
        """
        share = finite_number("delta", delta, above=0, below=1)
        if self._spent + Fraction(share) > Fraction(self.total):
            left = float(Fraction(self.total) - self._spent)
            raise InputError(f"delta {share:g} exceeds what is left of the account: {left:g} of {self.total:g}")
        self._spent += Fraction(share)
        return share

    def split(self, count: int) -> list[float]:
        """Hand out what is left in equal shares, rounded down.

        Raises:
            InputError: if nothing is left.
        """
        share = _down((Fraction(self.total) - self._spent) / count)
        return [self.spend(share) for _ in range(count)]

    def portion(self, part: float | Fraction) -> float:
        """Hand out a part of the total, rounded down.

        Args:
            part: positive; parts that add up to at most 1 are always left.

        Raises:
            InputError: if so much is not left.
        """
        return self.spend(_down(Fraction(part) * Fraction(self.total)))


def _down(exact: Fraction) -> float:
    """The largest float64 that is not above."""
    share = float(exact)
    return share if Fraction(share) <= exact else math.nextafter(share, 0)


def split_delta(delta: float, count: int) -> float:
    """The equal share of `count` bounds that hold together with probability at least 1 - delta, rounded down."""
    return DeltaAccount(delta).split(count)[0]

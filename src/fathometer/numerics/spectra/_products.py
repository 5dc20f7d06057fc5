"""How many products an enclosure of both ends of a spectrum can take, by the bounds that hold for every spectrum."""

import math

from fathometer.numerics.spectra._ceiling import least_share

_FIRST_LOOK = 8
_LARGE, _GROWTH, _GROWTH_AT_LARGE = 10_000, 1.3, 1.05


def next_look(products: int, size: int) -> int:
    """After how many products a Krylov space is looked at again: often where a product costs far more than a look."""
    growth = _GROWTH if size < _LARGE else _GROWTH_AT_LARGE
    return max(_FIRST_LOOK, math.ceil(growth * products))


def products_at_most(size: int, tolerance: float, miss: float, rows: int) -> int:
    """Products after which both intervals of `extreme_eigenvalues` are as narrow as was asked, whatever the spectrum.

    With eps = tanh^2(arccosh(q^(-1/2)) / (2k - 1)) the interval after k products is at most eps / (1 - 2 eps) times the
    width of the spectrum, which is at most twice the largest |eigenvalue|. Beyond the basis polynomials of doubled
    degree are taken for each end.

    Args:
        size: n.
        tolerance: relative to the largest |eigenvalue|, in (0, 1).
        miss: probability that an outer end is wrong.
        rows: vectors of the basis.
    """
    needed = _degree(least_share(size, miss / 2), tolerance)
    looks = 0
    while looks < needed:
        looks = next_look(looks, size)
    if min(looks, size) <= rows:
        return min(looks, size)
    return rows + _filtered(least_share(size, miss / 2), tolerance, rows)


def _filtered(share: float, tolerance: float, rows: int) -> int:
    """Products of the polynomials: each pass narrows the interval that the next one is made for.

    One pass more is counted, for a pass that finds a better end than the one that it was made for.
    """
    angle, total, steps = math.acosh(share**-0.5), 0, 2 * rows
    width = 1 + math.sinh(min(300.0, angle / (2 * rows - 2))) ** 2  # of the interval, in widths of the spectrum
    while True:
        gap = width * math.sinh(min(300.0, angle / (2 * steps - 1))) ** 2
        width, total, steps = min(width, 1 + 2 * gap), total + 2 * steps, 2 * steps
        if 2 * gap <= tolerance:
            return total + 2 * steps


def _degree(share: float, tolerance: float) -> int:
    eps = tolerance / (2 + 2 * tolerance)  # eps / (1 - 2 eps) = tolerance / 2
    return math.ceil((math.acosh(share**-0.5) / math.atanh(math.sqrt(eps)) + 1) / 2)

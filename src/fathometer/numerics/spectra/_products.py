"""How many products an enclosure of both ends of a spectrum can take, by the bounds that hold for every spectrum."""

import math

from fathometer.numerics.spectra._ceiling import least_share


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
    if min(needed, size) <= rows:
        return min(needed, size)
    total, steps = rows, 2 * rows
    while True:
        total += 2 * steps
        if steps >= needed:
            return total
        steps *= 2


def _degree(share: float, tolerance: float) -> int:
    eps = tolerance / (2 + 2 * tolerance)  # eps / (1 - 2 eps) = tolerance / 2
    return math.ceil((math.acosh(share**-0.5) / math.atanh(math.sqrt(eps)) + 1) / 2)

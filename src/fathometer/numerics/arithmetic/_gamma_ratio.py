"""Gamma(z + 1/2) / Gamma(z) to the precision of the wide format."""

import numpy as np

from fathometer.numerics.arithmetic._rounding import Wide, wide

PI = np.longdouble("3.14159265358979323846264338327950288")


# Euler numbers E_2, E_4, ..., E_16.
_EULER = (-1, 5, -61, 1385, -50521, 2702765, -199360981, 19391512145)


_SHIFT = 32


def half_step_gamma_ratio(z: Wide) -> Wide:
    """Gamma(z + 1/2) / Gamma(z) for z >= 1/2, any shape, to the precision of the wide format.

    Asymptotic series in 1/w^2, w = z - 1/4, after a shift by 32: ln ratio = ln(w)/2 - sum E_2j / (j 4^(2j+1) w^2j)
    (derived from Stirling's series, whose terms of odd order cancel between w + 1/4 and w + 3/4).
    """
    z = wide(z)
    factors = [(z + j) / (z + j + 0.5) for j in range(_SHIFT)]
    w = z + (_SHIFT - 0.25)
    series = sum(wide(e) / (j * wide(4) ** (2 * j + 1) * w ** (2 * j)) for j, e in enumerate(_EULER, start=1))
    return np.sqrt(w) * np.exp(-series) * np.prod(factors, axis=0)

"""Constants of the bounds, in the wide format."""

import numpy as np
from numpy.typing import ArrayLike

from fathometer.evidence import whole_number
from fathometer.numerics import Wide, wide

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


def mean_gaussian_norm(d: ArrayLike) -> Wide:
    """E ||N(0, I_d)|| = sqrt(2) Gamma((d+1)/2) / Gamma(d/2), for d >= 1."""
    return np.sqrt(wide(2)) * half_step_gamma_ratio(wide(d) / 2)


def kt_constant(n: ArrayLike) -> Wide:
    """KT(n) = sqrt(pi) Gamma(n+1) / Gamma(n+1/2), the price of betting with the Beta(1/2, 1/2) mixture (derived)."""
    return np.sqrt(PI) * half_step_gamma_ratio(wide(n) + 0.5)


def maurer_constant(m: int) -> np.longdouble:
    """xi(m) = sum_k C(m,k) (k/m)^k (1-k/m)^(m-k), at most 2 sqrt(m), and valid in its place for one fixed m.

    Evaluated as sum_i m! / ((m-i)! m^i), which is equal by Abel's identity.

    Args:
        m: sample size, at least 1.

    Raises:
        InputError: if `m` is not a whole number of at least 1.
    """
    size = whole_number("m", m, at_least=1)
    return 1 + np.cumprod(1 - np.arange(size, dtype=np.longdouble) / size).sum()

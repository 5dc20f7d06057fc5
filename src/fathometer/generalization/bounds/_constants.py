"""Constants of the bounds, in the wide format."""

import numpy as np
from numpy.typing import ArrayLike

from fathometer.evidence import whole_number
from fathometer.numerics import Wide, wide
from fathometer.numerics.arithmetic._gamma_ratio import PI, half_step_gamma_ratio


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

"""The distribution function of the standard Gaussian in the wide format."""

import numpy as np

from fathometer.numerics import Wide, wide
from fathometer.numerics.arithmetic._gamma_ratio import PI

LARGEST = 9
"""From here on the function is within 2e-19 of 1; its value here, which is smaller, stands for all."""

_TERMS = 160


def normal_cdf(t: Wide) -> Wide:
    """Phi(t) for t >= 0, to some hundred roundings of the wide format; at most the exact value beyond `LARGEST`.

    Phi(t) = 1/2 + phi(t) (t + t^3/3 + t^5/15 + ...), a series of positive terms.

    Args:
        t: at least 0, any shape.
    """
    t = np.minimum(wide(t), LARGEST)
    term = total = t
    for k in range(1, _TERMS):
        term = term * t**2 / (2 * k + 1)
        total = total + term
    return 0.5 + np.exp(-(t**2) / 2) / np.sqrt(2 * PI) * total

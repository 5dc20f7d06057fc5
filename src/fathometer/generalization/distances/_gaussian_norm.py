"""Mean length of a Gaussian vector, in the wide format."""

import numpy as np
from numpy.typing import ArrayLike

from fathometer.numerics import Wide, wide
from fathometer.numerics.arithmetic._gamma_ratio import half_step_gamma_ratio


def mean_gaussian_norm(d: ArrayLike) -> Wide:
    """E ||N(0, I_d)|| = sqrt(2) Gamma((d+1)/2) / Gamma(d/2), for d >= 1."""
    return np.sqrt(wide(2)) * half_step_gamma_ratio(wide(d) / 2)

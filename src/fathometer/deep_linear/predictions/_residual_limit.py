"""What a residual start says about the sharpness of the minimizer that gradient flow reaches from it."""

import math

from fathometer.deep_linear.model._residual_start import ResidualStart


def residual_sharpness_bound(start: ResidualStart) -> float:
    """Bound 2 L lambda_max C^4 |p|^2 on the sharpness of every minimizer in the tube.

    Derived: |b_k| <= C |p| and |A_k| <= C there.
    """
    return 2 * start.network.depth * start.network.regression.lambda_max * start.spread * start.readout_norm**2


def residual_flatness_bound(start: ResidualStart) -> float:
    """Bound C^4 / c^{2-2/L} lambda_max / a on the sharpness of a minimizer in the tube over the smallest of any.

    Derived: S_min >= 2 L |p|^{2/L} m^{2-2/L} a with m >= c |p|. It is inf if the tube contains singular products.
    """
    data, depth = start.network.regression, start.network.depth
    if not start.lower > 0:
        return math.inf
    return start.spread / start.lower ** (2 - 2 / depth) * data.lambda_max / data.rayleigh

"""Tokens in an open hemisphere: the margin, the chart, and how fast its width must shrink."""

import math

from fathometer.attention.model._hemisphere import hemisphere_margin
from fathometer.attention.model._system import ParticleSystem


def contraction_rate(system: ParticleSystem) -> float:
    """Rate r_0 exp(-2 beta) at which the chart contracts, with the certified lower end of the margin as r_0.

    In the chart y_i = x_i / <x_i, w> both models read dy_i/dt = sum_j b_ij (y_j - y_i) with
    b_ij >= m_j exp(-2 beta) r_0, so that the width in any direction falls at least at this rate (derived).
    """
    return float(hemisphere_margin(system).lower) * math.exp(-2 * system.beta)

"""Tokens in an open hemisphere: how fast the width of the chart must shrink, and the distance to the limit."""

import math

import numpy as np

from fathometer.attention.model._hemisphere import hemisphere_margin
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._hemisphere import chart_diameter
from fathometer.attention.observables.clusters._clusters import default_resolution
from fathometer.numerics import hemisphere_axis, in_float64


def contraction_rate(system: ParticleSystem) -> float:
    """Rate r_0 exp(-2 beta) at which the chart contracts, with the certified lower end of the margin as r_0.

    In the chart y_i = x_i / <x_i, w> both models read dy_i/dt = sum_j b_ij (y_j - y_i) with
    b_ij >= m_j exp(-2 beta) r_0, so that the width in any direction falls at least at this rate (derived).
    """
    return float(hemisphere_margin(system).lower) * math.exp(-2 * system.beta)


@in_float64
def latest_collapse(system: ParticleSystem) -> float:
    """Time exp(2 beta) log(D(0)/c) / r_0 by which the chart is narrower than c = 0.1/sqrt(max(1, beta)); may be inf.

    Chords are not longer than distances in the chart, so that all tokens are one cluster then (derived). 0 if they are
    within c at time 0.
    """
    width = float(chart_diameter(system.points[None], hemisphere_axis(system.points)[0])[0])
    shrink = max(0.0, math.log(max(width, np.finfo(float).tiny) / default_resolution(system.beta)))
    with np.errstate(divide="ignore", over="ignore"):
        return float(np.divide(shrink, contraction_rate(system))) if shrink else 0.0


def approach_rate(system: ParticleSystem) -> float:
    """Rate m exp(-2 beta) / 2 at which 1 - min_i <x_i, x*> falls once it is at most 1/2, m the smallest mass.

    Weights of the attention average are at least m exp(-2 beta) (Geshkovski et al. 2023, cone collapse lemma).
    """
    return float(np.min(system.masses)) * math.exp(-2 * system.beta) / 2

"""The energy of a configuration from its inner products."""

import numpy as np

from fathometer.attention.model._system import read_beta
from fathometer.attention.model.minimal_energy._configurations import Configuration
from fathometer.evidence import Estimate
from fathometer.numerics import SLACK, round_down, round_up, wide


def configuration_energy(one: Configuration, beta: float) -> Estimate:
    """Return the unit energy (1 + sum_k m_k exp(beta (t_k - 1))) / n, enclosed with its rounding.

    For a configuration that is universally optimal no cloud of n points in R^d has less (Cohn and Kumar 2007).

    Args:
        one: inner products t_k of a point with m_k others.
        beta: inverse temperature, between 0 and 1e10.

    Raises:
        InputError: if beta is not as above.
    """
    inverse = wide(read_beta(beta))
    energy = (1 + np.sum(np.asarray(one.counts) * np.exp(inverse * (one.cosines - 1)))) / one.n
    slack = SLACK * (1 + float(inverse))
    return Estimate.enclosed(float(energy), float(round_down(energy, slack)), float(round_up(energy, slack)))

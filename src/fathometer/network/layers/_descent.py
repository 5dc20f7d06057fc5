"""Does the energy rise from block to block, as it does along the model?"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from fathometer.evidence import Estimate, Record
from fathometer.network.layers.measuring._bootstrap import ratio

_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class EnergyFalls(Record):
    """Where the energy falls, which it never does along the model.

    Attributes:
        beta: inverse temperature of the energy.
        share: of the pairs of a block and a text in which it falls.
        texts: share of the texts in which it falls at some block.
        blocks: those in which it falls in more than half of the texts.
    """

    beta: float
    share: Estimate
    texts: Estimate
    blocks: tuple[int, ...]


def energy_falls(energies: Float[np.ndarray, "texts sites"], beta: float) -> EnergyFalls:
    """Count the blocks at which the energy falls.

    Args:
        energies: of every text at every site.
        beta: inverse temperature at which they were measured.
    """
    falls = np.diff(energies, axis=1) < -_ROUNDING
    often = np.flatnonzero(np.mean(falls, axis=0) > 0.5)
    share = ratio(np.sum(falls, axis=1, dtype=float), np.full(len(falls), float(falls.shape[1])), (0.0, 1.0))
    return EnergyFalls(beta, share, Estimate.share_of(np.any(falls, axis=1)), tuple(map(int, often)))

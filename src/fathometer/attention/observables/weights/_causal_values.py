"""Causal tokens with values of their own: the first one, and how near all are to the leading line at the end."""

import numpy as np

from fathometer.attention.model._variant import Variant
from fathometer.attention.model.weights._leading import leading_direction
from fathometer.evidence import Estimate, Trajectory


def last_chords_to_line(run: Trajectory) -> Estimate:
    """Chords from the tokens at the end to the nearer of xi and -xi; a limit could still be anything below them."""
    direction, _ = leading_direction(Variant.expect(run.problem))
    last = run.states["points"][-1]
    chords = np.minimum(np.linalg.norm(last - direction, axis=-1), np.linalg.norm(last + direction, axis=-1))
    return Estimate.heuristic(chords, np.zeros_like(chords), chords)

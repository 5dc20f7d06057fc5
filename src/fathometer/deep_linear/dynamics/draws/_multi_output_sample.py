"""Minimizers of a network with several outputs side by side: the balanced one and many random ones."""

import numpy as np

from fathometer.deep_linear.model._multi_output import MultiOutput
from fathometer.deep_linear.model._network import as_states
from fathometer.deep_linear.predictions.sharpness._multi_output_sharpness import (
    balanced_factorization,
    random_multi_output_minimizers,
)
from fathometer.evidence import Axis, AxisKind, Origin, Provenance, Trajectory


def sample_multi_output_minimizers(problem: MultiOutput, count: int, seed: int) -> Trajectory:
    """Build the balanced minimizer and `count` random ones, of hidden widths min(o, d).

    Args:
        problem: the network; M_star must not be zero, and not have more rows than columns.
        count: number of random minimizers, at least 1.
        seed: of the random minimizers, at least 0.

    Returns:
        Along draws 0 (balanced), 1, 2, ...: states W1 to WL.

    Raises:
        InputError: if M_star is zero or has too many rows, or a number is out of range.
    """
    balanced = balanced_factorization(problem.regression.M_star, problem.depth)
    drawn = random_multi_output_minimizers(problem, min(problem.shape), count, seed)
    layers = tuple(np.concatenate([one[None], many]) for one, many in zip(balanced, drawn, strict=True))
    axis = Axis(AxisKind.DRAW, np.arange(1.0 + count), "minimizer")
    return Trajectory(problem, axis, as_states(layers), Origin.SIMULATED, provenance=Provenance.here(seed))

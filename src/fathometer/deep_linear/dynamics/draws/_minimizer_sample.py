"""Minimizers side by side: the flattest, the balanced and many random ones, as one trajectory."""

import numpy as np

from fathometer.deep_linear.model._network import as_states
from fathometer.deep_linear.model._problem import DeepLinear
from fathometer.deep_linear.predictions.sharpness._minimizers import (
    balanced_minimizer,
    flattest_minimizer,
    random_minimizers,
)
from fathometer.evidence import Axis, AxisKind, Origin, Provenance, Trajectory


def sample_minimizers(problem: DeepLinear, width: int, count: int, seed: int) -> Trajectory:
    """Build the flattest minimizer, the balanced one and `count` random ones.

    Args:
        problem: the network; `w_star` must explain something.
        width: of all hidden layers, at least 1.
        count: number of random minimizers, at least 1.
        seed: of the random minimizers.

    Returns:
        Along draws 0 (flattest), 1 (balanced), 2, ...: states W1 to WL.

    Raises:
        InputError: if `w_star` explains nothing or a number is out of range.
    """
    special = (flattest_minimizer(problem, width), balanced_minimizer(problem, width))
    drawn = random_minimizers(problem, width, count, seed)
    layers = tuple(np.concatenate([np.stack(pair), many]) for *pair, many in zip(*special, drawn, strict=True))
    return Trajectory(
        problem,
        Axis(AxisKind.DRAW, np.arange(2.0 + count), "minimizer"),
        as_states(layers),
        Origin.SIMULATED,
        provenance=Provenance.here(seed),
    )

"""What Adam and RMSProp divide by, as the edge of stability needs it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fathometer.evidence import InputError
from fathometer.network._objective import Objective
from fathometer.network.curvature._preconditioner import divides_by_squares, preconditioner, updates_in
from fathometer.network.steps._edge_rules import EdgeRule, Method


def edge_preconditioner(of: Objective, optimizer: Any, rule: EdgeRule) -> NDArray[np.float64] | None:
    """The diagonal P = (1 - b1^t) (sqrt(v_hat) + eps) after t steps; without the first factor for RMSProp.

    The factor comes of Adam's correction of its average gradient and goes to 1. Source: Cohen et al. 2022.

    Args:
        of: its blocks say which parameters.
        optimizer: of torch, or a state of optax.
        rule: of the optimiser.

    Returns:
        None for a rule without one, and before the first step.
    """
    if not rule.preconditioned:
        return None
    try:
        diagonal = preconditioner(of, optimizer)
    except InputError:
        return None
    if rule.method is not Method.ADAM or (steps := _steps(optimizer)) is None:
        return diagonal
    return (1 - rule.momentum**steps) * diagonal


def _steps(optimizer: Any) -> float | None:
    """How many steps it has made; None if its state does not say."""
    if hasattr(optimizer, "param_groups"):
        return next((float(state["step"]) for state in optimizer.state.values() if "step" in state), None)
    return _count(optimizer)


def _count(state: Any) -> float | None:
    """The count beside the second moments of a state of optax."""
    if divides_by_squares(state):
        return None if (count := updates_in(state)) is None else float(count)
    parts = state if isinstance(state, tuple | list) else ()
    return next((count for part in parts if (count := _count(part)) is not None), None)

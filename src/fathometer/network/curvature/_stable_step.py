"""Steps up to which an optimiser stays at a minimum of a given curvature, and where a step is against them."""

import math
from enum import StrEnum

from fathometer.evidence import Estimate, InputError, finite_number


class Rule(StrEnum):
    """How an optimiser steps.

    DESCENT: gradient descent. HEAVY_BALL, NESTEROV: with momentum. ADAM: its first moment is a momentum too, and the
    curvature is that of P^{-1/2} H P^{-1/2} with P = diag(sqrt(v) + eps).
    """

    DESCENT = "descent"
    HEAVY_BALL = "heavy_ball"
    NESTEROV = "nesterov"
    ADAM = "adam"


def threshold(rule: Rule | str = Rule.DESCENT, momentum: float = 0.9) -> float:
    """Largest stable step times curvature.

    Source: Cohen, Kaur, Li, Kolter, Talwalkar 2021; for Adam, Cohen et al. 2022.

    Args:
        rule: how the optimiser steps.
        momentum: b in [0, 1); the first beta of Adam. Gradient descent has none.

    Raises:
        InputError: if the rule is unknown or the momentum is out of range.
    """
    try:
        kind = Rule(rule)
    except ValueError as error:
        raise InputError(f"rule must be one of {[str(each) for each in Rule]}, got {rule!r}") from error
    b = finite_number("momentum", momentum, at_least=0, below=1)
    return {
        Rule.DESCENT: 2.0,
        Rule.HEAVY_BALL: 2 + 2 * b,
        Rule.NESTEROV: (2 + 2 * b) / (1 + 2 * b),
        Rule.ADAM: (2 + 2 * b) / (1 - b),
    }[kind]


def largest_stable_step(largest: Estimate, rule: Rule | str = Rule.DESCENT, momentum: float = 0.9) -> Estimate:
    """The step beyond which the direction of largest curvature grows.

    Args:
        largest: eigenvalue of the Hessian, for Adam of the preconditioned one; inf comes of one that is not positive.
        rule: how the optimiser steps.
        momentum: b in [0, 1).
    """
    top = threshold(rule, momentum)
    value, lower, upper = (top / x if x > 0 else math.inf for x in (largest.value, largest.upper, largest.lower))
    return Estimate(value, lower, upper, largest.kind, largest.confidence)


def edge_ratio(step: float, largest: Estimate, rule: Rule | str = Rule.DESCENT, momentum: float = 0.9) -> Estimate:
    """A step over the largest stable one: below 1 stable, 1 at the edge of stability.

    Args:
        step: at least 0.
        largest: eigenvalue of the Hessian, for Adam of the preconditioned one.
        rule: how the optimiser steps.
        momentum: b in [0, 1).
    """
    factor = finite_number("step", step, at_least=0) / threshold(rule, momentum)
    value, lower, upper = (factor * x for x in (largest.value, largest.lower, largest.upper))
    return Estimate(value, lower, upper, largest.kind, largest.confidence)

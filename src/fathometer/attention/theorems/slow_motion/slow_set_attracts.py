"""Next to the slow set the energy that is missing decays exponentially, down to the slope of the slow set."""

import sys

import numpy as np

from fathometer.attention.dynamics._ascent_path import (
    AscentPath,
    collapsed,
    exactly,
    rise_to_slow_set,
    slow_constant,
    slow_slope,
)
from fathometer.attention.model._references import SLOW_MOTION
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Axis,
    Estimate,
    Hypothesis,
    InputError,
    Problem,
    Source,
    Theorem,
    Trajectory,
)

FLOOR = 26.0
"""Derived constant in front of the slope of the slow set; no loss in the rate is needed with it."""

ROUNDING = 1e-9


def kappa(problem: Problem) -> Estimate:
    """The constant of both inequalities along the path."""
    return Estimate.exact(slow_constant(AscentPath.expect(problem)))


def root_rise(trajectory: Trajectory) -> Estimate:
    """Square root of E(v) - E(u) for each state u and its point v of the slow set."""
    path = AscentPath.expect(trajectory.problem)
    return exactly(np.sqrt(np.maximum(rise_to_slow_set(path, trajectory.states["angles"]), 0.0)), path)


def root_rise_and_distance(trajectory: Trajectory) -> Estimate:
    """sqrt(kappa) |u - v| + sqrt(E(v) - E(u)) for each state."""
    path, angles = AscentPath.expect(trajectory.problem), trajectory.states["angles"]
    distances = np.linalg.norm(angles - collapsed(path, angles), axis=1)
    return exactly(np.sqrt(slow_constant(path)) * distances + root_rise(trajectory).value, path)


def predict(problem: Problem, axis: Axis | None) -> AtMost:
    """At most exp(-kappa t) times the start plus 26 delta / sqrt(kappa).

    Raises:
        InputError: if the measurement has no axis.
    """
    if axis is None:
        raise InputError("the decay is a statement along time; the measurement has no axis")
    path, rate = AscentPath.expect(problem), float(kappa(problem).value)
    start = np.sqrt(max(0.0, rise_to_slow_set(path, path.angles[:1])[0]))
    return AtMost(
        np.exp(-rate * axis.points) * start * (1 + 1e-6) + FLOOR * slow_slope(path) / np.sqrt(rate) + ROUNDING
    )


INEQUALITIES = Hypothesis("both inequalities along the path: kappa > 0", AtLeast(sys.float_info.min), kappa)

THEOREM = Theorem(
    id="slow_set_attracts",
    theory="attention",
    title="The slow set attracts at an exponential rate",
    statement="Let every u along the ascent have a v in the slow set with (kappa/2) |u - v|^2 <= E(v) - E(u) <="
    " |grad E(u)|^2 / (2 kappa), and let the slope of E within the slow set be at most delta. Then"
    " f = sqrt(E(v) - E(u)) obeys f(t) <= exp(-kappa t) f(0) + 26 delta / sqrt(kappa), and |u - v| <= sqrt(2/kappa) f.",
    source=Source(
        SLOW_MOTION,
        "relaxation to the slow manifold, in the form in which Geshkovski et al. (2024) use it",
        "Printed with |u - v| + f on the left and f(0) alone on the right, which is false at t = 0. The constant 26"
        " is derived by iterating over unit intervals. kappa and delta are measured along the path.",
    ),
    hypotheses=(INEQUALITIES,),
    quantity=root_rise,
    predict=predict,
)

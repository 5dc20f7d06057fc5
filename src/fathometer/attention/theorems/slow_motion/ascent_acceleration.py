"""Where the energy is convex along the path, the ascent accelerates exponentially: a jump is coming."""

import sys

import numpy as np

from fathometer.attention.dynamics._ascent_path import AscentPath, curvatures, energy_gradient
from fathometer.attention.model._references import METASTABILITY
from fathometer.evidence import AtLeast, Axis, Estimate, Hypothesis, Problem, Source, Theorem, Trajectory

_ERROR = 1e-8


def convexity(problem: Problem) -> Estimate:
    """Largest c with <Hess E grad E, grad E> >= c |grad E|^2 along the path: the reverse PL constant."""
    return Estimate.exact(np.min(curvatures(AscentPath.expect(problem))))


def log_growth(trajectory: Trajectory) -> Estimate:
    """Log of |grad E|^2 relative to the start."""
    path = AscentPath.expect(trajectory.problem)
    slopes = np.log(np.sum(energy_gradient(trajectory.states["angles"], path.beta) ** 2, axis=1))
    growth = slopes - slopes[0]
    return Estimate.heuristic(growth, growth - _ERROR, growth + _ERROR, along=trajectory.axis)


def predict(problem: Problem, axis: Axis | None) -> AtLeast:
    """At least 2 c t."""
    path = AscentPath.expect(problem)
    return AtLeast(2 * float(convexity(problem).value) * (path.times - path.times[0]) - 2 * _ERROR)


THEOREM = Theorem(
    id="ascent_acceleration",
    theory="attention",
    title="Convex along the path: the ascent accelerates",
    statement="If <Hess E grad E, grad E> >= c |grad E|^2 with c > 0 along the ascent on [0, T], then"
    " |grad E(X(t))|^2 >= exp(2 c t) |grad E(X(0))|^2.",
    source=Source(METASTABILITY, "acceleration (reverse Polyak-Lojasiewicz)", "c is measured along the path."),
    hypotheses=(Hypothesis("convex along the path: c > 0", AtLeast(sys.float_info.min), convexity),),
    quantity=log_growth,
    predict=predict,
)

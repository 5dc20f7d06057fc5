"""A Polyak-Lojasiewicz inequality along the path bounds how far the path still has to go."""

import sys

import numpy as np

from fathometer.attention.dynamics._ascent_path import AscentPath, energy_gradient, exactly, path_deficits
from fathometer.attention.model._references import METASTABILITY
from fathometer.evidence import AtLeast, AtMost, Axis, Estimate, Hypothesis, Problem, Source, Theorem, Trajectory


def _rises(problem: Problem) -> np.ndarray:
    path = AscentPath.expect(problem)
    deficits = path_deficits(path, path.angles)
    return deficits - deficits[-1]


def constant(problem: Problem) -> Estimate:
    """Largest c with E(v) - E <= |grad E|^2 / (2 c) along the path, v its end."""
    path, rises = AscentPath.expect(problem), _rises(problem)
    slopes = np.sum(energy_gradient(path.angles, path.beta) ** 2, axis=1)
    before = rises > 1e-6 * rises[0]
    return Estimate.exact(np.min(slopes[before] / (2 * rises[before])) if np.any(before) else np.nan)


def square_distance(trajectory: Trajectory) -> Estimate:
    """|u - v|^2 from each state to the end of the path."""
    angles = trajectory.states["angles"]
    return exactly(np.sum((angles - angles[-1]) ** 2, axis=1), AscentPath.expect(trajectory.problem))


def bound(problem: Problem, factor: float) -> AtMost:
    """At most factor (E(v) - E(u)) / c, with room for the last states and the solver."""
    rises, c = _rises(problem), float(constant(problem).value)
    room = 1e-5 * rises[0]
    return AtMost(factor * (rises + room) / c * (1 + 1e-6))


def predict(problem: Problem, axis: Axis | None) -> AtMost:
    """At most 2 (E(v) - E(u)) / c."""
    return bound(problem, 2.0)


THEOREM = Theorem(
    id="ascent_distance",
    theory="attention",
    title="A PL inequality along the path bounds its length",
    statement="If E(v) - E(X(t)) <= |grad E(X(t))|^2 / (2 c) along the ascent from u to v, then"
    " (c/2) |u - v|^2 <= E(v) - E(u).",
    source=Source(
        METASTABILITY,
        "quantitative lemma",
        "Printed with 2 c instead of c/2, which a quadratic energy refutes. c is measured along the path, until the"
        " rise that is left is 1e-6 of the whole; 1e-5 of it is room at the end.",
    ),
    hypotheses=(Hypothesis("a PL constant c > 0 along the path", AtLeast(sys.float_info.min), constant),),
    quantity=square_distance,
    predict=predict,
)

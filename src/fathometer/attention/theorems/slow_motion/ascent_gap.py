"""Where the energy is concave along the path, the squared slope bounds how far it still has to rise."""

import sys

import numpy as np

from fathometer.attention.dynamics._ascent_path import AscentPath, curvatures, energy_gradient, exactly, path_deficits
from fathometer.attention.model._references import METASTABILITY
from fathometer.evidence import AtLeast, AtMost, Axis, Estimate, Hypothesis, Problem, Source, Theorem, Trajectory

ROUNDING = 1e-15


def concavity(problem: Problem) -> Estimate:
    """Largest c with <grad E, Hess E grad E> <= -c |grad E|^2 along the path."""
    return Estimate.exact(-np.max(curvatures(AscentPath.expect(problem))))


def rise(trajectory: Trajectory) -> Estimate:
    """E at the end of the path less E at each state."""
    path = AscentPath.expect(trajectory.problem)
    deficits = path_deficits(path, trajectory.states["angles"])
    return exactly(deficits - deficits[-1], path)


def predict(problem: Problem, axis: Axis | None) -> AtMost:
    """At most |grad E|^2 / (2 c)."""
    path = AscentPath.expect(problem)
    slopes = np.sum(energy_gradient(path.angles, path.beta) ** 2, axis=1)
    return AtMost(slopes / (2 * float(concavity(problem).value)) * (1 + 1e-6) + ROUNDING)


THEOREM = Theorem(
    id="ascent_gap",
    theory="attention",
    title="Concave along the path: the slope bounds the gap",
    statement="If <grad E, Hess E grad E> <= -c |grad E|^2 with c > 0 along the ascent from u to v, then"
    " E(v) - E(u) <= |grad E(u)|^2 / (2 c).",
    source=Source(
        METASTABILITY,
        "lemma of Bakry-Emery type",
        "c is measured along the path. 1e-6 and 1e-15 are room for the solver and for rounding.",
    ),
    hypotheses=(Hypothesis("concave along the path: c > 0", AtLeast(sys.float_info.min), concavity),),
    quantity=rise,
    predict=predict,
)

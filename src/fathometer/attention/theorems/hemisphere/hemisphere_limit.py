"""Tokens of a hemisphere approach their limit at an explicit exponential rate."""

import numpy as np

from fathometer.attention.model._hemisphere import OPEN_HEMISPHERE
from fathometer.attention.model._references import PERSPECTIVE
from fathometer.attention.model._system import ParticleSystem
from fathometer.evidence import AtMost, Axis, Estimate, Problem, Source, Theorem, Trajectory

ROOM = 1e-5
_RESOLVED = 1e-9


def excess_decay(trajectory: Trajectory) -> Estimate:
    """Log of (1 - alpha)/(1 - alpha(t_0)) plus rate times t - t_0, from the first state t_0 with alpha >= 1/2 on.

    alpha is the smallest <x_i, x*>, with the mean direction of the last state for x*. NaN before t_0, if there is
    nothing after it, and where 1 - alpha is not resolved.
    """
    system, points = ParticleSystem.expect(trajectory.problem), trajectory.states["points"]
    mean = points[-1].mean(axis=0)
    deficits = np.max(np.sum((points - mean / np.linalg.norm(mean)) ** 2, axis=-1), axis=1) / 2
    near = np.flatnonzero((deficits <= 0.5) & (deficits > _RESOLVED))
    if len(near) < 2:
        return Estimate.exact(np.nan)
    rate = float(np.min(system.masses)) * np.exp(-2 * system.beta) / 2
    times = trajectory.axis.points[near]
    return Estimate.exact(np.log(deficits[near] / deficits[near[0]]) + rate * (times - times[0]))


def predict(problem: Problem, axis: Axis | None) -> AtMost:
    """At most 0, with room for the solver."""
    return AtMost(ROOM)


THEOREM = Theorem(
    id="hemisphere_limit",
    theory="attention",
    title="Rate of approach to the limit in a hemisphere",
    statement="With x* the limit of the tokens and alpha = min_i <x_i, x*>, d alpha/dt >= m exp(-2 beta) (1 - alpha)/2"
    " once alpha >= 1/2, m the smallest mass, 1/n for equal ones: 1 - alpha falls at least at that rate.",
    source=Source(
        PERSPECTIVE,
        "cone collapse lemma, last step of the proof",
        "x* is the mean direction of the last state: the run must have converged.",
    ),
    hypotheses=(OPEN_HEMISPHERE,),
    quantity=excess_decay,
    predict=predict,
)

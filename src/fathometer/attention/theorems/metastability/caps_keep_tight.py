"""Clusters stay as tight as they began."""

import numpy as np

from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model.caps._geometry import cap_widths
from fathometer.attention.model.caps._hypotheses import SEPARATED
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.attention.observables.caps._motion import log_leak, log_pull
from fathometer.attention.observables.caps._widths import DISTANCE_ERROR, axis_times, widths
from fathometer.evidence import AtLeast, AtMost, Axis, Estimate, Hypothesis, Problem, Source, Theorem, Trajectory


def initial_width(problem: Problem) -> float:
    """Largest distance between two tokens of one cap at time 0."""
    cloud = SeparatedCloud.expect(problem)
    return float(np.max(cap_widths(cloud.system.points[None], cloud.members, len(cloud.centres))))


def log_excess_pull(problem: Problem) -> Estimate:
    """Log of F(delta) / (n^2 exp(-(1 - alpha) beta)), delta half the square of the initial width."""
    cloud = SeparatedCloud.expect(problem)
    delta, n = initial_width(problem) ** 2 / 2, len(cloud.system.points)
    pull = log_pull(delta, cloud.system.beta) if 0 < delta < 1 else -np.inf
    return Estimate.exact(pull - 2 * np.log(n) - log_leak(problem))


def measured_widths(trajectory: Trajectory) -> Estimate:
    """Largest distance between two tokens of one cap, for every state."""
    found = widths(trajectory)
    return Estimate.heuristic(
        found, np.maximum(found - DISTANCE_ERROR, 0), found + DISTANCE_ERROR, along=trajectory.axis
    )


def predict(problem: Problem, axis: Axis | None) -> AtMost:
    """At most the width at time 0, with room for the solver, until T_2."""
    until = axis_times(axis) <= SeparatedCloud.expect(problem).log_exit_time.value
    return AtMost(np.where(until, initial_width(problem) + 2 * DISTANCE_ERROR, 2.0), domain=(0, 2))


THEOREM = Theorem(
    id="caps_keep_tight",
    theory="attention",
    title="Metastability, step (d): tight clusters stay tight",
    statement="With separated caps, if all tokens of a cap begin with <x_i, x_j> >= 1 - delta, and F(delta) = delta"
    " (1 - delta) exp(-beta delta) > n^2 exp(-(1 - alpha) beta), this remains so until T_2.",
    source=Source(
        METASTABILITY, "proof of the main theorem, propagation", "delta = 8 eps always satisfies the condition."
    ),
    hypotheses=(*SEPARATED, Hypothesis("log F(delta) above the leak", AtLeast(1e-12), log_excess_pull)),
    quantity=measured_widths,
    predict=predict,
)

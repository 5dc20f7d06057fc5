"""Clusters stay as tight as they began."""

import numpy as np

from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model.caps._hypotheses import SEPARATED
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud, log_leak, log_pull
from fathometer.attention.observables.caps._widths import (
    DISTANCE_ERROR,
    axis_times,
    initial_width,
    largest_width,
)
from fathometer.attention.theorems.metastability._examples import ALONG, in_caps, not_separated
from fathometer.evidence import AtLeast, AtMost, Axis, Estimate, Hypothesis, Problem, Source, Theorem


def log_excess_pull(problem: Problem) -> Estimate:
    """Log of F(delta) / (n^2 exp(-(1 - alpha) beta)), delta half the square of the initial width."""
    cloud = SeparatedCloud.expect(problem)
    delta, n = initial_width(cloud) ** 2 / 2, len(cloud.system.points)
    pull = log_pull(delta, cloud.system.beta) if 0 < delta < 1 else -np.inf
    return Estimate.exact(pull - 2 * np.log(n) - log_leak(cloud))


def predict(problem: Problem, axis: Axis | None) -> AtMost:
    """At most the width at time 0, with room for the solver, until T_2."""
    cloud = SeparatedCloud.expect(problem)
    until = axis_times(axis) <= cloud.log_exit_time.value
    return AtMost(np.where(until, initial_width(cloud) + 2 * DISTANCE_ERROR, 2.0), domain=(0, 2))


THEOREM = Theorem(
    id="caps_keep_tight",
    theory="attention",
    title="Metastability, step (d): tight clusters stay tight",
    statement="With separated caps, if all tokens of a cap begin with <x_i, x_j> >= 1 - delta, and F(delta) = delta"
    " (1 - delta) exp(-beta delta) > n^2 exp(-(1 - alpha) beta), this remains so until T_2.",
    source=Source(
        METASTABILITY, "proof of the main theorem, propagation", "delta = 8 eps always satisfies the condition."
    ),
    about=SeparatedCloud,
    hypotheses=(*SEPARATED, Hypothesis("log F(delta) above the leak", AtLeast(1e-12), log_excess_pull)),
    quantity=largest_width,
    predict=predict,
    example=in_caps,
    counterexample=not_separated,
    along=ALONG,
    reads=("points",),
    uses=(
        "caps_contain",
        "cap_tightening",
    ),
)

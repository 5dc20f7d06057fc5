"""A law in separated caps stays in caps twice as deep for an exponentially long time, whatever the number of tokens."""

import numpy as np

from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model.caps._law import LAW_IN_CAPS, log_window_time
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.attention.observables.caps._widths import axis_times, deepest
from fathometer.attention.theorems.metastability._examples import ALONG, law_in_caps, not_separated
from fathometer.evidence import AtMost, Axis, Problem, Source, Theorem


def predict(problem: Problem, axis: Axis | None) -> AtMost:
    """At most 2 eps until (eps/k) exp(beta (1 - alpha - 8 eps)), and nothing after."""
    until = axis_times(axis) <= log_window_time(problem)
    return AtMost(np.where(until, 2 * SeparatedCloud.expect(problem).epsilon, 2.0), domain=(0, 2))


THEOREM = Theorem(
    id="mean_field_contain",
    theory="attention",
    title="Mean-field metastability, part 1: caps are not left",
    statement="Let a law be the mean of k laws, each in its cap S_q(eps), beta > 1, eps < 1/16, and gamma > 8 eps with"
    " k for n. Its flow stays in S_q(2 eps) until (eps/k) exp(beta (1 - alpha - 8 eps)) at least.",
    source=Source(METASTABILITY, "mean-field version of the main theorem", "Laws are sampled by tokens with masses."),
    about=SeparatedCloud,
    hypotheses=LAW_IN_CAPS,
    quantity=deepest,
    predict=predict,
    example=law_in_caps,
    counterexample=not_separated,
    along=ALONG,
    reads=("points",),
)

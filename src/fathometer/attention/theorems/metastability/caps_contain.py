"""Tokens in separated caps stay in caps twice as deep for an exponentially long time."""

import numpy as np

from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model.caps._hypotheses import SEPARATED
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.attention.observables.caps._widths import axis_times, deepest
from fathometer.attention.theorems.metastability._examples import ALONG, in_caps, not_separated
from fathometer.evidence import AtMost, Axis, Problem, Source, Theorem


def predict(problem: Problem, axis: Axis | None) -> AtMost:
    """At most 2 eps until T_2, and nothing after."""
    cloud = SeparatedCloud.expect(problem)
    until = axis_times(axis) <= cloud.log_exit_time.value
    return AtMost(np.where(until, 2 * cloud.epsilon, 2.0), domain=(0, 2))


THEOREM = Theorem(
    id="caps_contain",
    theory="attention",
    title="Metastability, part 1: caps are not left",
    statement="If every token starts in one of the separated caps S_q(eps) = {x : <x, w_q> >= 1 - eps}, it stays in"
    " S_q(2 eps) until T_2 >= (eps / n) exp((1 - alpha) beta) (SA and USA).",
    source=Source(METASTABILITY, "main theorem, item 1", "alpha by its exact formula (derived)."),
    about=SeparatedCloud,
    hypotheses=SEPARATED,
    quantity=deepest,
    predict=predict,
    example=in_caps,
    counterexample=not_separated,
    along=ALONG,
    reads=("points",),
    uses=("cap_drift",),
)

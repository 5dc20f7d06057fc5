"""What the stopping time in the proof of mean-field metastability says about the width of a cap."""

from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model.caps._law import ADMISSIBLE, LAW_IN_CAPS, log_promised
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.attention.observables.caps._variance import variance_at_stop
from fathometer.attention.theorems.metastability._examples import ALONG, law_in_caps, not_separated
from fathometer.evidence import AtMost, Axis, PrintedForm, Problem, Source, Theorem


def predict(problem: Problem, axis: Axis | None) -> AtMost:
    """At most the log of 4 exp(-(lambda - 8 eps) beta)."""
    return AtMost(log_promised(problem))


def _printed(problem: Problem, axis: Axis | None) -> AtMost:
    cloud = SeparatedCloud.expect(problem)
    return AtMost(-cloud.rate * cloud.system.beta)


THEOREM = Theorem(
    id="mean_field_variance",
    theory="attention",
    title="Mean-field metastability: the stopping time",
    statement="At the first time T_* with eta_q exp(-(1 - eta_q) beta) V_q <= 2 exp(-lambda beta), eta_q the smallest"
    " <y, x> in the cap, V_q <= 2 exp(-lambda beta)/(eta_q exp(-(1 - eta_q) beta)) <= 4 exp(-(lambda - 8 eps) beta).",
    source=Source(
        METASTABILITY,
        "proof of the mean-field version",
        "V_q(T_*) <= exp(-lambda beta) is printed. Judged on the logarithm, at the first saved time from T_* on.",
    ),
    about=SeparatedCloud,
    hypotheses=(*LAW_IN_CAPS, *ADMISSIBLE),
    quantity=variance_at_stop,
    predict=predict,
    example=law_in_caps,
    counterexample=not_separated,
    along=ALONG,
    reads=("points",),
    as_printed=(PrintedForm("at the stopping time T_*, V_q <= exp(-lambda beta)", predict=_printed),),
)

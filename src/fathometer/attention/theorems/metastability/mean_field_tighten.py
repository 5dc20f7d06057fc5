"""A law in separated caps becomes tight in each of them before the first one may be left."""

import numpy as np

from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model.caps._law import ADMISSIBLE, LAW_IN_CAPS, is_trivial, log_window_time
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.attention.observables.caps._variance import entry
from fathometer.attention.theorems.metastability._examples import ALONG, law_in_caps, not_separated
from fathometer.evidence import Axis, NotAfter, Problem, Source, Theorem


def predict(problem: Problem, axis: Axis | None) -> NotAfter:
    """Not after (eps/k) exp(beta (1 - alpha - 8 eps)); nothing where the promise is no less than V_q can be."""
    with np.errstate(over="ignore"):
        return NotAfter(np.exp(log_window_time(problem)), domain=(0, 0 if is_trivial(problem) else None))


THEOREM = Theorem(
    id="mean_field_tighten",
    theory="attention",
    title="Mean-field metastability, part 2: one point for each cap",
    statement="With a law in caps as in part 1 and 0 < lambda < gamma, from a T_1 < (eps/k) exp(beta (1 - alpha"
    " - 8 eps)) on, the integral V_q of |y - x|^2 over each cap, x its farthest token, is at most"
    " 4 exp(-(lambda - 8 eps) beta).",
    source=Source(
        METASTABILITY,
        "mean-field version of the main theorem",
        "exp(-lambda beta) is printed, unproved: its step V_q(T_*) <= exp(-lambda beta) is false. x is the farthest"
        " token of the law, where the paper takes the farthest point of the moved cap.",
    ),
    about=SeparatedCloud,
    hypotheses=(*LAW_IN_CAPS, *ADMISSIBLE),
    quantity=entry,
    predict=predict,
    example=law_in_caps,
    counterexample=not_separated,
    along=ALONG,
    reads=("points",),
    uses=(
        "mean_field_contain",
        "mean_field_variance",
    ),
)

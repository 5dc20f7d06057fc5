"""Tokens in separated caps collapse to one point for each cap, long before any cap is left."""

import numpy as np

from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model.caps._hypotheses import ADMISSIBLE_RATE, SEPARATED
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.attention.observables.caps._widths import entry_time
from fathometer.attention.theorems.metastability._examples import ALONG, in_caps, not_separated
from fathometer.evidence import Axis, NotAfter, Problem, Source, Theorem


def predict(problem: Problem, axis: Axis | None) -> NotAfter:
    """Not after T_1; nothing where the widths that are promised are not below those of the caps."""
    cloud = SeparatedCloud.expect(problem)
    trivial = cloud.rate <= cloud.trivial_rate.value
    with np.errstate(over="ignore"):
        return NotAfter(np.exp(cloud.log_time_to_slow_manifold.value), domain=(0, 0 if trivial else None))


THEOREM = Theorem(
    id="caps_collapse",
    theory="attention",
    title="Metastability, part 2: one point for each cap",
    statement="With separated caps and an admissible lambda, |x_i(t) - x_j(t)|^2 <= 2 exp(-lambda beta) for tokens of"
    " one cap from T_1 <= 2 n exp(8 eps beta) + e n lambda beta^2 / (beta - 1) on, until T_2 > T_1 (SA and USA).",
    source=Source(
        METASTABILITY,
        "main theorem, item 2",
        "The limit L_1 of lambda is printed with the wrong sign of a logarithm. With lambda <= log(1/(8 eps))/beta the"
        " statement is vacuous: all points of S_q(2 eps) are that close.",
    ),
    about=SeparatedCloud,
    hypotheses=(*SEPARATED, *ADMISSIBLE_RATE),
    quantity=entry_time,
    predict=predict,
    example=in_caps,
    counterexample=not_separated,
    along=ALONG,
    reads=("points",),
    uses=(
        "caps_contain",
        "cap_tightening",
        "comparison_time",
        "caps_keep_tight",
        "metastable_window",
    ),
)

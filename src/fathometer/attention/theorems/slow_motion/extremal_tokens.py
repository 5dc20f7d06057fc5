"""In a cap on the circle, off the slow manifold, an outermost token feels the largest force or nearly so."""

import numpy as np

from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model.caps._hypotheses import ADMISSIBLE_RATE, SEPARATED
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.attention.model.caps._slow_manifold import CAPS_ON_CIRCLE, CLOSE
from fathometer.attention.observables.caps._outermost import force_ratio
from fathometer.attention.observables.caps._widths import before_exit
from fathometer.attention.theorems.metastability._examples import ALONG
from fathometer.attention.theorems.slow_motion._examples import close_in_caps, wide_caps
from fathometer.evidence import AtMost, Axis, Problem, Source, Theorem


def predict(problem: Problem, axis: Axis | None) -> AtMost:
    """At most e/2, until T_2."""
    return AtMost(np.where(before_exit(SeparatedCloud.expect(problem), axis), np.e / 2, np.inf), domain=(0, None))


THEOREM = Theorem(
    id="extremal_tokens",
    theory="attention",
    title="The outermost tokens of a cap dominate the force",
    statement="On the circle, with separated caps whose tokens are within sqrt((1 - delta)/(beta + 1/2))/8 of each"
    " other, 8 (1 + beta) exp(-(1 - alpha) beta - 1/2) < delta < 1, max_l |d_l E| <= (e/2) max(|d_1 E|, |d_r E|) in"
    " every cap that is wider than exp(-lambda beta / 2), tokens 1 and r its outermost ones.",
    source=Source(
        METASTABILITY,
        "auxiliary claim of the PL inequality",
        "Measured as the largest ratio over caps off the slow manifold; on it nothing is said, and the ratio is 0;"
        " a run that is always on it is undecided. That"
        " tokens stay that close until T_2 needs F(1 - cos) there above n^2 exp(-(1 - alpha) beta), as for caps that"
        " stay tight.",
    ),
    about=SeparatedCloud,
    hypotheses=(CAPS_ON_CIRCLE, *SEPARATED, *ADMISSIBLE_RATE, *CLOSE),
    quantity=force_ratio,
    predict=predict,
    example=close_in_caps,
    counterexample=wide_caps,
    along=ALONG,
    reads=("points",),
    uses=("caps_contain", "caps_keep_tight"),
)

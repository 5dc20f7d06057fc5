"""For beta at most C / n, tokens cluster."""

from dataclasses import replace

from fathometer.attention.model._references import PERSPECTIVE
from fathometer.attention.model._rest import AT_REST, beta_times_number
from fathometer.attention.predictions._clustering import fastest_growth, strict_saddle
from fathometer.evidence import AtMost, Hypothesis, Source, Theorem

_UNKNOWN = Hypothesis("beta n <= C, an unknown constant", None, beta_times_number)

THEOREM = Theorem(
    id="clustering_small_beta",
    theory="attention",
    title="Clustering for beta <= C / n",
    statement="There is a constant C > 0 such that for beta <= C / n almost every initial condition converges to one"
    " cluster: tokens at rest that are not one cluster are a strict saddle.",
    source=Source(
        PERSPECTIVE,
        "clustering for small beta",
        "C is not known: give one with small_beta(C), else the hypothesis is undecidable. Judged on the mechanism.",
    ),
    hypotheses=(*AT_REST, _UNKNOWN),
    quantity=fastest_growth,
    predict=strict_saddle,
)


def small_beta(constant: float) -> Theorem:
    """Return the statement with a value for the constant."""
    known = replace(_UNKNOWN, requires=AtMost(constant))
    return replace(THEOREM, hypotheses=(*AT_REST, known))

"""For beta at least C(d) n^2, tokens cluster."""

from dataclasses import replace

from fathometer.attention.model._references import PERSPECTIVE
from fathometer.attention.model._rest import AT_REST, beta_per_pair
from fathometer.attention.predictions._clustering import fastest_growth, strict_saddle
from fathometer.evidence import AtLeast, Hypothesis, Source, Theorem

_UNKNOWN = Hypothesis("beta / n^2 >= C(d), an unknown constant", None, beta_per_pair)

THEOREM = Theorem(
    id="clustering_large_beta",
    theory="attention",
    title="Clustering for beta >= C(d) n^2",
    statement="There is a constant C(d) > 0 such that for beta >= C(d) n^2 almost every initial condition converges"
    " to one cluster: tokens at rest that are not one cluster are a strict saddle.",
    source=Source(
        PERSPECTIVE,
        "clustering for large beta",
        "C(d) is not known: give one with large_beta(C), else the hypothesis is undecidable. Judged on the mechanism.",
    ),
    hypotheses=(*AT_REST, _UNKNOWN),
    quantity=fastest_growth,
    predict=strict_saddle,
)


def large_beta(constant: float) -> Theorem:
    """Return the statement with a value for the constant."""
    known = replace(_UNKNOWN, requires=AtLeast(constant))
    return replace(THEOREM, hypotheses=(*AT_REST, known))

"""For vanishing beta, random tokens cluster."""

from fathometer.attention.model._references import PERSPECTIVE
from fathometer.attention.model._rest import AT_REST
from fathometer.attention.predictions._clustering import fastest_growth, strict_saddle
from fathometer.evidence import Hypothesis, Source, Theorem

THEOREM = Theorem(
    id="clustering_vanishing_beta",
    theory="attention",
    title="Clustering as beta tends to 0",
    statement="For fixed n and d, uniform random tokens converge to one cluster with a probability that tends to 1"
    " as beta tends to 0 from above.",
    source=Source(
        PERSPECTIVE,
        "clustering for small beta, in probability",
        "No beta is named, so the last hypothesis is undecidable; judged on the mechanism.",
    ),
    hypotheses=(*AT_REST, Hypothesis("beta small enough for this n and d", None, None)),
    quantity=fastest_growth,
    predict=strict_saddle,
)

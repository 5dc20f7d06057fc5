"""Without a kernel, tokens cluster."""

from fathometer.attention.model._references import PERSPECTIVE
from fathometer.attention.model._rest import AT_REST, beta_of
from fathometer.attention.predictions._clustering import fastest_growth, strict_saddle
from fathometer.evidence import AtMost, Hypothesis, Source, Theorem

THEOREM = Theorem(
    id="clustering_without_temperature",
    theory="attention",
    title="Clustering at beta = 0",
    statement="For beta = 0 almost every initial condition converges to one cluster: tokens at rest that are not one"
    " cluster are a strict saddle.",
    source=Source(PERSPECTIVE, "clustering for beta = 0", "Judged on the mechanism: some direction grows."),
    hypotheses=(*AT_REST, Hypothesis("beta = 0", AtMost(0.0, domain=(0, None)), beta_of)),
    quantity=fastest_growth,
    predict=strict_saddle,
)

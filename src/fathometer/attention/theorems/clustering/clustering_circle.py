"""On the circle, tokens cluster."""

from fathometer.attention.model._references import SURVEY
from fathometer.attention.model._rest import AT_REST, ON_THE_CIRCLE, beta_of
from fathometer.attention.predictions._clustering import fastest_growth, strict_saddle
from fathometer.evidence import AtLeast, Hypothesis, Source, Theorem

THEOREM = Theorem(
    id="clustering_circle",
    theory="attention",
    title="Clustering on the circle",
    statement="On the circle with beta >= -0.16 almost every initial condition converges to one cluster: tokens at"
    " rest that are not one cluster are a strict saddle.",
    source=Source(
        SURVEY,
        "clustering for d = 2",
        "It fails for beta < -2/3, where the triangle is stable. Judged on the mechanism.",
    ),
    hypotheses=(*AT_REST, ON_THE_CIRCLE, Hypothesis("beta >= -0.16", AtLeast(-0.16), beta_of)),
    quantity=fastest_growth,
    predict=strict_saddle,
)

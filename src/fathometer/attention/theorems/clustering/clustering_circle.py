"""On the circle, tokens cluster."""

from fathometer.attention.model._references import SURVEY
from fathometer.attention.model._rest import AT_REST, ON_THE_CIRCLE, beta_of
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.theorems._examples import octahedron, run_of_ring
from fathometer.attention.theorems.clustering._saddles import fastest_growth, strict_saddle
from fathometer.evidence import AtLeast, Hypothesis, Source, Theorem, Trajectory


def _at_rest() -> Trajectory:
    return run_of_ring(2.0)


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
    about=ParticleSystem,
    hypotheses=(*AT_REST, ON_THE_CIRCLE, Hypothesis("beta >= -0.16", AtLeast(-0.16), beta_of)),
    quantity=fastest_growth,
    predict=strict_saddle,
    example=_at_rest,
    counterexample=octahedron,
    cost="eigenvalues of the motion about the tokens, n (d - 1) of them",
    uses=("dissipation_identity",),
)

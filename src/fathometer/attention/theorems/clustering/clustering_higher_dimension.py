"""In dimension 3 and above, tokens cluster."""

from fathometer.attention.model._references import SURVEY
from fathometer.attention.model._rest import AT_REST, dimension
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.theorems._examples import ring, run_of_octahedron
from fathometer.attention.theorems.clustering._saddles import fastest_growth, strict_saddle
from fathometer.evidence import AtLeast, Hypothesis, Source, Theorem


def _on_the_circle() -> ParticleSystem:
    return ring(2.0)


THEOREM = Theorem(
    id="clustering_higher_dimension",
    theory="attention",
    title="Clustering for d >= 3",
    statement="For d >= 3, any beta >= 0 and any masses almost every initial condition converges to one cluster:"
    " tokens at rest that are not one cluster are a strict saddle.",
    source=Source(
        SURVEY,
        "clustering for d >= 3",
        "Judged on the mechanism: some direction grows.",
    ),
    about=ParticleSystem,
    hypotheses=(*AT_REST, Hypothesis("d >= 3", AtLeast(3, domain=(2, None)), dimension)),
    quantity=fastest_growth,
    predict=strict_saddle,
    example=run_of_octahedron,
    counterexample=_on_the_circle,
    cost="eigenvalues of the motion about the tokens, n (d - 1) of them",
    uses=("dissipation_identity",),
)

"""Without a kernel, tokens cluster."""

from fathometer.attention.model._references import PERSPECTIVE
from fathometer.attention.model._rest import AT_REST, beta_of
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.theorems._examples import ring, run_of_ring
from fathometer.attention.theorems.clustering._saddles import fastest_growth, strict_saddle
from fathometer.evidence import AtMost, Hypothesis, Source, Theorem, Trajectory


def _at_rest() -> Trajectory:
    return run_of_ring(0.0)


def _with_temperature() -> ParticleSystem:
    return ring(0.1)


THEOREM = Theorem(
    id="clustering_without_temperature",
    theory="attention",
    title="Clustering at beta = 0",
    statement="For beta = 0 almost every initial condition converges to one cluster: tokens at rest that are not one"
    " cluster are a strict saddle.",
    source=Source(
        PERSPECTIVE,
        "clustering for beta = 0",
        "Judged on the mechanism: some direction grows.",
    ),
    about=ParticleSystem,
    hypotheses=(*AT_REST, Hypothesis("beta = 0", AtMost(0.0, domain=(0, None)), beta_of)),
    quantity=fastest_growth,
    predict=strict_saddle,
    example=_at_rest,
    counterexample=_with_temperature,
    cost="eigenvalues of the motion about the tokens, n (d - 1) of them",
    uses=("dissipation_identity",),
)

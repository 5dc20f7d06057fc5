"""On the circle with beta at most 1, tokens cluster."""

from fathometer.attention.model._references import SYNCHRONIZATION
from fathometer.attention.model._rest import AT_REST, ON_THE_CIRCLE, beta_of
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.theorems._examples import ring, run_of_ring
from fathometer.attention.theorems.clustering._saddles import fastest_growth, strict_saddle
from fathometer.evidence import AtMost, Hypothesis, Source, Theorem, Trajectory


def _at_rest() -> Trajectory:
    return run_of_ring(0.9)


def _colder() -> ParticleSystem:
    return ring(1.1)


THEOREM = Theorem(
    id="clustering_circle_small_beta",
    theory="attention",
    title="Clustering on the circle for beta <= 1",
    statement="On the circle with 0 <= beta <= 1 almost every initial condition converges to one cluster: tokens at"
    " rest that are not one cluster are a strict saddle.",
    source=Source(
        SYNCHRONIZATION,
        "synchronization on the circle",
        "beta <= 1 is when the Taylor coefficients of exp(beta t) decrease. Judged on the mechanism.",
    ),
    about=ParticleSystem,
    hypotheses=(*AT_REST, ON_THE_CIRCLE, Hypothesis("beta <= 1", AtMost(1.0, domain=(0, None)), beta_of)),
    quantity=fastest_growth,
    predict=strict_saddle,
    example=_at_rest,
    counterexample=_colder,
    cost="eigenvalues of the motion about the tokens, n (d - 1) of them",
    uses=("dissipation_identity",),
)

"""For beta at least C(d) n^2, tokens cluster."""

from fathometer.attention.model._references import PERSPECTIVE
from fathometer.attention.model._rest import AT_REST, beta_per_pair
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.theorems._examples import ring, run_of_ring
from fathometer.attention.theorems.clustering._saddles import fastest_growth, strict_saddle
from fathometer.evidence import AtLeast, Hypothesis, Source, Theorem, Trajectory


def _at_rest() -> Trajectory:
    return run_of_ring(20.0)


def _warmer() -> ParticleSystem:
    return ring(9.0)


THEOREM = Theorem(
    id="clustering_large_beta",
    theory="attention",
    title="Clustering for beta >= C(d) n^2",
    statement="There is a constant C(d) > 0 such that for beta >= C(d) n^2 almost every initial condition converges"
    " to one cluster: tokens at rest that are not one cluster are a strict saddle. Any C(d) will do, here 0.1.",
    source=Source(
        PERSPECTIVE,
        "clustering for large beta",
        "The C(d) of the proof is not given. Later results ask for no such condition. Judged on the mechanism.",
    ),
    about=ParticleSystem,
    hypotheses=(*AT_REST, Hypothesis("beta / n^2 >= 0.1", AtLeast(0.1, domain=(0, None)), beta_per_pair)),
    quantity=fastest_growth,
    predict=strict_saddle,
    example=_at_rest,
    counterexample=_warmer,
    cost="eigenvalues of the motion about the tokens, n (d - 1) of them",
    uses=("clustering_circle", "clustering_higher_dimension"),
)

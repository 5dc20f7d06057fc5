"""For beta at most C / n, tokens cluster."""

from fathometer.attention.model._references import PERSPECTIVE
from fathometer.attention.model._rest import AT_REST, beta_times_number
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.theorems._examples import ring, run_of_ring
from fathometer.attention.theorems.clustering._saddles import fastest_growth, strict_saddle
from fathometer.evidence import AtMost, Hypothesis, Source, Theorem, Trajectory


def _at_rest() -> Trajectory:
    return run_of_ring(0.05)


def _too_many() -> ParticleSystem:
    return ring(0.1)


THEOREM = Theorem(
    id="clustering_small_beta",
    theory="attention",
    title="Clustering for beta <= C / n",
    statement="There is a constant C > 0 such that for beta <= C / n almost every initial condition converges to one"
    " cluster: tokens at rest that are not one cluster are a strict saddle. C = 1 will do.",
    source=Source(
        PERSPECTIVE,
        "clustering for small beta",
        "The C of the proof is not given. C = 1 follows from later results: beta <= 1 is enough on the circle, any beta"
        " from d = 3 on. Judged on the mechanism.",
    ),
    about=ParticleSystem,
    hypotheses=(*AT_REST, Hypothesis("beta n <= 1", AtMost(1.0, domain=(0, None)), beta_times_number)),
    quantity=fastest_growth,
    predict=strict_saddle,
    example=_at_rest,
    counterexample=_too_many,
    cost="eigenvalues of the motion about the tokens, n (d - 1) of them",
    uses=("clustering_circle_small_beta", "clustering_higher_dimension"),
)

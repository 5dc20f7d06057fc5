"""For vanishing beta, random tokens cluster."""

from fathometer.attention.model._references import PERSPECTIVE
from fathometer.attention.model._rest import AT_REST, beta_times_number
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.theorems._examples import ring, run_of_ring
from fathometer.attention.theorems.clustering._saddles import fastest_growth, strict_saddle
from fathometer.evidence import AtMost, Hypothesis, Source, Theorem, Trajectory


def _at_rest() -> Trajectory:
    return run_of_ring(1e-3)


def _colder() -> ParticleSystem:
    return ring(1.0)


THEOREM = Theorem(
    id="clustering_vanishing_beta",
    theory="attention",
    title="Clustering as beta tends to 0",
    statement="For fixed n and d, uniform random tokens converge to one cluster with a probability that tends to 1"
    " as beta tends to 0 from above; for beta <= 1 / n it is 1.",
    source=Source(
        PERSPECTIVE,
        "clustering for small beta, in probability",
        "No beta is named. Later results say which is small enough: see clustering_small_beta. Judged on the mechanism,"
        " that tokens at rest that are not one cluster are a strict saddle.",
    ),
    about=ParticleSystem,
    hypotheses=(*AT_REST, Hypothesis("beta n <= 1", AtMost(1.0, domain=(0, None)), beta_times_number)),
    quantity=fastest_growth,
    predict=strict_saddle,
    example=_at_rest,
    counterexample=_colder,
    cost="eigenvalues of the motion about the tokens, n (d - 1) of them",
    uses=("clustering_small_beta",),
)

"""Under USA every merger costs a path length that is the root of Ward's linkage distance."""

from fathometer.attention.model._hypotheses import EQUAL_MASSES, USA_ONLY
from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables.paths._path_length import path_length
from fathometer.attention.predictions._staircase import limit_staircase
from fathometer.attention.theorems.staircase._examples import ALONG, merging_pair, softmax_pair
from fathometer.attention.theorems.staircase.staircase_times import APART
from fathometer.evidence import Axis, Problem, Source, Theorem, Within

ROOM = 0.02


def predict(problem: Problem, axis: Axis | None) -> Within:
    """Sum of w sqrt(n_a n_b/(n_a + n_b)), to 2 %."""
    length = float(limit_staircase(ParticleSystem.expect(problem)).arc_lengths[-1])
    return Within(length * (1 - ROOM), length * (1 + ROOM), domain=(0, None))


THEOREM = Theorem(
    id="staircase_length",
    theory="attention",
    title="The staircase in arc length",
    statement="Under USA a merger of clusters of n_a and n_b tokens at the gap w takes the path length"
    " w sqrt(n_a n_b/(n_a + n_b)) in the tokens' angles, whatever beta: half its square is Ward's linkage distance."
    " Here the whole path to one cluster, to 2 %.",
    source=Source(
        METASTABILITY,
        "staircase figure, whose clock is this length over log(beta)",
        "Derived: under USA the mean of the angles stays, so that the path within a merger is straight.",
    ),
    about=ParticleSystem,
    hypotheses=(USA_ONLY, EQUAL_MASSES, *APART),
    quantity=path_length,
    predict=predict,
    example=merging_pair,
    counterexample=softmax_pair,
    along=ALONG,
    reads=("points",),
    uses=("merge_location",),
)

"""Under USA every merger costs a path length that is the root of Ward's linkage distance."""

import numpy as np

from fathometer.attention.model._hypotheses import EQUAL_MASSES, USA_ONLY
from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._clusters import time_of_one_cluster
from fathometer.attention.predictions._staircase import limit_staircase
from fathometer.attention.theorems.staircase.staircase_times import APART
from fathometer.evidence import Axis, Estimate, Problem, Source, Theorem, Trajectory, Within

ROOM = 0.02


def path_length(trajectory: Trajectory) -> Estimate:
    """Length of the path of all tokens together, from its chords; open above if they are not one cluster at the end."""
    points = trajectory.states["points"]
    steps = np.linalg.norm(np.diff(points, axis=0).reshape(len(points) - 1, -1), axis=1)
    coarse = np.linalg.norm((points[2::2] - points[:-2:2]).reshape(len(points[2::2]), -1), axis=1)
    length = float(np.sum(steps))
    met = np.isfinite(time_of_one_cluster(trajectory).value)
    rough = max(0.0, length - float(np.sum(coarse)))
    return Estimate.heuristic(length, length, length + rough if met else np.inf)


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
    hypotheses=(
        USA_ONLY,
        EQUAL_MASSES,
        APART[0],
    ),
    quantity=path_length,
    predict=predict,
)

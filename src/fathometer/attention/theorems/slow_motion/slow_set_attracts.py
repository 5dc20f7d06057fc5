"""Next to the slow set the energy that is missing decays exponentially, down to the slope of the slow set."""

import numpy as np

from fathometer.attention.model._ascent_path import AscentPath
from fathometer.attention.model._references import SLOW_MOTION
from fathometer.attention.observables.paths._ascent_path import collapsed, exactly, root_rise
from fathometer.attention.predictions._ascent_path import attraction_bound, slow_constant
from fathometer.attention.theorems.slow_motion._examples import towards_two_clusters, wrong_clusters
from fathometer.evidence import (
    AtMost,
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    Positive,
    PrintedForm,
    Problem,
    Source,
    Theorem,
    Trajectory,
)


def predict(problem: Problem, axis: Axis | None) -> AtMost:
    """At most exp(-kappa t) times the start plus 26 delta / sqrt(kappa)."""
    return AtMost(attraction_bound(AscentPath.expect(problem), axis))


def _root_rise_and_distance(trajectory: Trajectory) -> Estimate:
    path, angles = AscentPath.expect(trajectory.problem), trajectory.states["angles"]
    distances = np.linalg.norm(angles - collapsed(path, angles), axis=1)
    return exactly(np.sqrt(slow_constant(path)) * distances + root_rise(trajectory).value, path)


def _kappa(problem: Problem) -> Estimate:
    return Estimate.exact(slow_constant(AscentPath.expect(problem)))


INEQUALITIES = Hypothesis("both inequalities along the path: kappa > 0", Positive(), _kappa)

THEOREM = Theorem(
    id="slow_set_attracts",
    theory="attention",
    title="The slow set attracts at an exponential rate",
    statement="Let every u along the ascent have a v in the slow set with (kappa/2) |u - v|^2 <= E(v) - E(u) <="
    " |grad E(u)|^2 / (2 kappa), and let the slope of E within the slow set be at most delta. Then"
    " f = sqrt(E(v) - E(u)) obeys f(t) <= exp(-kappa t) f(0) + 26 delta / sqrt(kappa), and |u - v| <= sqrt(2/kappa) f.",
    source=Source(
        SLOW_MOTION,
        "relaxation to the slow manifold, in the form in which Geshkovski et al. (2024) use it",
        "Printed with |u - v| + f on the left and f(0) alone on the right, which is false at t = 0. The constant 26"
        " is derived by iterating over unit intervals. kappa and delta are measured along the path.",
    ),
    about=AscentPath,
    hypotheses=(INEQUALITIES,),
    quantity=root_rise,
    predict=predict,
    example=towards_two_clusters,
    counterexample=wrong_clusters,
    along=(AxisKind.TIME,),
    reads=("angles",),
    as_printed=(
        PrintedForm(
            "sqrt(kappa) |u - v| + f(t) <= exp(-kappa t) f(0) + 26 delta / sqrt(kappa)",
            quantity=_root_rise_and_distance,
        ),
    ),
)

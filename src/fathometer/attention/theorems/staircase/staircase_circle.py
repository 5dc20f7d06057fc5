"""Well-prepared particles on the circle merge one by one, at explicit times of the clock of the closest pair."""

import numpy as np

from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model.variants._glued_circle import GluedCircle
from fathometer.attention.predictions.variants._gluings import predicted_gluings
from fathometer.attention.theorems.staircase._examples import glued, glued_by_the_farthest, ill_prepared
from fathometer.evidence import (
    AtLeast,
    Axis,
    AxisKind,
    Estimate,
    Hypothesis,
    PrintedForm,
    Problem,
    Source,
    Theorem,
    Trajectory,
    Within,
)


def gluings(trajectory: Trajectory) -> Estimate:
    """Rescaled times at which particles were glued; inf with (end, inf) for those that were not seen."""
    left = range(len(GluedCircle.expect(trajectory.problem).angles) - 1, 0, -1)
    times = [trajectory.event(f"{k} particles") for k in left]
    value, lower, upper = ([getattr(time, end) for time in times] for end in ("value", "lower", "upper"))
    return Estimate.heuristic(value, lower, upper)


def predict(problem: Problem, axis: Axis | None) -> Within:
    """The closed form at this beta, to 1 %."""
    times = predicted_gluings(GluedCircle.expect(problem))
    return Within(times.lower, times.upper, domain=(0, None))


def _printed(problem: Problem, axis: Axis | None) -> Within:
    times = predicted_gluings(GluedCircle.expect(problem))
    return Within(4 * np.asarray(times.lower), 4 * np.asarray(times.upper), domain=(0, None))


def _preparation(problem: Problem) -> Estimate:
    return Estimate.exact(GluedCircle.expect(problem).preparation)


THEOREM = Theorem(
    id="staircase_circle",
    theory="attention",
    title="The staircase on the circle, as it is proved",
    statement="Let angles in [0, pi] be well prepared: cos(th_i - th_1) > cos(th_k - th_i) + c log(beta)/beta for all"
    " 1 < i < k and a c > 1. In the clock of the closest pair, USA with gluing merges its particles one after the"
    " other, and the energy tends to a step function whose jumps are the partial sums of N^2/4, N particles left. Here"
    " the times at this beta, N^2/2 log(tan(w/2)/tan(r/2))/log(beta) each, to 1 %.",
    source=Source(
        METASTABILITY,
        "staircase theorem for the modified USA",
        "The clock is printed with a maximum over pairs where the proof needs the closest pair, and the scalar time"
        " with 2/c instead of 1/(2 c). The times are derived; they tend to their limit only like log log / log.",
    ),
    about=GluedCircle,
    hypotheses=(Hypothesis("well prepared: c > 1", AtLeast(1 + 1e-12), _preparation),),
    quantity=gluings,
    predict=predict,
    example=glued,
    counterexample=ill_prepared,
    along=(AxisKind.TIME,),
    uses=("scalar_closing_time",),
    as_printed=(
        PrintedForm(
            "as here, with the increments 2/c = N^2 that the printed scalar lemma gives",
            predict=_printed,
        ),
        PrintedForm("as here, in the clock of the farthest pair", example=glued_by_the_farthest),
    ),
)

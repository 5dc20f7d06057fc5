"""How long the scalar equation of the staircase takes."""

import numpy as np

from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model._scalar_closing import ScalarClosing
from fathometer.attention.predictions._staircase import closing_time_range, logarithmic_merge_time
from fathometer.attention.theorems.staircase._examples import at_the_antipode, scalar_closing
from fathometer.evidence import (
    AtMost,
    Axis,
    Estimate,
    Hypothesis,
    PrintedForm,
    Problem,
    Source,
    Theorem,
    Trajectory,
    Within,
)


def time(trajectory: Trajectory) -> Estimate:
    """The time, from the closed form of the equation."""
    closing = ScalarClosing.expect(trajectory.problem)
    return logarithmic_merge_time(closing.angle, closing.end, closing.rate, closing.beta)


def predict(problem: Problem, axis: Axis | None) -> Within:
    """About 1/(2 c)."""
    return _around(problem, 0.5)


def _printed(problem: Problem, axis: Axis | None) -> Within:
    return _around(problem, 2.0)


def _around(problem: Problem, limit: float) -> Within:
    closing = ScalarClosing.expect(problem)
    return Within(*closing_time_range(limit, closing.angle, closing.rate, closing.beta))


def _angle(problem: Problem) -> Estimate:
    return Estimate.exact(ScalarClosing.expect(problem).angle)


THEOREM = Theorem(
    id="scalar_closing_time",
    theory="attention",
    title="Scalar lemma of the staircase",
    statement="du/dt = -c log(beta) sin u takes u from u_0 in (0, pi) to sqrt(log(beta)/beta) in the time"
    " 1/(2 c) + O(log log(beta)/(c log(beta))).",
    source=Source(
        METASTABILITY,
        "scalar lemma of the staircase theorem",
        "2/c is printed, and also for u_0 = 0, where there is nothing to close. The remainder is derived.",
    ),
    about=ScalarClosing,
    hypotheses=(Hypothesis("not at the antipode", AtMost(np.pi - 1e-6, domain=(0, np.pi)), _angle),),
    quantity=time,
    predict=predict,
    example=scalar_closing,
    counterexample=at_the_antipode,
    as_printed=(PrintedForm("it takes about the time 2/c", predict=_printed),),
)

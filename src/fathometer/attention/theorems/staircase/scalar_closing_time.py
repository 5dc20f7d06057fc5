"""How long the scalar equation of the staircase takes."""

import numpy as np

from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model._scalar_closing import ScalarClosing
from fathometer.attention.predictions._staircase import logarithmic_merge_time
from fathometer.evidence import AtMost, Axis, Estimate, Hypothesis, Problem, Source, Theorem, Trajectory, Within


def time(trajectory: Trajectory) -> Estimate:
    """The time, from the closed form of the equation."""
    closing = ScalarClosing.expect(trajectory.problem)
    return logarithmic_merge_time(closing.angle, closing.end, closing.rate, closing.beta)


def around(problem: Problem, limit: float) -> Within:
    """Limit/c, to the next order: (log log(beta)/2 + |log tan(u_0/2)| + 1)/(c log(beta)) either way."""
    closing = ScalarClosing.expect(problem)
    log_beta = np.log(closing.beta)
    room = (np.log(log_beta) / 2 + abs(np.log(np.tan(closing.angle / 2))) + 1) / (closing.rate * log_beta)
    return Within(limit / closing.rate - room, limit / closing.rate + room)


def predict(problem: Problem, axis: Axis | None) -> Within:
    """About 1/(2 c)."""
    return around(problem, 0.5)


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
    hypotheses=(Hypothesis("not at the antipode", AtMost(np.pi - 1e-6, domain=(0, np.pi)), _angle),),
    quantity=time,
    predict=predict,
)

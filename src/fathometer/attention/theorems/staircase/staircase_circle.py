"""Well-prepared particles on the circle merge one by one, at explicit times of the clock of the closest pair."""

from fathometer.attention.dynamics._glued_circle import GluedCircle, predicted_gluings
from fathometer.attention.model._references import METASTABILITY
from fathometer.evidence import AtLeast, Axis, Estimate, Hypothesis, Problem, Source, Theorem, Trajectory, Within


def gluings(trajectory: Trajectory) -> Estimate:
    """Rescaled times at which particles were glued."""
    left = range(len(GluedCircle.expect(trajectory.problem).angles) - 1, 0, -1)
    return Estimate.stack([trajectory.event(f"{k} particles") for k in left])


def predict(problem: Problem, axis: Axis | None) -> Within:
    """The closed form at this beta, to 1 %."""
    predicted = predicted_gluings(GluedCircle.expect(problem))
    return Within(predicted.lower, predicted.upper, domain=(0, None))


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
    hypotheses=(Hypothesis("well prepared: c > 1", AtLeast(1 + 1e-12), _preparation),),
    quantity=gluings,
    predict=predict,
)

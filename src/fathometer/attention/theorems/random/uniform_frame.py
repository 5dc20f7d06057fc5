"""In very high dimension uniform tokens are near an orthogonal frame."""

import math

from fathometer.attention.model._random_problems import UniformTokens
from fathometer.attention.model._references import METASTABILITY
from fathometer.evidence import AtLeast, Axis, Estimate, Hypothesis, Problem, Source, Theorem, Trajectory


def share_near_a_frame(trajectory: Trajectory) -> Estimate:
    """Share of the draws in which the nearest orthonormal frame is within sqrt(4 log d/d) of every token."""
    return Estimate.share_of(trajectory.states["distance"] <= frame_radius(UniformTokens.expect(trajectory.problem).d))


def frame_radius(d: int) -> float:
    """Distance sqrt(4 log d/d)."""
    return math.sqrt(4 * math.log(d) / d)


def predict(problem: Problem, axis: Axis | None) -> AtLeast:
    """At least 1 - 2 n^2 d^(-1/64): nothing below d = (2 n^2)^64."""
    tokens = UniformTokens.expect(problem)
    return AtLeast(1 - 2 * tokens.n**2 * math.exp(-math.log(tokens.d) / 64), domain=(0, 1))


def _excess(problem: Problem) -> Estimate:
    tokens = UniformTokens.expect(problem)
    return Estimate.exact(math.log(tokens.d) - math.log(tokens.n))


THEOREM = Theorem(
    id="uniform_frame",
    theory="attention",
    title="Uniform tokens near an orthogonal frame",
    statement="For d >= d*(n), with probability at least 1 - 2 n^2 d^(-1/64) there are orthonormal w_i with"
    " |x_i - w_i| <= sqrt(4 log d / d) for n independent uniform tokens.",
    source=Source(
        METASTABILITY,
        "random initial data, uniform in high dimension",
        "The bound is positive only for d > (2 n^2)^64. d*(n) is not known. Measured with the nearest frame, by polar"
        " decomposition, which minimises the sum of the squared distances: a share that is too small is no refutation.",
    ),
    hypotheses=(
        Hypothesis("n <= d (log ratio)", AtLeast(0.0), _excess),
        Hypothesis("d >= d*(n), which is not known", None, None),
    ),
    quantity=share_near_a_frame,
    predict=predict,
)

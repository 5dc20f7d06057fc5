"""How likely uniform points are in one hemisphere."""

from fathometer.attention.model._random_problems import UniformTokens
from fathometer.attention.model._references import WENDEL
from fathometer.attention.predictions._random_clouds import hemisphere_probability
from fathometer.evidence import NEARLY_CERTAIN, Axis, Estimate, Problem, Source, Theorem, Trajectory, Within

ROOM = 0.02


def share_in_hemisphere(trajectory: Trajectory) -> Estimate:
    """Share of the draws in an open hemisphere, with its Clopper-Pearson interval; unclear draws widen it.

    A margin of at most 1e-9 counts as none: it has about that probability.
    """
    margin, upper = trajectory.states["margin"], trajectory.states["upper"]
    return Estimate.share_of(margin > 0, NEARLY_CERTAIN, maybe=upper > 1e-9)


def predict(problem: Problem, axis: Axis | None) -> Within:
    """Wendel's probability, with room of 0.02.

    Raises:
        InputError: if the problem is not one of uniform tokens.
    """
    problem = UniformTokens.expect(problem)
    probability = hemisphere_probability(problem.n, problem.d).value
    return Within(probability - ROOM, probability + ROOM, domain=(0, 1))


THEOREM = Theorem(
    id="wendel",
    theory="attention",
    title="Uniform tokens in a hemisphere",
    statement="n independent uniform points of the sphere of R^d lie in an open hemisphere with probability"
    " 2^{-(n-1)} sum_{k<d} binomial(n-1, k), surely if n <= d; then SA and USA collapse exponentially fast."
    " Here to 0.02.",
    source=Source(WENDEL, "formula for N points in d dimensions"),
    hypotheses=(),
    quantity=share_in_hemisphere,
    predict=predict,
)

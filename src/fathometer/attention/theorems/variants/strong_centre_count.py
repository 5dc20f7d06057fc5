"""How many strong Renyi centres a random sequence has."""

from fathometer.attention.model._references import CAUSAL
from fathometer.attention.model.variants._strong_centres import UniformSequence
from fathometer.attention.predictions.variants._strong_centres import expected_centres
from fathometer.attention.theorems.variants._examples import draws_of_centres
from fathometer.evidence import NEARLY_CERTAIN, Axis, AxisKind, Estimate, Problem, Source, Theorem, Trajectory, Within

ROOM = 0.03


def mean_count(trajectory: Trajectory) -> Estimate:
    """Mean number of centres over the draws, with its Student interval; open for a single draw."""
    return Estimate.mean_of(trajectory.states["centres"], NEARLY_CERTAIN)


def predict(problem: Problem, axis: Axis | None) -> Within:
    """(1 - (1 - p)^n)/p, with room of 3 %."""
    sequence = UniformSequence.expect(problem)
    mean = float(expected_centres(sequence.d, sequence.angle, sequence.n).value)
    return Within(mean * (1 - ROOM), mean * (1 + ROOM), domain=(1, None))


THEOREM = Theorem(
    id="strong_centre_count",
    theory="attention",
    title="Number of strong centres of random tokens",
    statement="A sequence of n independent uniform tokens has (1 - (1 - p)^n)/p strong centres at the angle delta in"
    " the mean, p the mass of a cap of that angle; for n to infinity pi/delta on the circle and 2/(1 - cos delta) on"
    " the sphere of R^3. Here to 3 %.",
    source=Source(CAUSAL, "strong Renyi centres, expected number", "The form for finite n is derived."),
    about=UniformSequence,
    hypotheses=(),
    quantity=mean_count,
    predict=predict,
    example=draws_of_centres,
    along=(AxisKind.DRAW,),
    reads=("centres",),
)

"""The density of the Gaussian mixture needs the normaliser of dimension d."""

from fathometer.attention.model._references import METASTABILITY
from fathometer.evidence import NEARLY_CERTAIN, Axis, Estimate, Problem, Source, Theorem, Trajectory, Within

ROOM = 0.03


def total_mass(trajectory: Trajectory) -> Estimate:
    """Integral of the density by importance sampling, with its Student interval; open for a single draw."""
    return Estimate.mean_of(trajectory.states["weights"], NEARLY_CERTAIN)


def predict(problem: Problem, axis: Axis | None) -> Within:
    """1, to 3 %."""
    return Within(1 - ROOM, 1 + ROOM, domain=(0, None))


THEOREM = Theorem(
    id="mixture_density",
    theory="attention",
    title="The density of the Gaussian mixture",
    statement="f = (1/r) sum_q (2 pi sigma^2)^(-d/2) exp(-|x - sqrt(r) w_q|^2/(2 sigma^2)) has the integral 1; here to"
    " 3 %.",
    source=Source(METASTABILITY, "random initial data, density of the mixture", "Printed with the power -1/2."),
    hypotheses=(),
    quantity=total_mass,
    predict=predict,
)

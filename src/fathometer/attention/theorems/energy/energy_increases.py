"""The interaction energy never decreases."""

from fathometer.attention.model._references import PERSPECTIVE
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._standard import UNIT_ENERGY, known_along
from fathometer.attention.theorems._examples import run_in_a_hemisphere
from fathometer.evidence import Axis, AxisKind, Direction, Estimate, Monotone, Problem, Source, Theorem, Trajectory


def _energy(trajectory: Trajectory) -> Estimate:
    return known_along(trajectory, UNIT_ENERGY)


def _never_decreases(problem: Problem, axis: Axis | None) -> Monotone:
    return Monotone(Direction.INCREASING, slack=1e-9)


THEOREM = Theorem(
    id="energy_increases",
    theory="attention",
    title="The energy never decreases",
    statement="Along SA and USA with beta >= 0 the unit energy EE = sum_ij m_i m_j exp(beta (<x_i, x_j> - 1)) never"
    " decreases.",
    source=Source(
        PERSPECTIVE,
        "gradient flow structure of SA and USA",
        "The slack of 1e-9 is room for the solver: no drop above 1e-11 is seen at its loosest tolerance.",
    ),
    about=ParticleSystem,
    hypotheses=(),
    quantity=_energy,
    predict=_never_decreases,
    example=run_in_a_hemisphere,
    along=(AxisKind.TIME, AxisKind.LOG_TIME),
    uses=("dissipation_identity",),
)

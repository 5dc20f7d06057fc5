"""The mean energy of uniform tokens."""

from fathometer.attention.model._random_problems import TemperedTokens
from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.predictions._random_clouds import mean_uniform_energy
from fathometer.evidence import NEARLY_CERTAIN, Axis, Estimate, Problem, Source, Theorem, Trajectory, Within

ROOM = 0.02


def mean_energy(trajectory: Trajectory) -> Estimate:
    """Mean unit energy over the draws, with its Student interval; open for a single draw."""
    return Estimate.mean_of(trajectory.states["energy"], NEARLY_CERTAIN)


def predict(problem: Problem, axis: Axis | None) -> Within:
    """The formula, to 2 %.

    Raises:
        InputError: if the problem is another one.
    """
    problem = TemperedTokens.expect(problem)
    mean = float(mean_uniform_energy(problem.n, problem.d, problem.beta).value)
    return Within(mean * (1 - ROOM), mean * (1 + ROOM), domain=(0, 1))


THEOREM = Theorem(
    id="uniform_energy",
    theory="attention",
    title="Mean energy of uniform tokens",
    statement="n independent uniform tokens of equal mass have the mean unit energy 1/n + (1 - 1/n) exp(-beta)"
    " Gamma(d/2) (2/beta)^(d/2-1) I_{d/2-1}(beta); here to 2 %.",
    source=Source(METASTABILITY, "random initial data, energy level", "Derived by the Funk-Hecke formula."),
    hypotheses=(),
    quantity=mean_energy,
    predict=predict,
)

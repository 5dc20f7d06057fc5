"""The mean energy of uniform tokens."""

import functools

from fathometer.attention.dynamics._random_draws import draw_energies
from fathometer.attention.model._random_problems import TemperedTokens
from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.predictions._random_clouds import mean_uniform_energy
from fathometer.evidence import Axis, AxisKind, Estimate, Problem, Source, Theorem, Trajectory, Within
from fathometer.numerics._confidence_intervals import sure_mean

_ROOM = 0.02


def _mean_energy(trajectory: Trajectory) -> Estimate:
    """Mean unit energy over the draws, with its normal interval; open for a single draw."""
    return sure_mean(trajectory.states["energy"])


def _predict(problem: Problem, axis: Axis | None) -> Within:
    tokens = TemperedTokens.expect(problem)
    mean = float(mean_uniform_energy(tokens.n, tokens.d, tokens.beta).value)
    return Within(mean * (1 - _ROOM), mean * (1 + _ROOM), domain=(0, 1))


@functools.cache
def _draws() -> Trajectory:
    return draw_energies(TemperedTokens(8, 3, 2.0), 5000, seed=1)


THEOREM = Theorem(
    id="uniform_energy",
    theory="attention",
    title="Mean energy of uniform tokens",
    statement="n independent uniform tokens of equal mass have the mean unit energy 1/n + (1 - 1/n) exp(-beta)"
    " Gamma(d/2) (2/beta)^(d/2-1) I_{d/2-1}(beta); here to 2 %.",
    source=Source(METASTABILITY, "random initial data, energy level", "Derived by the Funk-Hecke formula."),
    about=TemperedTokens,
    hypotheses=(),
    quantity=_mean_energy,
    predict=_predict,
    example=_draws,
    along=(AxisKind.DRAW,),
    reads=("energy",),
)

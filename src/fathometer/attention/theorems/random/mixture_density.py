"""The density of the Gaussian mixture needs the normaliser of dimension d."""

import functools

from fathometer.attention.dynamics._random_draws import draw_density
from fathometer.attention.model._random_problems import GaussianMixture
from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.theorems.random._examples import mixture
from fathometer.evidence import Axis, AxisKind, Estimate, PrintedForm, Problem, Source, Theorem, Trajectory, Within
from fathometer.numerics._confidence_intervals import sure_mean

_ROOM = 0.03
_DRAWS = 20_000


def _total_mass(trajectory: Trajectory) -> Estimate:
    """Integral of the density by importance sampling, with its normal interval; open for a single draw."""
    return sure_mean(trajectory.states["weights"])


def _predict(problem: Problem, axis: Axis | None) -> Within:
    return Within(1 - _ROOM, 1 + _ROOM, domain=(0, None))


@functools.cache
def _weights() -> Trajectory:
    return draw_density(mixture(sigma=0.05), _DRAWS, seed=1)


@functools.cache
def _weights_as_printed() -> Trajectory:
    return draw_density(mixture(sigma=0.05), _DRAWS, seed=1, normalizer=1)


THEOREM = Theorem(
    id="mixture_density",
    theory="attention",
    title="The density of the Gaussian mixture",
    statement="f = (1/r) sum_q (2 pi sigma^2)^(-d/2) exp(-|x - sqrt(r) w_q|^2/(2 sigma^2)) has the integral 1; here to"
    " 3 %.",
    source=Source(METASTABILITY, "random initial data, density of the mixture", "Printed with the power -1/2."),
    about=GaussianMixture,
    hypotheses=(),
    quantity=_total_mass,
    predict=_predict,
    example=_weights,
    along=(AxisKind.DRAW,),
    reads=("weights",),
    as_printed=(
        PrintedForm(
            "f = (1/r) sum_q (2 pi sigma^2)^(-1/2) exp(-|x - sqrt(r) w_q|^2/(2 sigma^2)) has the integral 1.",
            example=_weights_as_printed,
        ),
    ),
)

"""Sharp configurations have the least energy of all clouds of their size, at every temperature."""

from fathometer.attention.model.minimal_energy._configurations import universal_configuration
from fathometer.attention.model.minimal_energy._problem import MinimalEnergy
from fathometer.attention.model.minimal_energy._references import UNIVERSAL
from fathometer.attention.observables.minimal_energy._clouds import CLOUD_ENERGY
from fathometer.attention.predictions.minimal_energy._configuration_energy import configuration_energy
from fathometer.attention.theorems.energy._examples import run_of_repelling, thirteen
from fathometer.evidence import AtLeast, Axis, Estimate, Hypothesis, InputError, Problem, Source, Theorem, Trajectory

_ROUNDING = 1e-12


def _energy(trajectory: Trajectory) -> Estimate:
    return trajectory.observe(CLOUD_ENERGY)


def _least(problem: Problem, axis: Axis | None) -> AtLeast:
    clouds = MinimalEnergy.expect(problem)
    one = universal_configuration(clouds.n, clouds.d)
    if one is None:
        raise InputError(f"no universally optimal cloud of {clouds.n} points in dimension {clouds.d} is known")
    return AtLeast(configuration_energy(one, clouds.beta).lower * (1 - _ROUNDING), domain=(0, 1))


def _known(problem: Problem) -> bool:
    clouds = MinimalEnergy.expect(problem)
    return universal_configuration(clouds.n, clouds.d) is not None


def _warm(problem: Problem) -> bool:
    return MinimalEnergy.expect(problem).beta >= 0


THEOREM = Theorem(
    id="universal_optimality",
    theory="attention",
    title="Sharp configurations have the least energy",
    statement="A configuration of n points of the sphere of R^d with m inner products besides 1 that is a spherical"
    " design of strength 2m - 1 has the least sum_ij f(<x_i, x_j>) of all clouds of n points for every absolutely"
    " monotone f, so the least unit energy for every beta >= 0; and so has the 600-cell.",
    source=Source(
        UNIVERSAL,
        "Theorem 1.2 and Table 1",
        "A slack of 1e-12 is room for rounding. The 600-cell is not sharp; its optimality is proved there by a"
        " polynomial of its own.",
    ),
    about=MinimalEnergy,
    hypotheses=(
        Hypothesis.that("beta >= 0", _warm),
        Hypothesis.that("a universally optimal cloud of this size is known", _known),
    ),
    quantity=_energy,
    predict=_least,
    example=run_of_repelling,
    counterexample=thirteen,
    reads=("points",),
)

"""No cloud has less energy than the linear programming bound."""

from fathometer.attention.model.minimal_energy._problem import MinimalEnergy
from fathometer.attention.model.minimal_energy._references import YUDIN
from fathometer.attention.observables.minimal_energy._clouds import CLOUD_ENERGY
from fathometer.attention.predictions.minimal_energy._lower_bound import minimal_energy_bound
from fathometer.attention.theorems.energy._examples import negative_temperature, run_of_repelling
from fathometer.evidence import AtLeast, Axis, Estimate, Hypothesis, Problem, Source, Theorem, Trajectory


def _energy(trajectory: Trajectory) -> Estimate:
    return trajectory.observe(CLOUD_ENERGY)


def _bound(problem: Problem, axis: Axis | None) -> AtLeast:
    clouds = MinimalEnergy.expect(problem)
    return AtLeast(minimal_energy_bound(clouds.n, clouds.d, clouds.beta).bound, domain=(0, 1))


def _beta(problem: Problem) -> Estimate:
    return Estimate.exact(MinimalEnergy.expect(problem).beta)


THEOREM = Theorem(
    id="energy_lower_bound",
    theory="attention",
    title="Linear programming bound of the energy",
    statement="If h = sum_k h_k C_k with Gegenbauer polynomials C_k of value 1 at 1, h_k >= 0 for k >= 1, and"
    " h(t) <= exp(beta (t - 1)) on [-1, 1], then every cloud of n tokens of equal mass has unit energy at least"
    " h_0 - h(1)/n + 1/n. The h of degree 30 comes from a linear program and is proved between grid points.",
    source=Source(
        YUDIN,
        "linear programming bound",
        "The form for the kernel exp(beta (t - 1)) and the proof between grid points are derived.",
    ),
    about=MinimalEnergy,
    hypotheses=(Hypothesis("beta >= 0", AtLeast(0.0), _beta),),
    quantity=_energy,
    predict=_bound,
    example=run_of_repelling,
    counterexample=negative_temperature,
    reads=("points",),
)

"""How far the law of noisy tokens is from uniform, and from a point."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.model.variants._mean_field_circle import ClusteringLaw
from fathometer.attention.model.variants._noisy_law import NoisyLaw
from fathometer.evidence import NEARLY_CERTAIN, Estimate, Observable, Problem, Trajectory

_BALANCED = 1e-7
_QUADRATURE = 1e-4
"""Error of the log of a distance, from a density that is sharp on its grid."""


def _length_of_mean(problem: Problem, states: Mapping[str, NDArray]) -> Estimate:
    masses = ParticleSystem.expect(problem).masses
    return Estimate.exact(np.linalg.norm(np.tensordot(masses, states["points"], axes=(0, -2)), axis=-1))


ORDER_PARAMETER = Observable("order_parameter", "1", "|sum_i m_i x_i|: 1 if one point", _length_of_mean)


def order_parameter(run: Trajectory) -> Estimate:
    """|mean of x| along a run of a noisy law with states "density": 0 if uniform, 1 if a point."""
    return run.measure(lambda way: Estimate.exact(_law(way).orders(way.states["density"]), along=way.axis))


def settled_order(run: Trajectory) -> Estimate:
    """Order parameter of the last state; anything if the law that it balances has another one by more than 1e-7."""
    amplitudes = settled_amplitudes(run, 1)
    value, lower, upper = (
        float(np.asarray(part)[0]) for part in (amplitudes.value, amplitudes.lower, amplitudes.upper)
    )
    return Estimate(value, lower, upper, amplitudes.kind)


def settled_amplitudes(run: Trajectory, modes: int) -> Estimate:
    """Sizes of the first harmonics of the last state; anything if the law that it balances has others, by 1e-7.

    Args:
        run: of a noisy law, with states "density".
        modes: highest degree, >= 1.
    """
    law, density = _law(run), run.states["density"][-1]
    now, balanced = (law.amplitudes(one)[:modes] for one in (density, law.balanced(density)))
    if np.all(np.abs(balanced - now) <= _BALANCED * now[0]):
        return Estimate.exact(now)
    return Estimate.heuristic(now, 0.0, 1.0)


def log_order_growth(run: Trajectory) -> Estimate:
    """Log of the order parameter in units of that at time 0, which must not be zero."""
    law = _law(run)
    with np.errstate(divide="ignore"):
        logs = np.log(law.orders(run.states["density"])) - np.log(law.order)
    return Estimate.exact(logs, along=run.axis)


def free_energy(run: Trajectory) -> Estimate:
    """Free energy along a run of a noisy law with states "density"; 0 if uniform."""
    return Estimate.exact(_law(run).free_energy(run.states["density"]), along=run.axis)


def mean_squared_order(run: Trajectory) -> Estimate:
    """Mean of |mean of x|^2 over independent clouds along a run with states "order", with an interval of that mean."""
    mean = Estimate.mean_of(run.states["order"] ** 2, NEARLY_CERTAIN)
    lower, upper = np.maximum(mean.lower, 0.0), np.maximum(np.minimum(mean.upper, 1.0), mean.value)
    return Estimate.sampled(mean.value, lower, upper, NEARLY_CERTAIN, along=run.axis)


def _law(run: Trajectory) -> NoisyLaw:
    problem = run.problem
    return problem.law if isinstance(problem, ClusteringLaw) else NoisyLaw.expect(problem)


def log_distance_to_point(run: Trajectory) -> Estimate:
    """Log of the Wasserstein distance W_2 to the point at the mean direction of the last state, along the circle."""
    densities = run.states["density"]
    cells = densities.shape[1]
    angles = 2 * np.pi * np.arange(cells) / cells
    mean = np.angle(densities[-1] @ np.exp(1j * angles))
    squares = np.angle(np.exp(1j * (angles - mean))) ** 2
    log_distance = np.log(densities @ squares * 2 * np.pi / cells) / 2
    return Estimate.heuristic(log_distance, log_distance - _QUADRATURE, log_distance + _QUADRATURE, along=run.axis)

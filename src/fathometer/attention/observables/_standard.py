"""Quantities that every trajectory of tokens has, simulated or recorded."""

from collections.abc import Mapping

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import NDArray

from fathometer.attention.model._energy import energy_deficit, log_mp_energy
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables.clusters._clusters import cluster_counts, default_resolution
from fathometer.evidence import Estimate, Observable, Problem, Trajectory, finite_number

States = Mapping[str, NDArray]

_ROUNDING = 16 * np.finfo(float).eps
"""Error of an energy deficit, whose points are rounded."""


def mean_cosine(points: Float[np.ndarray, "*t n d"], masses: Float[np.ndarray, " n"]) -> Float[np.ndarray, "*t"]:
    """Mean of <x_i, x_j> over pairs i != j, weighted by m_i m_j; NaN for a single token.

    With x_bar = sum_i m_i x_i it is 1 - sum_i m_i |x_i - x_bar|^2 / (1 - sum_i m_i^2).

    Args:
        points: unit vectors.
        masses: positive, sum 1.
    """
    if len(masses) == 1:
        return np.full(points.shape[:-2], np.nan)
    centre = np.sum(masses[:, None] * points, axis=-2, keepdims=True)
    spread = np.sum(masses * np.sum((points - centre) ** 2, axis=-1), axis=-1)
    return np.asarray(1 - spread / pair_mass(masses))


def pair_mass(masses: Float[np.ndarray, "*t n"]) -> Float[np.ndarray, "*t"]:
    """Mass of the pairs i != j, 1 - sum_i m_i^2, without the cancellation when one token has nearly all mass.

    Args:
        masses: not negative, sum 1, n >= 2.
    """
    ordered = np.sort(masses, axis=-1)
    heaviest, rest = ordered[..., -1], ordered[..., :-1]
    return np.asarray(heaviest * np.sum(rest, axis=-1) + np.sum(rest * (1 - rest), axis=-1))


def effective_rank(points: Float[np.ndarray, "*t n d"], masses: Float[np.ndarray, " n"]) -> Float[np.ndarray, "*t"]:
    """Exponential of the entropy of the singular values, divided by their sum, of the matrix with rows sqrt(m_i) x_i.

    Roy and Vetterli, The effective rank (2007), with the masses as weights; between 1 and min(n, d). Arguments as for
    `mean_cosine`.
    """
    values = np.linalg.svd(np.sqrt(masses)[:, None] * points, compute_uv=False)
    shares = values / np.sum(values, axis=-1, keepdims=True)
    return np.asarray(np.exp(-np.sum(shares * np.log(np.where(shares > 0, shares, 1.0)), axis=-1)))


@jax.jit
def _deficits(states: Float[Array, "t n d"], masses: Float[Array, " n"], beta: Float[Array, ""]) -> Float[Array, " t"]:
    return jax.lax.map(lambda points: energy_deficit(points, masses, beta), states)


def _deficits_of(system: ParticleSystem, points: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(_deficits(*map(jnp.asarray, (points, system.masses, system.beta))))


def _measure_unit_energy(problem: Problem, states: States) -> Estimate:
    system = ParticleSystem.expect(problem)
    return Estimate.exact(1 - 2 * system.beta * _deficits_of(system, states["points"]))


def _measure_dm_energy(problem: Problem, states: States) -> Estimate:
    system = ParticleSystem.expect(problem)
    finite_number("beta", system.beta, above=0)
    return Estimate.exact(1 / (2 * system.beta) - _deficits_of(system, states["points"]))


def _measure_log_mp_energy(problem: Problem, states: States) -> Estimate:
    system = ParticleSystem.expect(problem)
    return Estimate.exact(log_mp_energy(_measure_unit_energy(problem, states).value, system.beta))


def _measure_dissipation_defect(problem: Problem, states: States) -> Estimate:
    system = ParticleSystem.expect(problem)
    dissipated = states["dissipated"]
    rise = _deficits_of(system, system.points[None]) - _deficits_of(system, states["points"])
    total = np.max(np.abs(rise))
    if total == 0:
        return Estimate.heuristic(np.full(len(rise), np.nan), -np.inf, np.inf)
    defect, rounding = (rise - dissipated) / total, _ROUNDING / total
    return Estimate.heuristic(defect, defect - rounding, defect + rounding)


def _measure_cluster_count(problem: Problem, states: States) -> Estimate:
    return Estimate.exact(cluster_counts(states["points"], default_resolution(ParticleSystem.expect(problem).beta)))


def _measure_mean_cosine(problem: Problem, states: States) -> Estimate:
    return Estimate.exact(mean_cosine(states["points"], ParticleSystem.expect(problem).masses))


def _measure_effective_rank(problem: Problem, states: States) -> Estimate:
    return Estimate.exact(effective_rank(states["points"], ParticleSystem.expect(problem).masses))


def known_along(run: Trajectory, observable: Observable) -> Estimate:
    """The observable along a run; NaN where neither it nor the points were kept."""
    if observable.name in run.observed or "points" in run.states:
        return run.observe(observable)
    return Estimate.exact(np.full(len(run.axis), np.nan), along=run.axis)


UNIT_ENERGY = Observable(
    "unit_energy", "1", "EE = sum_ij m_i m_j exp(beta (<x_i, x_j> - 1)), 1 for a single cluster", _measure_unit_energy
)
DM_ENERGY = Observable(
    "dm_energy", "1", "EE/(2 beta), the energy whose gradient the models climb; at most 1/(2 beta)", _measure_dm_energy
)
LOG_MP_ENERGY = Observable("log_mp_energy", "nat", "log of exp(beta) EE/(2 beta)", _measure_log_mp_energy)
DISSIPATION_DEFECT = Observable(
    "dissipation_defect",
    "1",
    "rise of EE/(2 beta) since time 0, less the energy dissipated, relative to the largest rise along the trajectory",
    _measure_dissipation_defect,
)
CLUSTER_COUNT = Observable(
    "cluster_count", "1", "clusters by single linkage at the chord 0.1/sqrt(max(1, beta))", _measure_cluster_count
)
MEAN_COSINE = Observable(
    "mean_cosine", "1", "mean of <x_i, x_j> over pairs i != j, weighted by m_i m_j", _measure_mean_cosine
)
EFFECTIVE_RANK = Observable(
    "effective_rank", "1", "exp of the entropy of the singular values of diag(sqrt(m)) X", _measure_effective_rank
)

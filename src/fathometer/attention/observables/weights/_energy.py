"""The energy of symmetric weights along a run, and what the motion dissipates of it."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from fathometer.attention.model._variant import Variant
from fathometer.attention.model.weights._distances import gradient_factors, score_matrices
from fathometer.attention.model.weights._energy import EnergyRates, energy_rates
from fathometer.evidence import Estimate, Trajectory
from fathometer.numerics import in_float64

_ROUNDING = 1e-12


def relative_energy(run: Trajectory) -> Estimate:
    """The energy of the weights (see `weighted_energy`), divided by the largest size that it has along the run."""
    energy = np.asarray(_along(run).energy)
    return Estimate.exact(energy / max(float(np.max(np.abs(energy))), 1e-300), along=run.axis)


def energy_defect(run: Trajectory) -> Estimate:
    """Change of the energy along the velocity less sum_i m_i Z_i |dx_i/dt|^2, relative to the largest; heuristic."""
    _, change, dissipation = map(np.asarray, _along(run))
    total = max(float(np.max(np.abs(dissipation))), 1e-300)
    defect = (change - dissipation) / total
    return Estimate.heuristic(defect, defect - _ROUNDING, defect + _ROUNDING, along=run.axis)


@in_float64
def _along(run: Trajectory) -> EnergyRates:
    variant = Variant.expect(run.problem)
    weights, system = variant.weights, variant.system
    scores, factors = jnp.asarray(score_matrices(variant)), jnp.asarray(gradient_factors(variant))
    of = partial(
        energy_rates, masses=jnp.asarray(system.masses), beta=system.beta, weights=weights, rules=variant.rules
    )
    return jax.lax.map(lambda points: of(points, scores=scores, factors=factors), jnp.asarray(run.states["points"]))

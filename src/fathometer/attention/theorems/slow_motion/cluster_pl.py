"""Around one cluster on the circle the energy satisfies a Polyak-Lojasiewicz inequality."""

import numpy as np

from fathometer.attention.model._hessian import interaction_range
from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model._rest import ON_THE_CIRCLE
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables.paths._polyak_lojasiewicz import (
    ratio_of_cluster,
    smallest_arc,
    while_a_cluster_has_width,
)
from fathometer.attention.predictions._slow_motion import cluster_pl_constant
from fathometer.attention.theorems.slow_motion._examples import one_cluster, wide_cluster
from fathometer.evidence import AtLeast, Axis, AxisKind, Estimate, Hypothesis, Problem, Source, Theorem


def predict(problem: Problem, axis: Axis | None) -> AtLeast:
    """The smallest mass times the smallest slope g of the pull up to the diameter, which is that at the diameter."""
    return AtLeast(cluster_pl_constant(ParticleSystem.expect(problem)), domain=(0, None))


def _beta(problem: Problem) -> Estimate:
    return Estimate.exact(ParticleSystem.expect(problem).beta)


def _room(problem: Problem) -> Estimate:
    system = ParticleSystem.expect(problem)
    if system.points.shape[1] != 2:
        return Estimate.exact(np.nan)
    reach = interaction_range(system.beta) if system.beta > 0 else np.pi / 2
    return Estimate.exact(reach - smallest_arc(system.points))


THEOREM = Theorem(
    id="cluster_pl",
    theory="attention",
    title="Polyak-Lojasiewicz inequality of a cluster",
    statement="For tokens on the circle, all within an angle r < tau* of each other, |grad E|^2 / (2 (E_max - E)) >="
    " min_i m_i min_{[0, r]} g, where g is the derivative of sin z exp(beta (cos z - 1)) and E = EE/(2 beta).",
    source=Source(
        METASTABILITY,
        "Polyak-Lojasiewicz inequality on the slow manifold",
        "The constant there could not be recovered; this one is derived for one cluster, from v^T Hess E v ="
        " -(1/2) sum_ij m_i m_j g(theta_i - theta_j) (v_i - v_j)^2. Along a run r is that at time 0, for the arc that"
        " holds the tokens never grows; judged until they are a point to rounding.",
    ),
    about=ParticleSystem,
    hypotheses=(
        ON_THE_CIRCLE,
        Hypothesis("beta > 0", AtLeast(1e-12, domain=(0, None)), _beta),
        Hypothesis("within the interaction range (room)", AtLeast(1e-9), _room),
    ),
    quantity=ratio_of_cluster,
    predict=predict,
    example=one_cluster,
    counterexample=wide_cluster,
    along=(AxisKind.TIME, AxisKind.LOG_TIME),
    reads=("points",),
    part=while_a_cluster_has_width,
)

"""Around one cluster on the circle the energy satisfies a Polyak-Lojasiewicz inequality."""

import numpy as np

from fathometer.attention.model._hessian import interaction_range, pull_slope
from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model._rest import ON_THE_CIRCLE
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._polyak_lojasiewicz import pl_ratio
from fathometer.evidence import AtLeast, Axis, Estimate, Hypothesis, Problem, Source, Theorem, Trajectory

_RELATIVE = 1e-9


def diameter(problem: Problem) -> float:
    """Largest angle between two tokens at time 0, in radians."""
    points = ParticleSystem.expect(problem).points
    return 2 * float(np.arcsin(min(1.0, np.max(np.linalg.norm(points[:, None] - points, axis=-1)) / 2)))


def ratio(trajectory: Trajectory) -> Estimate:
    """|grad E|^2 / (2 (E_max - E)) with the tokens as one cluster, for every state."""
    system = ParticleSystem.expect(trajectory.problem)
    members = np.zeros(len(system.points), np.int64)
    found = pl_ratio(trajectory.states["points"], system.masses, members, system.beta)
    return Estimate.heuristic(found, found * (1 - _RELATIVE), found * (1 + _RELATIVE), along=trajectory.axis)


def predict(problem: Problem, axis: Axis | None) -> AtLeast:
    """The smallest mass times the smallest slope g of the pull up to the diameter, which is that at the diameter."""
    system = ParticleSystem.expect(problem)
    angles = np.linspace(0, diameter(problem), 1000)
    slope = float(np.min(pull_slope(angles, system.beta)))
    return AtLeast(slope * float(np.min(system.masses)), domain=(0, None))


def _beta(problem: Problem) -> Estimate:
    return Estimate.exact(ParticleSystem.expect(problem).beta)


def _room(problem: Problem) -> Estimate:
    beta = ParticleSystem.expect(problem).beta
    return Estimate.exact((interaction_range(beta) if beta > 0 else np.pi / 2) - diameter(problem))


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
        " -(1/2) sum_ij m_i m_j g(theta_i - theta_j) (v_i - v_j)^2.",
    ),
    hypotheses=(
        ON_THE_CIRCLE,
        Hypothesis("beta > 0", AtLeast(1e-12, domain=(0, None)), _beta),
        Hypothesis("within the interaction range (room)", AtLeast(1e-9), _room),
    ),
    quantity=ratio,
    predict=predict,
)

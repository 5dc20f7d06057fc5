"""Around the slow manifold of several caps the energy satisfies a Polyak-Lojasiewicz inequality."""

from dataclasses import replace

import numpy as np

from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model.caps._hypotheses import SEPARATED
from fathometer.attention.model.caps._separated_cloud import SeparatedCloud
from fathometer.attention.observables._polyak_lojasiewicz import pl_ratio
from fathometer.attention.theorems.slow_motion.extremal_tokens import ON_CIRCLE, SMALL
from fathometer.evidence import AtLeast, Axis, Estimate, Hypothesis, Problem, Source, Theorem, Trajectory

_RELATIVE = 1e-9


def limit_constant(problem: Problem) -> Estimate:
    """min_q n_q / n^2: the constant for beta to infinity (derived)."""
    cloud = SeparatedCloud.expect(problem)
    counts = np.bincount(cloud.members)
    return Estimate.exact(np.min(counts[counts > 0]) / len(cloud.members) ** 2)


def ratio(trajectory: Trajectory) -> Estimate:
    """|grad E|^2 / (2 (E_plateau - E)) for every state."""
    cloud = SeparatedCloud.expect(trajectory.problem)
    found = pl_ratio(trajectory.states["points"], cloud.system.masses, cloud.members, cloud.system.beta)
    return Estimate.heuristic(found, found * (1 - _RELATIVE), found * (1 + _RELATIVE), along=trajectory.axis)


def predict(problem: Problem, axis: Axis | None) -> AtLeast:
    """At least min_q n_q / n^2."""
    return AtLeast(limit_constant(problem), domain=(0, None))


def slow_manifold_pl(kappa: float) -> Theorem:
    """Return the statement with a value for the constant, which is then all that is claimed."""
    return replace(THEOREM, hypotheses=_HYPOTHESES, predict=lambda problem, axis: AtLeast(kappa, domain=(0, None)))


_HYPOTHESES = (ON_CIRCLE, *SEPARATED, *SMALL)

THEOREM = Theorem(
    id="slow_manifold_pl",
    theory="attention",
    title="Polyak-Lojasiewicz inequality around the slow manifold",
    statement="With separated caps on the circle whose tokens are close, there is a kappa(beta, n) > 0 such that"
    " E(U) - E <= |grad E|^2 / (2 kappa) for some U in the slow manifold; for beta to infinity kappa is"
    " min_q n_q / n^2.",
    source=Source(
        METASTABILITY,
        "Polyak-Lojasiewicz inequality on the slow manifold",
        "kappa(beta, n) could not be recovered: give one with slow_manifold_pl(kappa); the limit is derived, and that"
        " beta is large enough for it is undecidable. For one cluster, cluster_pl has a constant.",
    ),
    hypotheses=(*_HYPOTHESES, Hypothesis("beta so large that the limit is attained", None, None)),
    quantity=ratio,
    predict=predict,
)

"""Clusters do not meet before a time that a comparison equation of their caps gives."""

import numpy as np

from fathometer.attention.dynamics.certified import log_first_meeting
from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model.caps._clustered import ClusteredTokens
from fathometer.attention.predictions.lifetime._caps import caps_around, separations
from fathometer.attention.predictions.lifetime._lifetime import lifetime_of
from fathometer.attention.theorems.metastability._lifetimes import meeting_clusters, touching_clusters
from fathometer.evidence import AtMost, Axis, Estimate, Hypothesis, NotBefore, Positive, Problem, Source, Theorem


def predict(problem: Problem, axis: Axis | None) -> NotBefore:
    """Not before the bound."""
    return NotBefore(lifetime_of(ClusteredTokens.expect(problem)).log_time, domain=(None, None))


def _room(problem: Problem) -> Estimate:
    tokens = ClusteredTokens.expect(problem)
    caps = caps_around(tokens.system.points, tokens.system.masses, tokens.members, tokens.error)
    return Estimate.exact(np.min(separations(caps), initial=np.pi) - 2 * np.arcsin(tokens.event_chord / 2))


def _radius(problem: Problem) -> Estimate:
    return Estimate.exact(float(np.max(lifetime_of(ClusteredTokens.expect(problem)).caps.radii)))


THEOREM = Theorem(
    id="cluster_lifetime",
    theory="attention",
    title="A lower bound of the first merger, nearly sharp",
    statement="Let caps of radii a_q around centres w_q hold clusters of masses M_q, and let a_p' = max over tokens of"
    " <e, F - w_p'>, F the pull of the other clusters as bounded on the caps, e the direction away from w_p: no token"
    " leaves its cap, and no tokens of different clusters are within the event chord before two caps are (any masses,"
    " SA and USA).",
    source=Source(
        METASTABILITY,
        "lifetime T_2 of the clusters, sharpened",
        "Derived: the outermost token of a cap is pulled inward by its own cluster, and the comparison equation is"
        " stepped with the rates of the end of each step, rounded outward.",
    ),
    about=ClusteredTokens,
    hypotheses=(
        Hypothesis("caps farther from each other than the event chord (room)", Positive(), _room),
        Hypothesis("caps of radius below 1.5", AtMost(1.5, domain=(0, np.pi)), _radius),
    ),
    quantity=log_first_meeting,
    predict=predict,
    example=meeting_clusters,
    counterexample=touching_clusters,
)

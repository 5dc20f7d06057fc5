"""Two clusters merge at a place that their masses determine."""

import numpy as np

from fathometer.attention.model._hypotheses import TWO_TOKENS
from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._two_tokens import pair_gap, share_travelled
from fathometer.attention.predictions._closed_forms import two_cluster_merge_fraction
from fathometer.attention.theorems.staircase._examples import ALONG, three_tokens, uneven_pair
from fathometer.evidence import AtLeast, AtMost, Axis, Estimate, Hypothesis, Problem, Source, Theorem, Within

_ROOM = 1e-4


def predict(problem: Problem, axis: Axis | None) -> Within:
    """The quadrature, with room of 1e-4."""
    system = ParticleSystem.expect(problem)
    first, second = system.masses
    share = two_cluster_merge_fraction(pair_gap(system), system.beta, (first, second), system.model).value
    return Within(share - _ROOM, share + _ROOM, domain=(0, 1))


def _gap(problem: Problem) -> Estimate:
    return Estimate.exact(pair_gap(ParticleSystem.expect(problem)))


THEOREM = Theorem(
    id="merge_location",
    theory="attention",
    title="Where two clusters merge",
    statement="Of the gap w_0 between two clusters the first one travels the share m_2/(m_1 + m_2) under USA, and"
    " under SA the mean over w in (0, w_0) of m_2 (m_2 + m_1 q)/(m_1^2 + m_2^2 + 2 m_1 m_2 q), q ="
    " exp(-beta (1 - cos w)), which tends to m_2^2/(m_1^2 + m_2^2) for large beta; here to 1e-4.",
    source=Source(METASTABILITY, "model, reduced to two clusters", "Derived; exact while other clusters do not move."),
    about=ParticleSystem,
    hypotheses=(
        TWO_TOKENS,
        Hypothesis("apart", AtLeast(1e-3, domain=(0, np.pi)), _gap),
        Hypothesis("not antipodal", AtMost(np.pi - 1e-6, domain=(0, np.pi)), _gap),
    ),
    quantity=share_travelled,
    predict=predict,
    example=uneven_pair,
    counterexample=three_tokens,
    along=ALONG,
    reads=("points",),
)

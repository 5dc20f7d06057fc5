"""Two tokens meet at the time of the closed form."""

import numpy as np

from fathometer.attention.model._hypotheses import TWO_TOKENS
from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._clusters import default_resolution, time_of_one_cluster
from fathometer.attention.predictions._closed_forms import two_cluster_log_time
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Axis,
    Estimate,
    Hypothesis,
    Problem,
    Source,
    Theorem,
    Within,
)


def gap_of(problem: Problem) -> float:
    """Angle between the first and the last token, in radians."""
    points = ParticleSystem.expect(problem).points
    return 2 * float(np.arctan2(np.linalg.norm(points[0] - points[-1]), np.linalg.norm(points[0] + points[-1])))


def contact_gap(problem: Problem) -> float:
    """Angle of the chord at which two tokens count as one cluster, in radians."""
    return 2 * float(np.arcsin(default_resolution(ParticleSystem.expect(problem).beta) / 2))


def _excess_gap(problem: Problem) -> Estimate:
    return Estimate.exact(gap_of(problem) - contact_gap(problem))


def _gap_to_antipode(problem: Problem) -> Estimate:
    return Estimate.exact(np.pi - gap_of(problem))


def _exponent(problem: Problem) -> Estimate:
    return Estimate.exact(2 * ParticleSystem.expect(problem).beta * np.sin(gap_of(problem) / 2) ** 2)


def _closed_form(problem: Problem, axis: Axis | None) -> Within:
    system = ParticleSystem.expect(problem)
    first, second = system.masses
    log_time = two_cluster_log_time(gap_of(problem), contact_gap(problem), system.beta, (first, second), system.model)
    time = np.exp(log_time.value)
    return Within(time * (1 - 1e-6), time * (1 + 1e-6))


THEOREM = Theorem(
    id="two_token_time",
    theory="attention",
    title="Time until two tokens meet",
    statement="Two tokens at the angle w_0 reach the chord 0.1/sqrt(max(1, beta)) after the time that the quadrature of"
    " dw/dt = -q sin w (m_1/(m_2 + m_1 q) + m_2/(m_1 + m_2 q)) (SA) or -q sin w (USA) with"
    " q = exp(-beta (1 - cos w)) gives; here to 1e-6, relative.",
    source=Source(
        METASTABILITY,
        "model, reduced to two tokens",
        "Closed form derived. Measure with measure_two_token_time, or along dense times: a coarse event is undecided.",
    ),
    hypotheses=(
        TWO_TOKENS,
        Hypothesis("farther apart than the resolution", AtLeast(1e-6), _excess_gap),
        Hypothesis("a time that fits a float: beta (1 - cos w_0) is moderate", AtMost(690), _exponent),
        Hypothesis("not antipodal", AtLeast(1e-6), _gap_to_antipode),
    ),
    quantity=time_of_one_cluster,
    predict=_closed_form,
)

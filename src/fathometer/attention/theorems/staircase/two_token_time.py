"""Two tokens meet at the time of the closed form."""

import numpy as np

from fathometer.attention.model._hypotheses import TWO_TOKENS
from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._two_tokens import contact_gap, meeting_time, pair_gap
from fathometer.attention.predictions._closed_forms import two_cluster_log_time
from fathometer.attention.theorems.staircase._examples import ALONG, meeting_pair, three_tokens
from fathometer.evidence import AtLeast, AtMost, Axis, Estimate, Hypothesis, Problem, Source, Theorem, Within


def predict(problem: Problem, axis: Axis | None) -> Within:
    """The closed form, to 1e-6."""
    system = ParticleSystem.expect(problem)
    first, second = system.masses
    gaps = pair_gap(system), contact_gap(system.beta)
    time = np.exp(two_cluster_log_time(*gaps, system.beta, (first, second), system.model).value)
    return Within(time * (1 - 1e-6), time * (1 + 1e-6))


def _excess_gap(problem: Problem) -> Estimate:
    system = ParticleSystem.expect(problem)
    return Estimate.exact(pair_gap(system) - contact_gap(system.beta))


def _gap_to_antipode(problem: Problem) -> Estimate:
    return Estimate.exact(np.pi - pair_gap(ParticleSystem.expect(problem)))


def _exponent(problem: Problem) -> Estimate:
    system = ParticleSystem.expect(problem)
    return Estimate.exact(2 * system.beta * np.sin(pair_gap(system) / 2) ** 2)


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
    about=ParticleSystem,
    hypotheses=(
        TWO_TOKENS,
        Hypothesis("farther apart than the resolution", AtLeast(1e-6), _excess_gap),
        Hypothesis("a time that fits a float: beta (1 - cos w_0) is moderate", AtMost(690), _exponent),
        Hypothesis("not antipodal", AtLeast(1e-6), _gap_to_antipode),
    ),
    quantity=meeting_time,
    predict=predict,
    example=meeting_pair,
    counterexample=three_tokens,
    along=ALONG,
)

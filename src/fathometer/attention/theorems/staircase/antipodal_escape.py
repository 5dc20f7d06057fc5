"""Two nearly antipodal tokens leave their unstable rest at an exponentially small rate."""

import numpy as np

from fathometer.attention.model._hypotheses import TWO_TOKENS
from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model._system import ParticleSystem
from fathometer.attention.observables._two_tokens import antipodal_deviation, log_deviation_growth
from fathometer.attention.observables.caps._widths import axis_times
from fathometer.attention.predictions._slow_motion import escape_range
from fathometer.attention.theorems.staircase._examples import ALONG, antipodal_pair, three_tokens
from fathometer.evidence import Axis, Estimate, Hypothesis, Problem, Source, Theorem, Within


def predict(problem: Problem, axis: Axis | None) -> Within:
    """Rate times time, to 2 %, while the deviation is below 0.05; nothing if no growth is to be seen until then."""
    return Within(*escape_range(ParticleSystem.expect(problem), axis_times(axis)))


def _from_antipode(problem: Problem) -> Estimate:
    points = ParticleSystem.expect(problem).points
    return Estimate.exact(antipodal_deviation(points) if len(points) > 1 else np.nan)


THEOREM = Theorem(
    id="antipodal_escape",
    theory="attention",
    title="Escape from the antipodal rest",
    statement="With w = pi - eta between two tokens, eta grows at the rate q = exp(-2 beta) under USA and"
    " q (m_1/(m_2 + m_1 q) + m_2/(m_1 + m_2 q)) under SA, 2 q/(1 + q) for equal masses; here to 2 % below 0.05.",
    source=Source(METASTABILITY, "model, reduced to two clusters", "Derived."),
    about=ParticleSystem,
    hypotheses=(
        TWO_TOKENS,
        Hypothesis("nearly antipodal", Within(1e-5, 1e-2, domain=(0, np.pi)), _from_antipode),
    ),
    quantity=log_deviation_growth,
    predict=predict,
    example=antipodal_pair,
    counterexample=three_tokens,
    along=ALONG,
    reads=("points",),
)

"""Two clusters merge after a time whose logarithm is beta times (1 - cos gap), to leading order."""

import numpy as np

from fathometer.attention.model._hypotheses import TWO_TOKENS
from fathometer.attention.model._references import METASTABILITY
from fathometer.attention.model._system import Model, ParticleSystem
from fathometer.attention.observables._two_tokens import contact_gap, pair_gap
from fathometer.attention.observables.clusters._clusters import log_meeting_time
from fathometer.attention.predictions._slow_motion import (
    leading_coalescence_log_time,
    pairing_limit_log_time,
    partition_shift,
)
from fathometer.attention.theorems.staircase._examples import ALONG, merging_pair, warm_pair
from fathometer.evidence import (
    AtLeast,
    AtMost,
    Axis,
    Estimate,
    Hypothesis,
    PrintedForm,
    Problem,
    Source,
    Theorem,
    Within,
)


def predict(problem: Problem, axis: Axis | None) -> Within:
    """Within the bars of the leading order."""
    system = ParticleSystem.expect(problem)
    first, second = system.masses
    time = leading_coalescence_log_time(pair_gap(system), system.beta, (first, second), system.model)
    return Within(time.lower, time.upper)


def _pairing_limit(problem: Problem, axis: Axis | None) -> Within:
    system = ParticleSystem.expect(problem)
    log_time = pairing_limit_log_time(pair_gap(system), contact_gap(system.beta), system.beta)
    return Within(log_time - 0.1, log_time + 0.1)


def _exponent(problem: Problem) -> Estimate:
    system = ParticleSystem.expect(problem)
    return Estimate.exact(2 * system.beta * np.sin(pair_gap(system) / 2) ** 2)


def _gap(problem: Problem) -> Estimate:
    return Estimate.exact(pair_gap(ParticleSystem.expect(problem)))


def _shift(problem: Problem) -> Estimate:
    system = ParticleSystem.expect(problem)
    gap, contact = pair_gap(system), contact_gap(system.beta)
    if system.model is Model.USA or len(system.masses) != 2 or system.beta == 0 or not contact < gap < np.pi:
        return Estimate.exact(0.0)
    first, second = system.masses
    return Estimate.exact(partition_shift(gap, contact, system.beta, (first, second)))


THEOREM = Theorem(
    id="coalescence_time",
    theory="attention",
    title="Coalescence of two clusters, to leading order",
    statement="Two clusters at the gap w merge after T with log T = beta (1 - cos w) - log beta + log C, where C ="
    " m_1 m_2/((m_1^2 + m_2^2) sin^2 w) for SA and 1/((m_1 + m_2) sin^2 w) for USA, to 4 |cos w|/(beta sin^2 w)"
    " + (16 cos^2 w + 4 sin^2 w)/(beta^2 sin^4 w).",
    source=Source(
        METASTABILITY,
        "lifetime of the clusters, sharpened",
        "Derived by Laplace's method at the starting gap: at a gap larger by 1/beta the rate differs by O(1).",
    ),
    about=ParticleSystem,
    hypotheses=(
        TWO_TOKENS,
        Hypothesis("an exponentially long time: beta (1 - cos w) at least 10", AtLeast(10.0), _exponent),
        Hypothesis("far from antipodal", AtMost(2.9, domain=(0, np.pi)), _gap),
        Hypothesis(
            "partition functions (SA) of each cluster's own mass, up to a quarter of the bars",
            AtMost(0.25, domain=(0, None)),
            _shift,
        ),
    ),
    quantity=log_meeting_time,
    predict=predict,
    example=merging_pair,
    counterexample=warm_pair,
    along=ALONG,
    uses=("two_token_time",),
    as_printed=(
        PrintedForm(
            "in the time s, dt = exp(beta (1 - <x_1, x_2>)) ds, the closest pair follows dx_1/ds = P x_2 and back: its"
            " cosine is tanh(2 s + const)",
            predict=_pairing_limit,
        ),
    ),
)

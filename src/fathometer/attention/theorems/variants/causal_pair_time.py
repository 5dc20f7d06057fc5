"""Two causal tokens take twice the time of two tokens that see each other."""

import numpy as np

from fathometer.attention.model._references import CAUSAL
from fathometer.attention.model._system import Model
from fathometer.attention.model._variant import Variant
from fathometer.attention.observables._clusters import time_of_one_cluster
from fathometer.attention.theorems.staircase.two_token_time import THEOREM as PLAIN
from fathometer.attention.theorems.variants.causal_limit import CAUSAL_POST, IDENTITY_VALUES
from fathometer.evidence import AtMost, Axis, Estimate, Hypothesis, Problem, Source, Theorem, Within


def _twice(problem: Problem, axis: Axis | None) -> Within:
    plain = PLAIN.predict(Variant.expect(problem).system, axis)
    return Within(2 * plain.lower.value, 2 * plain.upper.value)  # type: ignore[union-attr]


def _pair(problem: Problem) -> Estimate:
    """Largest of what the hypotheses on two plain tokens miss; 0 if all hold."""
    margins = [check.margin for check in (h.check(Variant.expect(problem).system) for h in PLAIN.hypotheses)]
    return Estimate.exact(max(0.0, *(-(margin or 0.0) for margin in margins)))


def _plain_scores(problem: Problem) -> Estimate:
    variant = Variant.expect(problem)
    scores = variant.query.T @ variant.key
    return Estimate.exact(np.max(np.abs(scores - np.eye(len(scores)))))


def _mass_difference(problem: Problem) -> Estimate:
    system = Variant.expect(problem).system
    return Estimate.exact(np.ptp(system.masses) if system.model is Model.SA else 1.0)


PLAIN_SCORES = Hypothesis("plain scores: Q'K = I", AtMost(1e-12), _plain_scores)

THEOREM = Theorem(
    id="causal_pair_time",
    theory="attention",
    title="Two causal tokens take twice as long",
    statement="With a causal mask the second of two SA tokens moves alone, dw/dt = -q sin w / (1 + q) with"
    " q = exp(-beta (1 - cos w)), so that they meet after exactly twice the time of SA without a mask; here to 1e-6.",
    source=Source(CAUSAL, "model, reduced to two tokens", "Derived."),
    hypotheses=(
        CAUSAL_POST,
        IDENTITY_VALUES,
        PLAIN_SCORES,
        Hypothesis("SA with equal masses", AtMost(1e-12), _mass_difference),
        Hypothesis("two tokens for which the plain time is known", AtMost(0), _pair),
    ),
    quantity=time_of_one_cluster,
    predict=_twice,
)

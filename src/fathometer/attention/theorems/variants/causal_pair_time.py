"""Two causal tokens take twice the time of two tokens that see each other."""

import functools

import numpy as np

from fathometer.attention.model._references import CAUSAL
from fathometer.attention.model._system import Model
from fathometer.attention.model._variant import Variant
from fathometer.attention.model.variants._hypotheses import (
    ATTENTION_ALONE,
    CAUSAL_POST,
    IDENTITY_VALUES,
    ONE_HEAD,
    PLAIN_SCORES,
    SOFTMAX,
)
from fathometer.attention.observables.clusters._clusters import time_of_one_cluster
from fathometer.attention.theorems.staircase.two_token_time import THEOREM as PLAIN
from fathometer.attention.theorems.variants._examples import causal_pair, run_of_causal_pair
from fathometer.evidence import Answer, Axis, AxisKind, Hypothesis, Problem, Source, Theorem, Trajectory, Within
from fathometer.numerics import in_float64


def _twice(problem: Problem, axis: Axis | None) -> Within:
    plain = PLAIN.predict(Variant.expect(problem).system, axis)
    return Within(2 * plain.lower.value, 2 * plain.upper.value)  # type: ignore[union-attr]


def _is_plain_pair(problem: Problem) -> bool:
    system = Variant.expect(problem).system
    return all(hypothesis.check(system).answer is Answer.HOLDS for hypothesis in PLAIN.hypotheses)


def _is_sa_with_equal_masses(problem: Problem) -> bool:
    system = Variant.expect(problem).system
    return system.model is Model.SA and float(np.ptp(system.masses)) <= 1e-12


@functools.cache
@in_float64
def _dense_about_the_meeting() -> Trajectory:
    return run_of_causal_pair(float(_twice(causal_pair(), None).lower.value) * (1 + 1e-6))  # type: ignore[union-attr]


def _of_usa() -> Variant:
    return causal_pair(Model.USA)


THEOREM = Theorem(
    id="causal_pair_time",
    theory="attention",
    title="Two causal tokens take twice as long",
    statement="With a causal mask the second of two SA tokens moves alone, dw/dt = -q sin w / (1 + q) with"
    " q = exp(-beta (1 - cos w)), so that they meet after exactly twice the time of SA without a mask; here to 1e-6.",
    source=Source(CAUSAL, "model, reduced to two tokens", "Derived."),
    about=Variant,
    hypotheses=(
        CAUSAL_POST,
        SOFTMAX,
        IDENTITY_VALUES,
        PLAIN_SCORES,
        ONE_HEAD,
        ATTENTION_ALONE,
        Hypothesis.that("SA with equal masses", _is_sa_with_equal_masses),
        Hypothesis.that("two tokens for which the plain time is known", _is_plain_pair),
    ),
    quantity=time_of_one_cluster,
    predict=_twice,
    example=_dense_about_the_meeting,
    counterexample=_of_usa,
    along=(AxisKind.TIME,),
    reads=("points",),
    uses=("two_token_time",),
)

import dataclasses
import functools

import numpy as np
import pytest

from fathometer.attention import Model, ParticleSystem, SeparatedCloud, simulate_cloud
from fathometer.attention.model.caps._law import log_window_time
from fathometer.attention.observables.caps._variance import variances
from fathometer.attention.theorems.metastability.cap_tightening import THEOREM as TIGHTENING
from fathometer.attention.theorems.metastability.mean_field_contain import THEOREM as CONTAIN
from fathometer.attention.theorems.metastability.mean_field_tighten import THEOREM as TIGHTEN
from fathometer.attention.theorems.metastability.mean_field_variance import THEOREM as VARIANCE
from fathometer.evidence import AtMost, Axis, AxisKind, Estimate, NotAfter, Status
from tests.oracles.attention_metastability import centres, in_caps

MODELS = pytest.mark.parametrize("model", list(Model))
TIMES = np.append(0.0, np.linspace(1, 60, 60))


def law(model=Model.SA, beta=60.0, eps=1e-3, rate=0.5, k=3, shares=None):
    """Nine tokens of unequal masses in k caps of mass 1/k."""
    points = in_caps(9, k, eps)
    masses = np.random.default_rng(3).uniform(0.2, 1, 9)
    for q in range(k):
        masses[q::k] /= masses[q::k].sum()
    masses = masses if shares is None else masses * np.tile(shares, 3)
    return SeparatedCloud(ParticleSystem.project(points, beta, model, masses), centres(k), eps, rate)


@functools.cache
def followed(model=Model.SA, rate=0.5):
    return dataclasses.replace(simulate_cloud(law(model), TIMES), problem=law(model, rate=rate))


@pytest.mark.slow
@MODELS
def test_a_law_in_caps_is_metastable(model):
    run = followed(model)
    for theorem in (CONTAIN, TIGHTEN, VARIANCE):
        verdict = theorem.test(run)
        assert verdict.status is Status.HOLDS, verdict.explanation
    assert 1 < TIGHTEN.test(run).measured.value < 60
    assert VARIANCE.printed(VARIANCE.as_printed[0]).test(run).status is Status.VIOLATED
    sooner = dataclasses.replace(TIGHTEN, predict=lambda p, a: NotAfter(2.0))
    assert sooner.test(run).status is Status.VIOLATED
    shallower = dataclasses.replace(CONTAIN, predict=lambda p, a: AtMost(1e-4))
    assert shallower.test(run).status is Status.VIOLATED
    smaller = dataclasses.replace(VARIANCE, predict=lambda p, a: AtMost(-40.0))
    assert smaller.test(run).status is Status.VIOLATED


@pytest.mark.slow
def test_the_exponent_of_the_stopping_time_is_negative():
    system = ParticleSystem.project(in_caps(9, 3, 0.02), 60.0, Model.SA)
    start = simulate_cloud(SeparatedCloud(system, centres(3), 0.02), TIMES).until(1.0)
    assert TIGHTENING.test(start).status is Status.HOLDS
    assert TIGHTENING.printed(TIGHTENING.as_printed[0]).test(start).status is Status.VIOLATED


def test_the_number_of_tokens_does_not_matter():
    problem = law(beta=8.0)
    excess = CONTAIN.hypotheses[-1].check(problem).margin
    assert excess + 8e-3 == pytest.approx(problem.gamma.value + np.log(81 / 9) / 8.0)


@pytest.mark.slow
def test_variances_one_by_one():
    run = followed()
    values, spread = variances(run)
    x, problem = run.states["points"][0], run.problem
    own = np.flatnonzero(problem.members == 1)
    far = own[np.argmin(x[own] @ problem.centres[1])]
    assert values[0, 1] == pytest.approx(sum(problem.system.masses[i] * np.sum((x[i] - x[far]) ** 2) for i in own))
    assert spread[0, 1] == pytest.approx(1 - np.min(x[own] @ x[far]))


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (law(shares=np.array([1.0, 1.0, 1.2])), "mass 1/k"),
        (law(beta=2.0), "gamma - 8 eps"),
        (law(eps=0.07), "eps < 1/16"),
        (law(rate=1.4), "below gamma"),
        (law(rate=-1.0), "lambda > 0"),
    ],
)
def test_where_the_law_is_not_metastable(problem, reason):
    verdict = TIGHTEN.judge(problem, Estimate.exact(1.0))
    assert verdict.status is Status.INAPPLICABLE
    assert reason in " ".join(check.hypothesis for check in verdict.checks if check.answer == "fails")


def test_small_rates_promise_nothing_and_short_runs_decide_nothing():
    assert TIGHTEN.test(followed(rate=0.05)).status is Status.VACUOUS
    short = followed().until(5.0)
    assert TIGHTEN.test(short).status is Status.UNDECIDED
    assert VARIANCE.test(short).status is Status.UNDECIDED


def test_after_the_window_nothing_is_said():
    problem = law(beta=8.0)
    ends = Axis(AxisKind.LOG_TIME, log_window_time(problem) + np.array([-1.0, 1.0]))
    assert CONTAIN.predict(problem, ends).bound.value.tolist() == [0.002, 2.0]

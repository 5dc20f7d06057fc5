import dataclasses
import json
import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.attention import Model, ParticleSystem, measure_two_token_time, run_verdicts, simulate
from fathometer.attention.observables._hemisphere import chart_diameter
from fathometer.attention.predictions._hemisphere import contraction_rate
from fathometer.attention.theorems.energy import dissipation_identity
from fathometer.attention.theorems.energy.dissipation_identity import THEOREM as IDENTITY
from fathometer.attention.theorems.energy.energy_increases import THEOREM as ENERGY
from fathometer.attention.theorems.hemisphere.hemisphere_collapse import THEOREM as COLLAPSE
from fathometer.attention.theorems.hemisphere.hemisphere_cone import THEOREM as CONE
from fathometer.attention.theorems.hemisphere.hemisphere_rate import THEOREM as RATE
from fathometer.attention.theorems.staircase.two_token_time import THEOREM as PAIR
from fathometer.evidence import (
    AtMost,
    Axis,
    AxisKind,
    Estimate,
    InputError,
    Monotone,
    NotAfter,
    Origin,
    Status,
    Theorem,
    Trajectory,
    Within,
)
from fathometer.numerics import hemisphere_axis
from tests.oracles.attention import circle

THEOREMS = [ENERGY, IDENTITY, CONE, RATE, COLLAPSE, PAIR]
MODELS = pytest.mark.parametrize("model", list(Model))
TIMES = np.array([0.0, 1.0, 4.0, 30.0])


def in_hemisphere(beta, model, n=6):
    points = np.random.default_rng(0).standard_normal((n, 3)) + 1.5 * np.eye(3)[2]
    return ParticleSystem.project(points, beta, model, np.random.default_rng(1).uniform(0.5, 1, n))


def around_the_sphere(beta, model=Model.SA):
    return ParticleSystem.project(np.vstack([np.eye(3), -np.eye(3)]) + np.array([0.1, 0.0, 0.02]), beta, model)


def sabotaged(original, predict):
    return dataclasses.replace(original, predict=lambda problem, axis: predict(original.predict(problem, axis)))


def turned(prediction):
    return Monotone("decreasing", prediction.slack)


def at_the_start_only(system):
    return simulate(system, [0.0])


@pytest.mark.parametrize("statement", THEOREMS, ids=lambda t: t.id)
def test_theorems_are_data(statement):
    assert statement.theory == "attention"
    assert Theorem.from_json(json.loads(json.dumps(statement.to_json()))) == statement
    assert "eprint" in statement.source.reference.bibtex()


@pytest.mark.slow
@MODELS
@pytest.mark.parametrize("beta", [0.0, 1.0, 8.0])
def test_all_hold_in_a_hemisphere(model, beta):
    run = simulate(in_hemisphere(beta, model), TIMES)
    for statement in (ENERGY, IDENTITY, CONE, RATE):
        assert statement.test(run).status is Status.HOLDS, statement.id


@pytest.mark.slow
@MODELS
@pytest.mark.parametrize("beta", [0.5, 64.0])
def test_energy_theorems_hold_for_any_tokens(model, beta):
    run = simulate(around_the_sphere(beta, model), TIMES)
    assert ENERGY.test(run).status is Status.HOLDS
    assert IDENTITY.test(run).status is (Status.HOLDS if beta < 64 else Status.INAPPLICABLE)


# energy_increases


def test_the_energy_theorem_asks_for_nothing_and_sees_sabotage():
    assert ENERGY.hypotheses == ()
    run = simulate(in_hemisphere(1.0, Model.SA), TIMES)
    verdict = sabotaged(ENERGY, turned).test(run)
    assert verdict.status is Status.VIOLATED
    assert verdict.margin < -0.01


def test_a_field_of_the_wrong_sign_violates_the_energy_theorem():
    run = simulate(in_hemisphere(1.0, Model.SA), TIMES)
    backwards = run.mapped(lambda states: {"points": states["points"][::-1]})
    assert ENERGY.test(backwards).status is Status.VIOLATED


@pytest.mark.slow
def test_one_state_says_nothing_about_monotonicity():
    run = at_the_start_only(in_hemisphere(1.0, Model.SA))
    assert ENERGY.test(run).status is Status.UNDECIDED
    assert CONE.test(run).status is Status.UNDECIDED


# dissipation_identity


def test_many_tokens_move_as_much_by_the_engine_for_many(monkeypatch):
    system = ParticleSystem.uniform(50, 3, 4.0, Model.USA, seed=1)
    (moves,) = IDENTITY.hypotheses
    by_pairs = moves.quantity(system).value
    monkeypatch.setattr(dissipation_identity, "_ALL_PAIRS", 49)
    assert moves.quantity(system).value == pytest.approx(by_pairs, rel=1e-12)


def test_the_identity_does_not_apply_to_a_system_at_rest():
    hexagon = np.pad(circle(*(np.pi / 3 * np.arange(6))), ((0, 0), (0, 1)))
    run = simulate(ParticleSystem(hexagon, 4.0, Model.USA), TIMES)
    verdict = IDENTITY.test(run)
    assert verdict.status is Status.INAPPLICABLE
    assert_allclose(verdict.margin, -1e-12, rtol=1e-6)


def test_a_wrong_dissipation_violates_the_identity():
    run = simulate(in_hemisphere(4.0, Model.SA), TIMES)
    verdict = IDENTITY.test(run.mapped(lambda states: {**states, "dissipated": states["dissipated"] * (1 + 1e-5)}))
    assert verdict.status is Status.VIOLATED
    assert sabotaged(IDENTITY, lambda p: Within(0.1, 0.2)).test(run).status is Status.VIOLATED


def test_the_identity_says_nothing_at_the_start():
    assert IDENTITY.test(at_the_start_only(in_hemisphere(4.0, Model.SA))).status is Status.UNDECIDED


# hemisphere_cone


@pytest.mark.parametrize("statement", [CONE, RATE, COLLAPSE], ids=lambda t: t.id)
def test_hemisphere_theorems_need_a_hemisphere(statement):
    verdict = statement.test(simulate(around_the_sphere(0.5), TIMES))
    assert verdict.status is Status.INAPPLICABLE
    assert verdict.margin < 0
    assert "hemisphere" in verdict.explanation


def test_the_cone_sees_sabotage():
    run = simulate(in_hemisphere(1.0, Model.SA), TIMES)
    assert sabotaged(CONE, turned).test(run).status is Status.VIOLATED
    backwards = run.mapped(lambda states: {"points": states["points"][::-1]})
    assert CONE.test(backwards).status is Status.VIOLATED


# hemisphere_rate


@MODELS
def test_the_margin_of_the_rate_is_its_looseness(model):
    system = in_hemisphere(1.0, model)
    verdict = RATE.test(simulate(system, TIMES))
    assert 0 < verdict.margin < 1e-5  # tightest at time 0, where both sides are 0
    rate = contraction_rate(system)
    assert_allclose(rate, hemisphere_axis(system.points)[1].lower * math.exp(-2), rtol=1e-12)


def test_the_rate_sees_sabotage():
    run = simulate(in_hemisphere(2.0, Model.SA), TIMES)
    faster = dataclasses.replace(RATE, predict=lambda problem, axis: AtMost(-3 * axis.points))
    assert faster.test(run).status is Status.VIOLATED
    left = run.mapped(lambda states: {"points": states["points"] * [[[1.0]], [[-1.0]], [[1.0]], [[1.0]]]})
    assert RATE.test(left).status is Status.VIOLATED


def test_the_rate_is_a_statement_along_time():
    with pytest.raises(InputError, match="no axis"):
        RATE.judge(in_hemisphere(1.0, Model.SA), Estimate.exact(-1.0))


def test_widths_of_one_cluster_are_left_out_or_undecided():
    run = simulate(in_hemisphere(0.0, Model.SA), [0.0, 1.0, 4.0, 60.0])
    assert RATE.test(run).status is Status.HOLDS
    assert RATE.test(dataclasses.replace(run, events=())).status is Status.UNDECIDED  # nobody counted clusters


def test_tokens_that_start_together_have_no_width_to_speak_of():
    system = ParticleSystem(circle(1.0, 1.0, 1.0), 1.0, Model.SA)
    run = Trajectory(
        system, Axis(AxisKind.TIME, np.array([0.0, 1.0])), {"points": np.stack([system.points] * 2)}, Origin.SIMULATED
    )
    assert RATE.test(run).status is Status.UNDECIDED


def test_the_chart_is_as_wide_as_the_tangents_and_infinite_outside():
    points = np.stack([circle(-0.5, 0.2, 1.0), circle(0.0, 0.1, 2.0)])
    assert_allclose(chart_diameter(points, np.array([1.0, 0.0])), [np.tan(1.0) + np.tan(0.5), np.inf])


# hemisphere_collapse


@MODELS
def test_one_cluster_comes_before_the_explicit_time(model):
    system = in_hemisphere(0.5, model)
    verdict = COLLAPSE.test(simulate(system, [0.0, 1.0, 10.0, 60.0]))
    assert verdict.status is Status.HOLDS
    assert verdict.prediction.time.value == pytest.approx(
        math.log(chart_diameter(system.points[None], hemisphere_axis(system.points)[0])[0] / 0.1)
        / contraction_rate(system),
        rel=1e-9,
    )


def test_collapse_is_undecided_when_the_run_ends_before():
    verdict = COLLAPSE.test(simulate(in_hemisphere(0.5, Model.SA), [0.0, 0.1, 0.2, 0.3]))
    assert verdict.status is Status.UNDECIDED


def test_collapse_sees_sabotage():
    run = simulate(in_hemisphere(0.5, Model.SA), TIMES)
    assert sabotaged(COLLAPSE, lambda p: NotAfter(0.5)).test(run).status is Status.VIOLATED


def test_collapse_is_vacuous_when_the_time_overflows():
    run = simulate(in_hemisphere(400.0, Model.SA), TIMES)
    assert COLLAPSE.test(run).status is Status.VACUOUS


def test_one_cluster_at_the_start_is_in_time():
    run = at_the_start_only(ParticleSystem.project(1 + 0.01 * np.eye(6)[:, :3], 1.0, Model.SA))
    assert COLLAPSE.test(run).status is Status.HOLDS


def test_collapse_abstains_where_clusters_were_not_counted():
    run = simulate(in_hemisphere(0.0, Model.SA), TIMES)
    assert COLLAPSE.test(dataclasses.replace(run, events=())).status is Status.UNDECIDED


# all of them on one run


@pytest.mark.slow
@MODELS
def test_a_collapsing_run_satisfies_all_of_them(model):
    run = simulate(in_hemisphere(0.5, model), np.append(0.0, np.geomspace(0.01, 200, 40)))
    status = {verdict.theorem: verdict.status for verdict in run_verdicts(run)}
    assert {status[theorem.id] for theorem in THEOREMS[:-1]} == {Status.HOLDS}
    assert Status.VIOLATED not in status.values()


# two_token_time


def pair(gap, beta, model, masses=(0.5, 0.5)):
    return ParticleSystem(circle(0.0, gap), beta, model, np.array(masses))


@pytest.mark.slow
@MODELS
@pytest.mark.parametrize(("beta", "masses"), [(0.0, (0.5, 0.5)), (9.0, (0.5, 0.5)), (4.0, (0.75, 0.25))])
def test_two_tokens_meet_in_time(model, beta, masses):
    contact = 2 * math.asin(0.05 / math.sqrt(max(1.0, beta)))
    measured = measure_two_token_time(1.0, contact, beta, model, masses=masses)
    verdict = PAIR.judge(pair(1.0, beta, model, masses), measured)
    assert verdict.status is Status.HOLDS
    assert 0 < verdict.margin < 1.01e-6 * measured.value


@pytest.mark.slow
def test_two_tokens_along_a_trajectory():
    system = pair(1.0, 4.0, Model.SA)
    contact = 2 * math.asin(0.025)
    time = measure_two_token_time(1.0, contact, 4.0, Model.SA).value
    around = time * np.array([0.0, 1 - 5e-7, 1 + 5e-7, 2.0])
    assert PAIR.test(simulate(system, around)).status is Status.HOLDS
    assert PAIR.test(simulate(system, [0.0, 1.0, 10.0, 20.0])).status is Status.UNDECIDED
    assert PAIR.test(simulate(system, [0.0, 0.1, 0.2, 0.3])).status is Status.UNDECIDED


@pytest.mark.slow
def test_the_wrong_model_violates_the_time():
    contact = 2 * math.asin(0.025)
    measured = measure_two_token_time(1.0, contact, 4.0, Model.USA)
    assert PAIR.judge(pair(1.0, 4.0, Model.SA), measured).status is Status.VIOLATED


@pytest.mark.parametrize(
    ("system", "reason"),
    [
        (ParticleSystem(circle(0.0, 1.0, 2.0), 1.0, Model.SA), "two tokens"),
        (pair(0.05, 1.0, Model.SA), "farther apart"),
        (pair(np.pi, 1.0, Model.SA), "antipodal"),
        (pair(2.0, 1000.0, Model.SA), "fits a float"),
    ],
)
def test_the_two_token_theorem_says_where_it_does_not_apply(system, reason):
    verdict = PAIR.judge(system, Estimate.exact(1.0))
    assert verdict.status is Status.INAPPLICABLE
    assert verdict.margin < 0
    assert reason in verdict.explanation

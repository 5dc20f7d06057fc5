import dataclasses
import functools
import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.attention import (
    GluedCircle,
    Model,
    ParticleSystem,
    ScalarClosing,
    limit_gluings,
    limit_staircase,
    measure_two_token_time,
    predicted_gluings,
    predicted_log_times,
    simulate,
    simulate_collapse,
    simulate_glued,
    two_cluster_log_time,
)
from fathometer.attention.observables._two_tokens import contact_gap
from fathometer.attention.theorems.staircase._examples import merging_pair
from fathometer.attention.theorems.staircase.antipodal_escape import THEOREM as ESCAPE
from fathometer.attention.theorems.staircase.coalescence_time import THEOREM as COALESCENCE
from fathometer.attention.theorems.staircase.scalar_closing_time import THEOREM as SCALAR
from fathometer.attention.theorems.staircase.staircase_circle import THEOREM as CIRCLE
from fathometer.attention.theorems.staircase.staircase_length import THEOREM as LENGTH
from fathometer.attention.theorems.staircase.staircase_levels import THEOREM as LEVELS
from fathometer.attention.theorems.staircase.staircase_times import THEOREM as TIMES
from fathometer.evidence import (
    Answer,
    Axis,
    AxisKind,
    Estimate,
    InputError,
    Origin,
    Problem,
    Status,
    Trajectory,
    Within,
)
from tests.oracles.attention import circle

MODELS = pytest.mark.parametrize("model", list(Model))
FIVE = circle(0, 0.5, 1.3, 2.4, 3.9)
PREPARED = np.array([0.0, 0.3, 0.95, 2.4])


def pair(model=Model.USA, beta=20.0, gap=1.2, masses=(0.5, 0.5)):
    return ParticleSystem(circle(0.0, gap), beta, model, np.array(masses))


@functools.cache
def pair_run(model=Model.USA):
    if model is Model.USA:
        return merging_pair()
    return simulate(pair(model, beta=16.0), merging_pair().axis.points)


def printed(theorem, number=0):
    return theorem.printed(theorem.as_printed[number])


def collapse_log_times(collapse):
    """Logs of the times of the events of a collapse; ten tolerances are their errors where they were not checked."""
    times = np.array([-np.inf if event.log_time is None else event.log_time for event in collapse.events])
    return Estimate.heuristic(times, times - 10 * collapse.tolerance, times + 10 * collapse.tolerance)


def shifted(theorem, by):
    def predict(problem, axis):
        right = theorem.predict(problem, axis)
        return Within(np.asarray(right.lower.value) + by, np.asarray(right.upper.value) + by)

    return dataclasses.replace(theorem, predict=predict)


# the clock log(t)/beta


@pytest.mark.slow
@MODELS
@pytest.mark.parametrize("beta", [100.0, 400.0])
def test_clusters_merge_at_the_times_of_isolated_pairs(model, beta):
    system = ParticleSystem(FIVE, beta, model)
    measured = collapse_log_times(simulate_collapse(system, check=False, jumps=False))
    verdict = TIMES.judge(system, measured)
    assert verdict.status is Status.HOLDS, verdict.explanation
    assert shifted(TIMES, 1.0).judge(system, measured).status is Status.VIOLATED
    assert shifted(TIMES, -1.0).judge(system, measured).status is Status.VIOLATED


def test_stairs_need_far_clusters_without_cascades():
    assert "ranges" in TIMES.judge(ParticleSystem(FIVE, 20.0, Model.SA), Estimate.exact(np.zeros(4))).explanation
    ties = ParticleSystem(circle(0, 0.5, 2.0, 2.5), 100.0, Model.SA)
    assert "cascade" in TIMES.judge(ties, Estimate.exact(np.zeros(3))).explanation


@pytest.mark.slow
def test_a_run_that_ends_early_is_undecided_about_the_stairs():
    run = pair_run()
    assert TIMES.test(run).status is Status.HOLDS
    early = run.until(100.0)
    assert TIMES.test(early).status is Status.UNDECIDED
    assert LEVELS.test(early).status is Status.UNDECIDED
    assert LENGTH.test(early).status is Status.UNDECIDED


@pytest.mark.slow
@MODELS
def test_the_energy_rests_at_the_levels(model):
    run = pair_run(model)
    verdict = LEVELS.test(run)
    assert verdict.status is Status.HOLDS, verdict.explanation
    assert verdict.measured.shape == (2,)
    halved = run.mapped(lambda states: {**states, "points": states["points"][:, [0, 0]]})
    assert LEVELS.test(halved).status is Status.VIOLATED


@pytest.mark.slow
def test_levels_of_the_other_energy_and_other_clocks_are_empty():
    run = pair_run()
    assert printed(LEVELS).test(run).status is Status.VACUOUS
    still = run.until(2.0)
    assert printed(LEVELS, 1).test(still).status is Status.VACUOUS  # of a run that has hardly begun
    assert LEVELS.test(still).status is Status.UNDECIDED


NEAR_COMPETITORS = pytest.mark.parametrize(
    ("points", "beta", "masses"),
    [
        (circle(0, 0.8, 1.61), 100.0, (1, 1, 1)),  # the third one slows the first merger
        (circle(0, 0.8, 1.6 + 1e-6), 100.0, (1, 1, 1)),  # and here joins it
        (circle(0, 0.8, 1.7), 100.0, (1, 1, 100)),
        (circle(0, 0.8, 1.65), 200.0, (1, 1, 100)),
        (np.eye(3), 50.0, (1, 1, 1)),
        (np.eye(5), 1000.0, (1, 1, 1, 1, 1)),
    ],
)


@MODELS
@NEAR_COMPETITORS
def test_stairs_need_pairs_without_competitors(points, beta, masses, model):
    system = ParticleSystem(points, beta, model, np.array(masses) / np.sum(masses))
    for theorem in (TIMES, LEVELS, LENGTH):
        assert competitor_check(theorem, system).answer is Answer.FAILS
        assert theorem.judge(system, Estimate.exact(1.0)).status is Status.INAPPLICABLE


def competitor_check(theorem, system):
    checks = theorem.judge(system, Estimate.exact(1.0)).checks
    return next(check for check in checks if "competitor" in check.hypothesis)


def test_what_a_weak_competitor_shifts_is_within_the_bars():
    system = ParticleSystem(circle(0, 0.8, 1.65), 100.0, Model.USA)
    measured = collapse_log_times(simulate_collapse(system, check=False, jumps=False))
    verdict = TIMES.judge(system, measured)
    assert verdict.status is Status.HOLDS, verdict.explanation
    isolated = predicted_log_times(system, contact_gap(system.beta))
    assert measured.value[1] < isolated.lower[1]  # the bars of isolated pairs are too narrow


@pytest.mark.parametrize("beta", [12.0, 30.0, 100.0, 300.0])
@pytest.mark.parametrize("ratio", [1e-8, 1e-4, 0.01, 0.1, 1.0])
def test_coalescence_is_never_violated_by_the_exact_time_of_two_clusters(ratio, beta):
    masses = (1 / (1 + ratio), ratio / (1 + ratio))
    for gap in (0.27, 0.6, 0.85, 1.2, 1.5):
        time = two_cluster_log_time(gap, contact_gap(beta), beta, masses, Model.SA)
        verdict = COALESCENCE.judge(pair(Model.SA, beta, gap, masses), time)
        assert verdict.status in (Status.HOLDS, Status.INAPPLICABLE), verdict.explanation


def test_coalescence_of_a_light_cluster_under_sa_needs_a_long_time():
    for beta, gap, ratio in [(30.0, 0.85, 0.01), (30.0, 0.85, 1e-4), (12.0, 1.5, 1e-8), (300.0, 0.27, 1e-3)]:
        masses = (1 / (1 + ratio), ratio / (1 + ratio))
        verdict = COALESCENCE.judge(pair(Model.SA, beta, gap, masses), Estimate.exact(1.0))
        assert "partition functions" in verdict.explanation


# arc length


def test_the_path_has_wards_length():
    run = pair_run()
    assert LENGTH.test(run).status is Status.HOLDS
    assert shifted(LENGTH, 0.1).test(run).status is Status.VIOLATED
    assert "USA" in LENGTH.judge(pair(Model.SA), Estimate.exact(1.0)).explanation
    uneven = pair(masses=(0.4, 0.6))
    assert "equal masses" in LENGTH.judge(uneven, Estimate.exact(1.0)).explanation


# the proved theorem


@pytest.mark.parametrize("beta", [60.0, 1e4])
def test_well_prepared_particles_are_glued_in_time(beta):
    run = simulate_glued(GluedCircle(PREPARED, beta))
    verdict = CIRCLE.test(run)
    assert verdict.status is Status.HOLDS, verdict.explanation
    assert printed(CIRCLE).test(run).status is Status.VIOLATED
    assert run.states["particles"].tolist() == [4, 3, 2, 1]
    if beta > 1e3:
        assert_allclose(run.states["energy"], [1 / 4, 1 / 3, 1 / 2, 1], atol=1e-4)
    assert CIRCLE.test(run.until(run.axis.points[1])).status is Status.UNDECIDED


def test_the_clock_of_the_farthest_pair_ends_at_once():
    run = simulate_glued(GluedCircle(PREPARED, 60.0), farthest=True)
    assert run.axis.points[-2] < 1e-3  # all but the last gluing, where only one pair is left
    assert CIRCLE.test(run).status is Status.VIOLATED
    with pytest.raises(InputError, match="beta must be smaller"):
        simulate_glued(GluedCircle(PREPARED, 1e4), farthest=True)


def test_the_limit_is_only_reached_logarithmically():
    assert limit_gluings(5).tolist() == [6.25, 10.25, 12.5, 13.5]
    angles = np.array([0.0, 0.8, 2.4])
    shares = [predicted_gluings(GluedCircle(angles, beta)).value / limit_gluings(3) for beta in (1e3, 1e30, 1e300)]
    assert np.all(np.abs(shares[2] - 1) < np.abs(shares[1] - 1))
    assert np.all(np.abs(shares[2] - 1) < 0.02)
    assert np.all(np.abs(shares[1] - 1) > 0.01)


def test_jumps_when_gluing_adds_masses():
    stairs = limit_staircase(ParticleSystem(FIVE, 1.0, Model.USA))
    assert_allclose(stairs.closest_pair_times, np.cumsum([25 / 4, 25 / 6, 25 / 4, 25 / 10]))


def test_particles_must_be_well_prepared():
    problem = GluedCircle(np.array([0.0, 1.0, 1.5]), 1e4)
    assert problem.preparation < 0
    verdict = CIRCLE.judge(problem, Estimate.exact(np.ones(2)))
    assert verdict.status is Status.INAPPLICABLE
    assert math.isinf(GluedCircle(np.array([0.0, 1.0]), 1e4).preparation)


# the scalar lemma


@pytest.mark.parametrize("beta", [1e4, 1e30])
def test_the_scalar_closing_time_holds_and_its_printed_form_does_not(beta):
    problem = ScalarClosing(1.0, 0.4, beta)
    run = Trajectory(problem, Axis(AxisKind.DRAW, np.zeros(1)), {}, Origin.SIMULATED)
    assert SCALAR.test(run).status is Status.HOLDS
    assert shifted(SCALAR, 3.0).test(run).status is Status.VIOLATED
    assert printed(SCALAR).test(run).status is Status.VIOLATED
    antipode = ScalarClosing(math.pi - 1e-8, 0.4, beta)
    assert SCALAR.judge(antipode, Estimate.exact(1.0)).status is Status.INAPPLICABLE


# two clusters


@pytest.mark.slow
@MODELS
@pytest.mark.parametrize("masses", [(0.5, 0.5), (0.8, 0.2)])
def test_two_clusters_coalesce_in_time(model, masses):
    system = pair(model, 25.0, 1.2, masses)
    time = measure_two_token_time(1.2, 0.02, 25.0, model, masses=masses)
    measured = Estimate.heuristic(*np.log([time.value, time.lower, time.upper]))
    assert COALESCENCE.judge(system, measured).status is Status.HOLDS
    assert shifted(COALESCENCE, 1.0).judge(system, measured).status is Status.VIOLATED
    assert printed(COALESCENCE).judge(system, measured).status is Status.VIOLATED


def test_coalescence_along_a_run_and_where_it_does_not_apply():
    verdict = COALESCENCE.test(pair_run())
    assert verdict.status is Status.HOLDS, verdict.explanation
    assert COALESCENCE.test(pair_run().until(1.0)).status is Status.UNDECIDED
    assert "exponentially" in COALESCENCE.judge(pair(beta=2.0), Estimate.exact(1.0)).explanation
    assert "antipodal" in COALESCENCE.judge(pair(gap=3.1), Estimate.exact(1.0)).explanation


@pytest.mark.slow
@MODELS
@pytest.mark.parametrize("masses", [(0.5, 0.5), (0.8, 0.2)])
def test_antipodal_tokens_leave_slowly(model, masses):
    system = ParticleSystem(circle(0.0, math.pi - 1e-3), 1.5, model, np.array(masses))
    run = simulate(system, np.linspace(0, 80, 6))
    verdict = ESCAPE.test(run)
    assert verdict.status is Status.HOLDS, verdict.explanation
    assert shifted(ESCAPE, 0.5).test(run).status is Status.VIOLATED


def test_the_escape_is_from_the_antipode_along_time():
    assert ESCAPE.judge(pair(), Estimate.exact(1.0)).status is Status.INAPPLICABLE
    system = ParticleSystem(circle(0.0, math.pi - 1e-3), 1.5, Model.SA)
    with pytest.raises(InputError, match="no such axis"):
        ESCAPE.judge(system, Estimate.exact(1.0))
    late = ESCAPE.predict(system, Axis(AxisKind.TIME, np.array([1e6])))
    assert np.isinf(late.upper.value[0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: GluedCircle(np.array([0.0]), 100.0), "two or more"),
        (lambda: GluedCircle(np.array([0.0, 0.01]), 100.0), "increasing by more than"),
        (lambda: GluedCircle(np.array([0.0, 4.0]), 100.0), r"in \[0, pi\]"),
        (lambda: GluedCircle(np.array([0.0, 1.0]), 2.0), "beta must be"),
        (lambda: ScalarClosing(0.01, 1.0, 100.0), "angle must be"),
        (lambda: CIRCLE.judge(Problem(), Estimate.exact(0.0)), "must be of type GluedCircle"),
        (lambda: SCALAR.judge(Problem(), Estimate.exact(0.0)), "must be of type ScalarClosing"),
    ],
)
def test_runs_of_other_problems_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()

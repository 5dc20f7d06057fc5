"""Collapse that a run certifies: never too early, for any masses, and not at all where the error is too large."""

import dataclasses
import math

import numpy as np
import pytest

from fathometer.attention import (
    CertifiedCollapse,
    Model,
    ParticleSystem,
    certified_collapse,
    collapse_certificate,
    collapse_trajectory,
    known_clouds,
    late_approach,
    late_rate,
    simulate,
    simulate_collapse,
)
from fathometer.attention.dynamics.certified import MERGE_ROOM
from fathometer.attention.dynamics.variants import Variant
from fathometer.attention.figures import certified_figure
from fathometer.attention.theorems._examples import TIMES, octahedron, six_in_a_hemisphere
from fathometer.attention.theorems.hemisphere import certified_collapse as statement, one_cluster_rate
from fathometer.evidence import Status
from fathometer.numerics import in_float64
from fathometer.report import render
from tests.oracles.attention import circle


@pytest.fixture(scope="module")
def run():
    """Six tokens in no hemisphere at the start."""
    return in_float64(simulate)(ParticleSystem.uniform(6, 3, 1.0, Model.SA, seed=4), TIMES)


def test_tokens_in_no_hemisphere_are_certified_from_a_moment_on(run):
    found = certified_collapse(run)
    met = run.event("1 clusters")
    assert found.reason == ""
    assert found.log_time >= math.log(met.lower)
    assert found.first_log_time > found.log_time
    assert found.first.log_time < found.cloud.log_time < found.log_time
    assert set(found.to_json()) == {"log_time", "rate", "from_log_time"}
    assert 0.9 < found.rate < 1
    assert "Known first from log t" in found.text()
    margins = [float(cloud.margin.lower) for cloud in known_clouds(run)]
    entered = margins.index(next(m for m in margins if m > 1e-9))
    assert margins[entered:] == sorted(margins[entered:])  # a hemisphere is never left
    assert known_clouds(run)[entered].log_time == found.first.log_time


def test_errors_are_four_times_the_difference_from_twins(run):
    room = 1e-3
    clouds, wider = known_clouds(run), known_clouds(run, room)
    apart = max(np.linalg.norm(run.states["points"][5] - twin.states["points"][5], axis=1).max() for twin in run.twins)
    assert clouds[5].error == pytest.approx(4 * apart)
    assert wider[5].error == pytest.approx(4 * apart + room)
    assert clouds[0].error == wider[0].error == 0.0
    assert clouds[0].log_time is None


def test_an_error_above_the_margin_leaves_it_undecided(run):
    found = certified_collapse(run, room=1.0)
    assert found.to_json() is None
    assert found.reason.startswith("undecided, a hemisphere holds all tokens by")
    assert "grows" in found.reason
    assert (
        statement.THEOREM.test(dataclasses.replace(run, problem=known_clouds(run, 1.0)[6])).status is Status.UNDECIDED
    )


def test_what_cannot_be_certified_says_why(run):
    at_rest = simulate(octahedron(), TIMES)
    reasons = [
        certified_collapse(at_rest).reason,
        certified_collapse(dataclasses.replace(run, twins=())).reason,
        certified_collapse(dataclasses.replace(run, states={}, twins=())).reason,
        certified_collapse(dataclasses.replace(run, problem=Variant(six_in_a_hemisphere(), causal=True))).reason,
        collapse_certificate(None, reason="no run").to_json()["not_certified"],
    ]
    for reason, begins in zip(
        reasons, ("no open hemisphere", "the run has no twins", "the states", "the cone", "no run"), strict=True
    ):
        assert reason.startswith(begins)
    assert CertifiedCollapse.without("it is late").text() == "No collapse is certified: it is late."
    assert late_approach(at_rest) is None


def test_a_wrong_run_violates_the_certificate(run):
    late = dataclasses.replace(run, problem=known_clouds(run)[8], events=())
    never = dataclasses.replace(
        late, events=simulate(octahedron(), TIMES).events, twins=()
    )  # a run that is not one cluster by the time that is certified
    assert statement.THEOREM.test(never).status is Status.VIOLATED


def test_the_last_approach_has_the_rate_one(run):
    late = late_approach(run)
    rate = late.measure(late_rate)
    assert rate.lower == pytest.approx(1, abs=1e-4)
    assert one_cluster_rate.THEOREM.test(late).status is Status.HOLDS
    half_speed = dataclasses.replace(late, axis=dataclasses.replace(late.axis, points=2 * late.axis.points), twins=())
    assert one_cluster_rate.THEOREM.test(half_speed).status is Status.VIOLATED


def test_the_figure_has_the_certified_lines_above_what_is_seen(run):
    proved = collapse_certificate(run)
    figure = certified_figure("x", run, proved.certified, proved.late)
    best, first, seen, _ = figure.charts[0].curves
    for line in (best, first):
        after = seen.x > line.x[0]
        bound = np.interp(seen.x[after], line.x, np.log(line.y), right=-np.inf)
        shown = np.isfinite(bound)
        assert np.all(np.log(seen.y.value[after][shown]) <= bound[shown] + 1e-6)
    assert render(figure.charts, "png").startswith(b"\x89PNG")
    assert [verdict.status for _, verdict in proved.verdicts()] == [Status.HOLDS, Status.HOLDS]
    assert "Rate of the last approach" in proved.text()


@pytest.mark.slow
def test_two_far_clusters_approach_along_their_circle():
    system = ParticleSystem(circle(0, 2.0), 100.0, Model.USA, np.array([0.7, 0.3]))
    run = collapse_trajectory(system, simulate_collapse(system))
    found = certified_collapse(run, MERGE_ROOM * 1e-10)
    exact = float(simulate_collapse(system).log_time_of_collapse.value)
    assert exact > 100
    assert exact <= found.log_time < exact + 3
    assert one_cluster_rate.THEOREM.test(late_approach(run)).status is Status.HOLDS


def test_antipodal_tokens_have_no_last_approach_and_coincident_ones_no_width():
    antipodal, coincident = (ParticleSystem.project([[1.0, 0], [x, 0]], 3.0, "sa") for x in (-1.0, 1.0))
    run = collapse_trajectory(antipodal, simulate_collapse(antipodal))
    assert late_approach(run) is None
    assert collapse_certificate(run).to_json()["certified"] is None
    run = collapse_trajectory(coincident, simulate_collapse(coincident))
    proved = collapse_certificate(run)
    figure = certified_figure("x", run, proved.certified, proved.late)
    assert render(figure.charts, "png").startswith(b"\x89PNG")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_no_collapse_is_later_than_certified(seed):
    rng, checked = np.random.default_rng(seed), 0
    for _ in range(12):
        n, d = rng.choice([3, 6]), rng.choice([2, 3])
        beta, model = float(rng.choice([0, 1, 3, 9, 30, 200])), str(rng.choice(["sa", "usa"]))
        masses = rng.dirichlet(np.full(n, rng.choice([0.5, 5]))) + 1e-6
        points = rng.standard_normal((n, d)) + rng.choice([0, 1]) * np.eye(d)[0]
        system = ParticleSystem.project(points, beta, model, masses)
        collapse = simulate_collapse(system)
        found = certified_collapse(collapse_trajectory(system, collapse), MERGE_ROOM * 1e-8 / max(1, beta))
        if found.cloud is not None:
            checked += 1
            assert min(found.log_time, found.first_log_time) >= collapse.log_time_of_collapse.lower
    assert checked >= 10

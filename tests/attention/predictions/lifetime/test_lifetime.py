"""The bound of the first merger: oracles, a second method, clouds on which it must not fail, and mutants that must."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from fathometer.attention import (
    ClusteredTokens,
    Model,
    ParticleSystem,
    Plateaus,
    add_certified_plateaus,
    certified_lifetime,
    certified_staircase,
    cluster_lifetime,
    lifetime_after_collapse,
    lifetime_document,
    lifetime_figure,
    lifetime_rows,
    lifetime_verdicts,
    metastability_certificate,
    simulate_collapse,
    simulate_lifetime,
    staircase_figure,
    staircase_verdicts,
    with_certified,
)
from fathometer.attention.dynamics.collapse import collapse_trajectory
from fathometer.attention.predictions._closed_forms import two_cluster_log_time
from fathometer.attention.predictions.lifetime import _course
from fathometer.attention.predictions.lifetime._pulls import (
    Angles,
    Attraction,
    changes_at_most,
    kernel_at_least,
    kernel_at_most,
    pulls_at_most,
)
from fathometer.attention.theorems.metastability import cluster_lifetime as theorem
from fathometer.evidence import InputError, Status


def on_circle(angles, beta, model="usa", masses=None):
    return ParticleSystem.project(np.stack([np.cos(angles), np.sin(angles)], axis=1), beta, model, masses)


def two_token_time(gap, beta, masses, model):
    contact = 2 * np.arcsin(0.05 / np.sqrt(beta))
    return two_cluster_log_time(gap, contact, beta, masses, model).value


def test_two_tokens_of_usa_are_exact_in_the_limit_of_fine_steps():
    truth = two_token_time(2.82338584890599, 200.0, (0.5, 0.5), "usa")
    assert_allclose(truth, 386.89980, atol=1e-5)
    tokens = on_circle([0.0, 2.82338584890599], 200.0)
    coarse, fine = (cluster_lifetime(tokens, fineness=size) for size in (0.1, 0.0125))
    assert truth - 0.02 < fine.log_time < truth
    assert 4 < (truth - coarse.log_time) / (truth - fine.log_time) < 12
    assert (fine.clusters, fine.log_exit_time) == (2, fine.log_time)
    assert fine.log_tight == fine.log_tight_time == -np.inf


def test_unequal_masses_under_sa_are_nearly_sharp():
    truth = two_token_time(1.8, 40.0, (0.2, 0.8), "sa")
    found = cluster_lifetime(on_circle([0.0, 1.8], 40.0, "sa", [0.2, 0.8]), fineness=0.04)
    assert truth - 0.06 < found.log_time < truth


def test_an_error_of_the_positions_shortens_the_certified_life():
    tokens = on_circle([0.0, 1.2], 40.0)
    sharp, unsure = (cluster_lifetime(tokens, error=error, fineness=0.1).log_time for error in (0.0, 0.01))
    moved = two_token_time(1.18, 40.0, (0.5, 0.5), "usa")
    assert moved - 0.15 < unsure < moved < sharp


def test_the_bound_holds_for_the_solver_and_a_mutant_of_it_does_not():
    tokens = ClusteredTokens(on_circle([0.0, 1.2, 3.0], 20.0, "sa", [1, 2, 3]), np.arange(3), 0.0, 0.02)
    run = simulate_lifetime(tokens, check=False)
    assert theorem.THEOREM.test(run).status is Status.HOLDS
    assert replace(theorem.THEOREM, predict=_later).test(run).status is Status.VIOLATED


def _later(problem, axis):
    bound = theorem.predict(problem, axis)
    return replace(bound, time=bound.time.value + 0.02)


def test_a_mutant_that_pulls_too_little_is_above_the_truth(monkeypatch):
    tokens = on_circle([0.0, 1.2], 30.0)
    monkeypatch.setattr(_course, "step", _slowed(_course.step))
    assert cluster_lifetime(tokens, fineness=0.04).log_time > two_token_time(1.2, 30.0, (0.5, 0.5), "usa")


def _slowed(step):
    def mutant(caps, attraction, *rest):
        return step(caps, attraction._replace(masses=0.9 * attraction.masses), *rest)

    return mutant


def test_pulls_and_their_changes_are_bounded_on_every_sample():
    rng = np.random.default_rng(0)
    for beta in (0.3, 5.0, 80.0):
        least = np.sort(rng.uniform(0.05, 3.0, (2, 2)))[0]
        angles = Angles(np.full((2, 2), least[0]), np.full((2, 2), min(least[0] + 0.4, np.pi)), np.zeros(2))
        s = np.linspace(angles.least[0, 1], angles.most[0, 1], 2001)
        k = np.exp(-beta * (1 - np.cos(s)))
        bound = changes_at_most(angles, beta, 0.0)
        slope = k * (beta * np.sin(s) ** 2 - np.cos(s))
        assert bound.norm[0, 1] >= np.max(np.maximum(np.abs(slope), k))
        assert bound.outward[0, 1] >= np.max(np.maximum(slope, -k * np.cos(s)))
        assert kernel_at_least(angles.most, beta, 0.0)[0, 1] <= np.min(k)
        assert kernel_at_most(angles.least, beta, 0.0)[0, 1] >= np.max(k)
        for model in Model:
            masses = np.array([0.3, 0.7])
            z = 1.0 if model is Model.USA else masses[0] + masses[1] * k
            pull = pulls_at_most(angles, Attraction(masses, beta, model), 0.0)[0]
            assert pull >= np.max(masses[1] * k * np.sin(s) / z)


@pytest.mark.slow
def test_the_certificate_is_told_as_document_table_and_figure():
    tokens = on_circle([0.0, 1.0], 30.0)
    clusters, life = certified_lifetime(tokens)
    document = lifetime_document(life, 30.0, lifetime_verdicts(clusters, life))
    assert (document["verdict"], document["clusters"], document["log_tight_time"]) == ("HOLDS", 2, None)
    assert document["log_exit_time"] == life.log_exit_time
    assert len(lifetime_rows(life)) == 4
    assert len(lifetime_figure(metastability_certificate(tokens), life).charts) == 1


def test_clusters_are_certain_to_become_tight():
    angles = np.repeat(2 * np.pi / 3 * np.arange(3), 2) + np.array([0, 0.05, -0.03, 0.02, 0.04, 0.01])
    tokens = on_circle(angles, 60.0, "sa", np.arange(1.0, 7.0))
    life = cluster_lifetime(tokens, clusters=3, fineness=0.1)
    assert 12 < np.exp(life.log_tight_time) < 15
    assert life.log_exit_time > 70


def test_lives_beyond_the_largest_float_are_certified():
    truth = two_token_time(2.0, 2000.0, (0.5, 0.5), "usa")
    assert truth > 2000
    assert truth - 0.1 < cluster_lifetime(on_circle([0.0, 2.0], 2000.0), fineness=0.05).log_time < truth
    tenth = [cluster_lifetime(on_circle([0.0, 1.2, 2.6], beta, "sa"), fineness=0.2).log_time for beta in (1e3, 1e4)]
    assert_allclose(tenth[1], 10 * tenth[0], rtol=0.02)


@pytest.mark.slow
def test_antipodal_tokens_are_certified_from_rounding_on():
    exact = cluster_lifetime(ParticleSystem.project([[1.0, 0, 0], [-1.0, 0, 0]], 3.0, "usa"), fineness=0.25)
    assert two_token_time(np.pi - 1e-6, 3.0, (0.5, 0.5), "usa") < exact.log_time
    assert exact.log_time < two_token_time(np.pi - 1e-14, 3.0, (0.5, 0.5), "usa")


def test_one_cluster_lives_for_ever_and_touching_ones_not_at_all():
    assert cluster_lifetime(on_circle([0.0, 0.1], 4.0), clusters=1).log_time == np.inf
    assert cluster_lifetime(on_circle([0.0, 0.001], 4.0), [0, 1]).log_time == -np.inf


def test_plateaus_are_certified_after_every_merger():
    system = on_circle([0.0, 1.1, 2.5, 4.4], 20.0, "sa", [1, 2, 3, 4])
    collapse = simulate_collapse(system, check=False)
    plateaus = certified_staircase(system, collapse, collapse_trajectory(system, collapse))
    for plateau, event in zip(plateaus, collapse.events, strict=True):
        assert event.log_plateau - 0.1 < plateau.log_plateau < event.log_plateau
    assert [verdict.status for verdict in staircase_verdicts(collapse, plateaus)] == [Status.HOLDS]
    assert isinstance(plateaus[0].start, ClusteredTokens)
    assert len(staircase_figure(collapse, plateaus).charts) == 2
    events = add_certified_plateaus({"events": [{}, {}, {}]}, plateaus)["events"]
    assert events[0]["certified_log_plateau"] == plateaus[0].log_plateau
    assert with_certified(("a", ""), [("b", "")], plateaus)[0] == ("a", "certified plateau", "")
    gap = [replace(plateaus[0], log_plateau=None), *plateaus[1:]]  # the others are still held
    assert [verdict.status for verdict in staircase_verdicts(collapse, gap)] == [Status.HOLDS]
    without = certified_staircase(system, collapse, collapse_trajectory(system, collapse, check=False))
    assert {plateau.why_not for plateau in without} == {"the run has no twins, so that its error is not known"}
    without = certified_staircase(system, collapse, None)
    assert {plateau.why_not for plateau in without} == {"no states were kept"}
    assert staircase_verdicts(collapse, without) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"error": -1.0}, "error must be"),
        ({"event_chord": 2.0}, "event_chord must be"),
        ({"fineness": 0.5}, "fineness must be"),
        ({"members": [0, 1, 2]}, r"members must have shape \(2,\)"),
        ({"members": [0, 1], "clusters": 2}, "must not both be given"),
        ({"clusters": 3}, "clusters must be"),
    ],
)
def test_bad_values_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        cluster_lifetime(on_circle([0.0, 1.0], 4.0), **options)


def test_clustered_tokens_refuse_gaps_in_their_numbers():
    with pytest.raises(InputError, match="every one used"):
        ClusteredTokens(on_circle([0.0, 1.0], 4.0), np.array([0, 2]), 0.0, 0.01)
    assert Plateaus((), ()).starts == ()


@pytest.mark.slow
def test_after_a_collapse_clusters_are_tight_and_their_bound_holds():
    tokens, life = lifetime_after_collapse(ParticleSystem.uniform(8, 2, 30.0, "sa", seed=0))
    assert life.from_log_time > 0
    assert max(life.caps.radii) < 1e-6
    assert [verdict.status for verdict in lifetime_verdicts(tokens, life)] == [Status.HOLDS]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_random_clouds_never_merge_before_the_bound(seed):
    rng = np.random.default_rng(seed)
    k, d = int(rng.integers(2, 7)), int(rng.choice([2, 3, 5]))
    masses = np.maximum(rng.dirichlet(np.ones(k)), 1e-3)
    system = ParticleSystem.project(
        rng.standard_normal((k, d)), rng.uniform(9, 200), "sa" if seed % 2 else "usa", masses
    )
    bound = cluster_lifetime(system, np.arange(k), fineness=0.02)
    first = simulate_collapse(system, check=False).events[0].log_time
    assert bound.log_time < (-np.inf if first is None else first) or first is None

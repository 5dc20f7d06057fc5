"""Thresholds of given tokens: where they are looked for, what is between, and that both sides are never wrong."""

import math

import numpy as np
import pytest

from fathometer.attention import (
    Model,
    ParticleSystem,
    collapse_threshold,
    collapse_trajectory,
    last_plateau,
    metastability_threshold,
    metastable_scan,
    separated_caps,
    simulate_collapse,
    two_cluster_log_time,
)
from fathometer.attention.dynamics.certified import collapse_at, in_their_span
from fathometer.attention.dynamics.certified._threshold import default_betas
from fathometer.attention.dynamics.certified._window import MetastableWindow, is_long, last_change
from fathometer.attention.figures import threshold_figure, threshold_rows
from fathometer.attention.theorems.hemisphere import one_cluster_rate
from fathometer.evidence import InputError
from fathometer.report import render
from tests.oracles.attention import circle

SQUARE = ParticleSystem(circle(0, np.pi / 2, np.pi, 3 * np.pi / 2), 1.0, Model.SA)
PAIR = ParticleSystem(circle(0, 1.5), 1.0, Model.SA)
AXES = ParticleSystem(np.eye(4), 1.0, Model.SA)


def test_the_scan_finds_the_threshold_of_the_certificate():
    known = float(metastability_threshold(AXES).beta.value)
    scan = metastable_scan(AXES, np.array([2.0, 5.0]))
    assert scan.windows == (None, None)
    assert scan.last_failure < scan.first_success <= scan.last_failure * 1.001
    assert scan.first_success == pytest.approx(known, rel=3e-3)
    assert metastable_scan(AXES, np.array([2 * known, 4 * known])).last_failure is None


def test_the_certificate_says_nothing_of_unequal_masses_or_one_place():
    heavy = ParticleSystem(np.eye(4), 100.0, Model.SA, np.array([1.0, 1, 1, 2]))
    assert separated_caps(heavy) is None
    assert metastable_scan(ParticleSystem.project(np.ones((3, 2)), 1.0, Model.SA), [3.0]).first_success is None
    with pytest.raises(InputError, match="betas must not be empty"):
        metastable_scan(AXES, np.array([]))


def test_one_tight_cluster_is_no_metastable_state_of_several():
    tight = ParticleSystem.project([[1, 0], [1, 1e-3], [1, 2e-3]], 1e4, Model.SA)
    assert separated_caps(tight) is None


def test_the_last_change_is_bisected_and_earlier_ones_are_not():
    def applies(beta):
        return 2 < beta < 3 or beta > 5

    looked = [(beta, applies(beta)) for beta in (1.0, 2.5, 4.0, 8.0)]
    low, high = last_change(looked, applies, 1e-3)
    assert low <= 5 < high < 5.01
    assert last_change([(1.0, True)], applies, 1e-3) == (None, 1.0)
    assert last_change([(1.0, True), (4.0, False)], applies, 1e-3) == (4.0, None)


def test_long_is_longer_than_it_took():
    assert is_long(MetastableWindow(2, 1.0, 1.7))
    assert not is_long(MetastableWindow(2, 1.0, 1.6))
    assert not is_long(None)


def test_tokens_at_rest_are_certified_nowhere():
    found = collapse_threshold(SQUARE, [1.0, 2.0], horizon=10.0)
    assert (found.beta_exp, found.beta_meta) == (None, found.caps.first_success)
    document = found.to_json()
    assert set(document) >= {"beta_exp", "beta_meta", "measured"}
    assert document["first_not_in_time"] == 1.0
    assert [one["log_time_of_collapse"]["value"] for one in document["measured"]] == [None, None]
    assert document["certified"][0]["certified"] is None
    figure = threshold_figure("x", found, 4, Model.SA)
    assert figure.rows == threshold_rows(found)


@pytest.mark.parametrize(
    ("betas", "horizon", "said"),
    [([2.0, 1.0], 1.0, "increase"), ([0.0, 1.0], 1.0, "above 0"), ([1.0], 0.0, "horizon"), ([1.0, 1e11], 1.0, "beta")],
)
def test_bad_input_is_refused(betas, horizon, said):
    with pytest.raises(InputError, match=said):
        collapse_threshold(PAIR, betas, horizon)


def test_one_token_is_refused_and_the_grid_reaches_the_threshold():
    with pytest.raises(InputError, match="two or more"):
        collapse_threshold(ParticleSystem(circle(1.0), 1.0, Model.SA), [1.0])
    cloud = ParticleSystem.project(np.random.default_rng(0).standard_normal((8, 3)), 1.0, Model.SA)
    assert default_betas(cloud)[-1] == pytest.approx(1.5 * float(metastability_threshold(cloud).beta.value))
    assert default_betas(AXES)[-1] == 20.0
    assert default_betas(ParticleSystem.project(np.ones((3, 2)), 1.0, Model.SA))[-1] == 20.0


@pytest.mark.slow
def test_two_tokens_are_squeezed_around_their_closed_form():
    found = collapse_threshold(PAIR, np.geomspace(0.5, 40, 6), announce=lambda text: None)
    assert found.beta_exp is not None
    assert found.beta_meta is not None
    for beta, run in zip(found.betas, found.runs, strict=True):
        contact = 2 * math.asin(0.05 / math.sqrt(max(1, beta)))
        exact = float(two_cluster_log_time(1.5, contact, float(beta), (0.5, 0.5), Model.SA).value)
        assert run.plateau.log_end <= exact <= run.certified.log_time
        assert run.certified.log_time - run.plateau.log_end < 4
    assert found.in_time[0]
    assert not found.in_time[-1]
    assert render(threshold_figure("x", found, 2, Model.SA).charts, "png").startswith(b"\x89PNG")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_the_time_of_collapse_is_between_what_is_certified(seed):
    rng = np.random.default_rng(seed)
    beta, model = float(rng.choice([3, 9, 30])), str(rng.choice(["sa", "usa"]))
    masses = rng.dirichlet(np.full(5, 2.0))
    system = ParticleSystem.project(rng.standard_normal((5, 3)), beta, model, masses)
    run = collapse_at(system)
    assert run.plateau.log_end <= run.measured.upper
    assert run.certified.log_time >= run.measured.lower


def test_tokens_of_many_dimensions_are_looked_at_in_their_span():
    wide = ParticleSystem.uniform(4, 50, 1.0, Model.SA, seed=0)
    assert in_their_span(wide).points.shape == (4, 4)
    np.testing.assert_allclose(
        in_their_span(wide).points @ in_their_span(wide).points.T, wide.points @ wide.points.T, atol=1e-14
    )
    assert in_their_span(PAIR) is PAIR


@pytest.mark.slow
def test_tokens_that_were_never_apart_have_no_plateau():
    assert last_plateau(one_cluster_rate.THEOREM.example()) is None


@pytest.mark.slow
def test_the_last_plateau_of_two_tokens_is_their_life():
    system = ParticleSystem(circle(0, 1.5), 30.0, Model.USA, np.array([0.5, 0.5]))
    collapse = simulate_collapse(system)
    window = last_plateau(collapse_trajectory(system, collapse), 1e-10)
    assert window.clusters == 2
    assert collapse.log_time_of_collapse.value - 0.5 < window.log_end <= collapse.log_time_of_collapse.upper

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.testing import assert_allclose

from fathometer.attention import (
    CLUSTER_COUNT,
    DISSIPATION_DEFECT,
    EFFECTIVE_RANK,
    MEAN_COSINE,
    UNIT_ENERGY,
    Model,
    ParticleSystem,
    cluster_counts,
    default_resolution,
    effective_rank,
    mean_cosine,
)
from fathometer.evidence import Axis, AxisKind, Estimate, InputError, Observable, Origin, Problem, Trajectory
from tests.oracles.attention import circle, energy, rotation

OBSERVABLES = [UNIT_ENERGY, DISSIPATION_DEFECT, CLUSTER_COUNT, MEAN_COSINE, EFFECTIVE_RANK]


def recorded(system, *states):
    """A trajectory of somebody else's layers: points only."""
    return Trajectory(
        system, Axis(AxisKind.LAYER, np.arange(float(len(states)))), {"points": np.stack(states)}, Origin.RECORDED
    )


def test_recorded_layers_are_measured_like_simulated_states():
    masses = np.array([0.2, 0.3, 0.5])
    states = circle(0.0, 1.0, 2.0), circle(0.5, 0.52, 2.0), circle(1.0, 1.0, 1.0)
    run = recorded(ParticleSystem(states[0], 4.0, Model.SA, masses), *states)
    assert_allclose(run.observe(UNIT_ENERGY).value, [energy(state, masses, 4.0) for state in states], rtol=1e-14)
    assert run.observe(CLUSTER_COUNT).value.tolist() == [3, 2, 1]
    pairs = [(0, 1, 0.06), (0, 2, 0.1), (1, 2, 0.15)]
    expected = [sum(w * s[i] @ s[j] for i, j, w in pairs) / 0.31 for s in states]
    assert_allclose(run.observe(MEAN_COSINE).value, expected, rtol=1e-14)
    assert run.observe(EFFECTIVE_RANK).along == run.axis


def test_the_defect_needs_the_dissipated_energy():
    system = ParticleSystem(circle(0.0, 1.0), 4.0, Model.SA)
    with pytest.raises(InputError, match="'dissipation_defect' was not observed and state 'dissipated' was not stored"):
        recorded(system, system.points).observe(DISSIPATION_DEFECT)


def test_the_defect_of_a_system_at_rest_is_unknown():
    system = ParticleSystem(circle(0.0, np.pi), 4.0, Model.SA)
    states = {"points": np.stack([system.points] * 2), "dissipated": np.zeros(2)}
    defect = DISSIPATION_DEFECT.measure(system, states)
    assert np.all(np.isnan(defect.value))
    assert np.all(np.isinf(defect.lower))


def test_effective_rank_of_known_shapes():
    equal = np.full(6, 1 / 6)
    assert_allclose(effective_rank(np.eye(6), equal), 6.0)
    assert_allclose(effective_rank(np.eye(6)[[0] * 6], equal), 1.0)
    assert_allclose(effective_rank(np.eye(6)[[0, 0, 0, 1, 1, 1]], equal), 2.0)
    stacked = np.stack([np.eye(6), np.eye(6)[[0] * 6]])
    assert_allclose(effective_rank(stacked, equal), [6.0, 1.0])


def test_mean_cosine_keeps_small_gaps_and_needs_two_tokens():
    points = circle(0.0, 1e-6, 0.0)
    assert_allclose(1 - mean_cosine(points, np.full(3, 1 / 3)), 1e-12 / 3, rtol=1e-3)
    assert np.isnan(mean_cosine(circle(1.0), np.ones(1)))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_mean_cosine_and_rank_do_not_see_rotation_or_order(seed):
    generator = np.random.default_rng(seed)
    system = ParticleSystem.project(generator.standard_normal((5, 3)), 4.0, "usa", generator.uniform(0.1, 1, 5))
    order = generator.permutation(5)
    turned = (system.points @ rotation(3, seed))[order]
    for measure in (mean_cosine, effective_rank):
        moved = measure(turned, system.masses[order])
        assert_allclose(moved, measure(system.points, system.masses), rtol=1e-12, atol=1e-14)  # a mean may be near 0
    doubled = np.repeat(system.points, 2, axis=0), np.repeat(system.masses / 2, 2)
    assert_allclose(effective_rank(*doubled), effective_rank(system.points, system.masses), rtol=1e-12)


def test_the_resolution_decides_what_is_one_cluster():
    assert default_resolution(0.0) == default_resolution(1.0) == 0.1
    assert_allclose(default_resolution(100.0), 0.01)
    states = np.stack([circle(0.0, 0.3, 0.6), circle(0.0, 0.0, 3.0)])
    assert cluster_counts(states, 0.2).tolist() == [3, 2]
    assert cluster_counts(states, 0.4).tolist() == [1, 2]
    with pytest.raises(InputError, match="resolution must be > 0"):
        cluster_counts(states, 0.0)


@pytest.mark.parametrize("observable", OBSERVABLES, ids=lambda o: o.name)
def test_observables_are_data_and_refuse_other_problems(observable):
    assert Observable.from_json(observable.to_json()) == observable
    with pytest.raises(InputError, match="must be of type ParticleSystem"):
        observable.measure(Problem(), {"points": np.zeros((1, 2, 2)), "dissipated": np.zeros(1)})


def test_observed_values_win_over_stored_states():
    system = ParticleSystem(circle(0.0, 1.0), 4.0, Model.SA)
    axis = Axis(AxisKind.TIME, np.array([0.0]))
    seen = {"unit_energy": Estimate.exact([0.5])}
    assert Trajectory(system, axis, {}, Origin.SIMULATED, seen).observe(UNIT_ENERGY).value.tolist() == [0.5]

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from numpy.testing import assert_allclose

from fathometer.attention import (
    ATTENTION_ENTROPY,
    CENTRED_MEAN_COSINE,
    CLOSE_PAIRS,
    CLUSTER_COUNT,
    DIAMETER,
    EFFECTIVE_NEIGHBOURS,
    LARGEST_GAP,
    MEAN_COSINE,
    UNIT_ENERGY,
    Model,
    ParticleSystem,
    attention_entropy,
    centred_directions,
    centred_mean_cosine,
    close_pairs,
    cosine_histogram,
    cosine_quantiles,
    diameter,
    energy_plateaus,
    iterate_layers,
    layer_table,
    linkage_gaps,
    read_hidden,
    record,
    simulate,
)
from fathometer.data import albert_tokens
from fathometer.evidence import Axis, AxisKind, Estimate, InputError, Observable, Origin, Problem, Trajectory
from tests.oracles.attention import circle, rotation
from tests.oracles.attention_variants import MOVIE_EVENTS, movie, pairs

NEW = [CENTRED_MEAN_COSINE, CLOSE_PAIRS, ATTENTION_ENTROPY, EFFECTIVE_NEIGHBOURS, LARGEST_GAP, DIAMETER]


def equal(n):
    return np.full(n, 1 / n)


# recorded layers


def test_recorded_layers_of_any_norm_are_seen_like_the_simulated_tokens():
    system = ParticleSystem.uniform(8, 3, 4.0, "sa", seed=0)
    run = iterate_layers(system, 2, 1.0)
    scales = np.random.default_rng(1).uniform(0.1, 100, (3, 8, 1))
    layers = record(run.states["points"] * scales, beta=4.0)
    assert layers.axis.kind is AxisKind.LAYER
    assert layers.origin is Origin.RECORDED
    for observable in (MEAN_COSINE, UNIT_ENERGY, CLUSTER_COUNT, *NEW):
        assert_allclose(layers.observe(observable).value, run.observe(observable).value, rtol=1e-12, atol=1e-13)
    assert layers.observe(MEAN_COSINE).along == layers.axis


def test_tiny_and_huge_rows_keep_their_direction():
    states = np.array([[[1e-200, 1e-200], [3e200, 4e200]]])
    assert_allclose(record(states, 1.0).states["points"][0], [[0.5**0.5] * 2, [0.6, 0.8]], rtol=1e-15)


def test_masses_and_events_are_recorded():
    layers = record([circle(0.0, 1.0, 2.0), circle(0.0, 0.01, 2.0)], 1.0, "usa", masses=[1.0, 1.0, 2.0])
    assert layers.problem.masses.tolist() == [0.25, 0.25, 0.5]
    assert layers.problem.model is Model.USA
    assert [event.name for event in layers.events] == ["3 clusters", "2 clusters"]


@pytest.mark.parametrize(
    ("hidden", "message"),
    [
        (np.ones((3, 4)), "hidden must have 3 dimension"),
        (np.ones((0, 4, 2)), "nothing empty"),
        (np.ones((3, 0, 2)), "nothing empty"),
        (np.ones((3, 4, 1)), "d >= 2"),
        (np.stack([np.eye(3), np.diag([1.0, 0.0, 1.0])]), "token 1 of layer 1 is zero"),
        (np.full((1, 2, 2), np.nan), "hidden must be finite"),
    ],
)
def test_what_is_no_stack_of_hidden_states_is_refused(hidden, message):
    with pytest.raises(InputError, match=message):
        record(hidden, 1.0)
    if hidden.ndim == 3 and hidden.shape == (2, 3, 3):
        assert record(hidden[:1], 1.0).states["points"].shape == (1, 3, 3)


def test_a_negative_beta_is_refused():
    with pytest.raises(InputError, match="beta must be >= 0"):
        record(np.ones((1, 2, 2)), -1.0)


def test_hidden_states_are_read_from_npz_with_and_without_control(tmp_path):
    hidden = np.random.default_rng(0).standard_normal((3, 4, 5)).astype(np.float32)
    np.savez(tmp_path / "both.npz", hidden=hidden, control=hidden[:, :2])
    np.savez(tmp_path / "one.npz", hidden=hidden)
    read, control = read_hidden(tmp_path / "both.npz")
    assert_allclose(read, hidden)
    assert control is not None
    assert control.shape == (3, 2, 5)
    assert read_hidden(tmp_path / "one.npz")[1] is None


def test_files_that_hold_no_hidden_states_are_refused(tmp_path):
    np.savez(tmp_path / "other.npz", states=np.ones((1, 2, 2)))
    np.savez(tmp_path / "flat.npz", hidden=np.ones((2, 2)))
    np.savez(tmp_path / "short.npz", hidden=np.ones((3, 2, 2)), control=np.ones((2, 2, 2)))
    np.save(tmp_path / "single.npy", np.ones((1, 2, 2)))
    (tmp_path / "text.npz").write_text("hidden")
    for name, message in {
        "absent.npz": "no file",
        "other.npz": r"must hold an array 'hidden' .*; arrays: \['states'\]",
        "flat.npz": "must have 3 dimension",
        "short.npz": "'control' of .* must have 3 layers .* got 2",
        "single.npy": "is not an npz file",
        "text.npz": "is not an npz file",
    }.items():
        with pytest.raises(InputError, match=message):
            read_hidden(tmp_path / name)


def test_the_tokens_of_a_network_through_layers_of_the_model():
    system = ParticleSystem.project(albert_tokens(), 9.0, "sa")
    model = iterate_layers(system, 60, every=20)
    table = layer_table(record(model.states["points"] * 3.0, 9.0))
    assert {estimate.shape for estimate in table.values()} == {(4,)}
    assert np.all(np.diff(table["unit_energy"].value) > 0)
    assert np.all(np.diff(table["close_pairs"].value) >= 0)
    assert table["close_pairs"].value[-1] > 2 * table["close_pairs"].value[0]
    assert table["effective_rank"].value[-1] < table["effective_rank"].value[0]
    assert np.all(table["cosine_q05"].value <= table["cosine_median"].value)
    assert np.all(table["cosine_median"].value <= table["cosine_q95"].value)
    assert np.all(table["effective_neighbours"].value <= 56)


# cosines


def test_quantiles_and_shares_of_cosines_weigh_pairs_by_mass():
    masses = np.array([0.5, 0.3, 0.2])
    states = np.stack([circle(0.0, 0.05, 2.0), circle(0.0, 0.0, 0.0)])
    assert_allclose(close_pairs(states, masses), [0.15 / 0.31, 1.0])
    assert_allclose(close_pairs(states, masses, 0.9999), [0.0, 1.0])
    assert_allclose(cosine_quantiles(states, masses, [0.0, 1.0])[0], [np.cos(2.0), np.cos(0.05)])


def test_the_histogram_has_no_pairs_of_a_token_with_itself():
    points = ParticleSystem.uniform(40, 3, 1.0, "sa", seed=2).points
    edges, density = cosine_histogram(points[None], equal(40), bins=20)
    counts = np.histogram(pairs(points), edges)[0]
    assert_allclose(density[0], counts / counts.sum() * 10)
    assert_allclose(np.sum(density * np.diff(edges)), 1.0)
    weighted = cosine_histogram(circle(0.0, 0.1, 3.0)[None], np.array([0.5, 0.3, 0.2]), bins=2)[1]
    assert_allclose(weighted[0], [0.16 / 0.31, 0.15 / 0.31])


def test_a_shared_direction_is_centred_away():
    generator = np.random.default_rng(3)
    states = 10 * np.eye(50)[0] + generator.standard_normal((2, 60, 50))
    points = record(states, 1.0).states["points"]
    offsets = points - points.mean(axis=1, keepdims=True)
    offsets /= np.linalg.norm(offsets, axis=-1, keepdims=True)
    assert_allclose(centred_mean_cosine(points, equal(60)), [pairs(state).mean() for state in offsets], atol=1e-14)
    assert np.all(np.abs(centred_mean_cosine(points, equal(60))) < 0.03)
    assert record(states, 1.0).observe(MEAN_COSINE).value.min() > 0.6
    assert_allclose(centred_directions(points, equal(60)), offsets, atol=1e-14)


def test_tokens_at_the_mean_have_no_direction_from_it():
    collapsed = np.repeat(circle(0.3), 5, axis=0)
    assert np.isnan(centred_mean_cosine(collapsed, equal(5)))
    assert np.isnan(centred_mean_cosine(circle(1.0), equal(1)))
    assert np.all(centred_directions(collapsed, equal(5)) == 0)
    assert_allclose(centred_mean_cosine(circle(0.0, 1.0), equal(2)), -1.0)
    heavy = np.array([0.5, 0.2, 0.3])
    d = centred_directions(circle(0.0, 1.0, 2.5), heavy)
    expected = (0.1 * d[0] @ d[1] + 0.15 * d[0] @ d[2] + 0.06 * d[1] @ d[2]) / 0.31
    assert_allclose(centred_mean_cosine(circle(0.0, 1.0, 2.5), heavy), expected)


@pytest.mark.parametrize("measure", [close_pairs, lambda p, m: cosine_quantiles(p, m, [0.5])[:, 0]])
def test_one_token_has_no_pairs(measure):
    assert np.isnan(measure(circle(0.0)[None], np.ones(1))).all()
    with pytest.raises(InputError, match="at least two tokens"):
        cosine_histogram(circle(0.0)[None], np.ones(1))


def test_levels_and_cosines_outside_their_range_are_refused():
    with pytest.raises(InputError, match="cosine must be"):
        close_pairs(circle(0.0, 1.0)[None], equal(2), 1.0)
    with pytest.raises(InputError, match="levels must be in"):
        cosine_quantiles(circle(0.0, 1.0)[None], equal(2), [1.5])


# attention, gaps


def test_entropy_of_known_attention():
    masses = np.array([0.5, 0.25, 0.25])
    points = circle(0.0, 1.0, 2.0)
    assert_allclose(attention_entropy(points[None], masses, 0.0), [[1.5 * np.log(2)] * 3])
    assert_allclose(attention_entropy(points[None], equal(3), 1e4), np.zeros((1, 3)), atol=1e-12)
    weights = masses * np.exp(2.0 * points @ points.T)
    attention = weights / weights.sum(axis=1, keepdims=True)
    expected = -np.sum(attention * np.log(attention), axis=1)
    assert_allclose(attention_entropy(points[None], masses, 2.0)[0], expected, rtol=1e-13)
    layers = record(points[None], 2.0, masses=masses)
    assert_allclose(layers.observe(ATTENTION_ENTROPY).value, [expected @ masses])
    assert_allclose(layers.observe(EFFECTIVE_NEIGHBOURS).value, [np.exp(expected) @ masses])


def test_gaps_and_diameter():
    def chord(angle):
        return 2 * np.sin(angle / 2)

    states = np.stack([circle(0.0, 0.1, 1.0, 3.0), circle(0.0, 0.0, 0.0, np.pi)])
    assert_allclose(linkage_gaps(states), [[chord(2.0), chord(0.9), chord(0.1)], [2.0, 0.0, 0.0]], atol=1e-12)
    assert_allclose(diameter(states), [chord(3.0), 2.0])
    assert linkage_gaps(states[:, :1]).shape == (2, 0)
    single = record(states[:, :1], 1.0)
    assert single.observe(LARGEST_GAP).value.tolist() == single.observe(DIAMETER).value.tolist() == [0.0, 0.0]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_observables_of_layers_do_not_see_rotation_order_or_scale(seed):
    generator = np.random.default_rng(seed)
    points, masses = generator.standard_normal((6, 3)), generator.uniform(0.1, 1, 6)
    order = generator.permutation(6)
    one = record(points[None], 4.0, masses=masses)
    other = record((points @ rotation(3, seed))[order][None] * 7, 4.0, masses=masses[order])
    for observable in NEW:
        assert_allclose(other.observe(observable).value, one.observe(observable).value, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("observable", NEW, ids=lambda o: o.name)
def test_observables_are_data_and_refuse_other_problems(observable):
    assert Observable.from_json(observable.to_json()) == observable
    with pytest.raises(InputError, match="must be of type ParticleSystem"):
        observable.measure(Problem(), {"points": np.zeros((1, 2, 2))})


# plateaus


@pytest.mark.slow
def test_the_plateau_of_the_circle_movie():
    run = simulate(ParticleSystem(movie(), 4.0, Model.SA), np.append(0.0, np.geomspace(0.01, 2000, 400)))
    plateaus = energy_plateaus(run, height=0.02, shortest=1.5)
    assert [plateau.clusters for plateau in plateaus] == [5, 2, 1]
    _, middle, last = plateaus
    assert_allclose(middle.expected_level, 13 / 25, rtol=1e-12)
    assert_allclose(middle.level.value, 13 / 25, atol=2e-3)
    assert 3 < middle.start < MOVIE_EVENTS[2]
    assert 250 < middle.end < MOVIE_EVENTS[1]
    assert_allclose(middle.duration, np.log(middle.end / middle.start), rtol=1e-12)
    assert last.level.upper == pytest.approx(1.0)
    assert last.end == 2000


def energy_run(values, axis):
    system = ParticleSystem(circle(0.0, 1.0), 4.0, Model.SA)
    states = {"points": np.stack([system.points] * len(values))}
    return Trajectory(system, axis, states, Origin.RECORDED, {"unit_energy": Estimate.exact(values)})


def test_plateaus_along_layers_need_not_rise():
    values = [0.5, 0.501, 0.499, 0.5, 0.9, 0.3, 0.3, 0.3]
    run = energy_run(values, Axis(AxisKind.LAYER, np.arange(8.0)))
    found = energy_plateaus(run, height=0.01, shortest=2.0)
    assert [(p.start, p.end, p.duration) for p in found] == [(0.0, 3.0, 3.0), (5.0, 7.0, 2.0)]
    assert (found[0].level.lower, found[0].level.upper) == (0.499, 0.501)
    assert found[0].clusters == 2
    assert found[0].expected_level == 0.5
    assert energy_plateaus(run, height=0.01, shortest=3.5) == ()
    assert type(found[0]).from_json(found[0].to_json()) == found[0]


def test_a_plateau_needs_time_after_the_start():
    assert energy_plateaus(energy_run([0.5], Axis(AxisKind.TIME, np.zeros(1)))) == ()
    with pytest.raises(InputError, match="height must be"):
        energy_plateaus(energy_run([0.5], Axis(AxisKind.TIME, np.zeros(1))), height=0.0)

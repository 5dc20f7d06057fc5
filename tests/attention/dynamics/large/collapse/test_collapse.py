"""A large collapse as a whole, beside the direct one, and what must not change it."""

import numpy as np
import pytest

from fathometer.attention import ParticleSystem
from fathometer.attention.dynamics.collapse import simulate_collapse
from fathometer.attention.dynamics.collapse._status import Settings
from fathometer.attention.dynamics.collapse._watch import Watch
from fathometer.attention.dynamics.large.collapse import (
    Scales,
    _stages,
    expected,
    large_document,
    large_rows,
    simulate_large_collapse,
    watched_large_collapse,
)
from fathometer.attention.dynamics.large.collapse._continuum import Continuum
from fathometer.attention.dynamics.large.collapse._kept import digest, load, save
from fathometer.attention.dynamics.large.collapse._stages import Course
from fathometer.attention.dynamics.large.collapse._still import pulls_cancel
from fathometer.evidence import InputError


def late(system, count=10, **options):
    """Log times of the last events by the engine for large clouds, and its result."""
    found, tree = simulate_large_collapse(system, check=False, **options)
    return tree.linkage[-count:, 2], found, tree.linkage


def direct(system, count=10):
    events = simulate_collapse(system, check=False, tolerance=1e-9).events
    return np.array([event.log_time for event in events[-count:]])


@pytest.fixture(scope="module")
def few():
    return ParticleSystem.uniform(40, 3, 60.0, "sa", 3)


@pytest.fixture(scope="module")
def plain(few):
    return late(few)


@pytest.mark.slow
def test_a_small_cloud_collapses_as_by_the_direct_engine(few, plain, monkeypatch):
    times, found, linkage = plain
    assert np.max(np.abs(times - direct(few))) < 1e-6
    assert (found.status, found.clusters, len(linkage)) == ("collapsed", 1, 39)
    monkeypatch.setattr(_stages, "FEWEST", 4)  # through clocks of their own
    by_clocks, clocked, _ = late(few)
    assert clocked.cluster_steps > 100
    assert np.max(np.abs(by_clocks - times)) < 1e-6


def test_the_tree_keeps_all_tokens_and_events_are_in_order(plain):
    _, found, linkage = plain
    assert sorted(linkage[:, :2].ravel().astype(int)) == list(range(2 * 40 - 2))
    assert np.all(np.diff(linkage[:, 2]) >= 0)
    assert [event.log_time for event in found.events] == sorted(event.log_time for event in found.events)
    assert found.events[-1].mass == pytest.approx(1, abs=1e-12)
    assert found.levels[-1][0] == 1


def polygon(corners, share=1):
    turns = 2 * np.pi * np.repeat(np.arange(corners), share) / corners
    return np.stack([np.cos(turns), np.sin(turns)], axis=1)


STILL = {
    "polygon": polygon(300),
    "tokens at the corners of one": polygon(12, 25),
    "polygon in a plane of space": np.pad(polygon(100), ((0, 0), (0, 1))),
    "opposite tokens": np.array([[1.0, 0.0, 0.0], [-1.0, 0.0, 0.0]]),
    "cross-polytope": np.concatenate([np.eye(5), -np.eye(5)]),
}


@pytest.mark.parametrize("model", ["sa", "usa"])
@pytest.mark.parametrize("beta", [0.5, 50.0, 1e5])
@pytest.mark.parametrize("points", STILL.values(), ids=STILL)
def test_where_all_pulls_cancel_it_says_so_and_one_moved_token_undoes_it(points, beta, model):
    system = ParticleSystem.project(points, beta, model)
    found, tree = simulate_large_collapse(system)
    assert (found.status, found.events) == ("saddle", ())
    assert found.log_time_of_collapse.value == np.inf
    assert "move a token a little" in found.note
    assert found.note in large_rows(found)[2]
    assert len(tree.linkage) == len(points) - len(np.unique(points.round(9), axis=0)) == len(points) - found.clusters
    assert simulate_collapse(system, check=False).status == "saddle"
    moved = points.copy()
    moved[-1] += 0.01 * np.roll(points[-1], 1) / max(1.0, np.sqrt(beta))
    system = ParticleSystem.project(moved, beta, model)
    assert not pulls_cancel(system.points, system.masses, beta, 1e-14, 1e-8)


def test_one_moved_token_of_a_polygon_whose_pulls_underflow_is_no_saddle():
    points = polygon(300)
    points[200] += 1e-4 * np.roll(points[200], 1)
    system = ParticleSystem.project(points, 1e7, "sa")
    assert 0.5 * 1e7 * np.sum((points[0] - points[1]) ** 2) > 800
    assert not pulls_cancel(system.points, system.masses, 1e7, 1e-14, 1e-8)


def test_tokens_that_differ_by_rounding_are_one_when_pulls_are_weighed():
    points = polygon(12, 25)
    points += 1e-15 * np.random.default_rng(0).standard_normal(points.shape)
    found, _ = simulate_large_collapse(ParticleSystem.project(points, 50.0, "sa"))
    assert (found.status, found.clusters) == ("saddle", 12)


def test_it_goes_on_from_where_it_was_interrupted(few, plain, tmp_path, monkeypatch):
    file = tmp_path / "unfinished.npz"
    monkeypatch.setattr("fathometer.attention.dynamics.collapse._watch.SAVE_EVERY", 0.0)
    said = []

    def stop(line):
        said.append(line)
        if len(said) == 9:
            raise KeyboardInterrupt

    how = {"tolerance": 1e-8, "event_chord": None, "check": False}
    with pytest.raises(KeyboardInterrupt):
        watched_large_collapse(few, **how, file=file, say=stop)
    assert file.exists()
    other = ParticleSystem.uniform(40, 3, 61.0, "sa", 3)
    with pytest.raises(InputError, match="same points"):
        watched_large_collapse(other, **how, file=file, say=lambda line: None)
    again, tree = watched_large_collapse(few, **how, file=file, say=lambda line: None)
    assert np.max(np.abs(tree.linkage[:, 2] - plain[2][:, 2])) < 1e-7
    assert not file.exists()
    assert large_rows(again)[2].startswith("collapsed: 1 cluster(s) left")
    assert large_document(again, few, 3, None)["tokens"] == 40
    file.write_text("no file of ours")
    with pytest.raises(InputError, match="snapshot"):
        watched_large_collapse(few, **how, file=file, say=lambda line: None)


@pytest.mark.slow
def test_a_second_interruption_keeps_what_the_first_one_had_kept(few, tmp_path, monkeypatch):
    file, how = tmp_path / "unfinished.npz", {"tolerance": 1e-8, "event_chord": None, "check": True}
    settings, scales = Settings.of(few, 1e-8, None, True, 10_000_000), Scales()
    finished = np.arange(8.0).reshape(2, 4)
    save(file, digest(few, settings, scales), {"run": Course(few, settings, Continuum(few, scales)), "fine": finished})

    def stop(watch, name, run):
        watch._runs[name] = run
        watch._save()
        raise KeyboardInterrupt

    monkeypatch.setattr(Watch, "__call__", stop)
    with pytest.raises(KeyboardInterrupt):
        watched_large_collapse(few, **how, file=file, say=lambda line: None)
    with np.load(file) as kept:
        assert np.array_equal(kept["fine:rows"], finished)
        assert "run:points" in kept.files


@pytest.mark.slow
def test_it_goes_on_within_the_second_stage_as_if_nothing_had_been(few, tmp_path, monkeypatch):
    monkeypatch.setattr(_stages, "FEWEST", 4)
    file, settings, scales = tmp_path / "unfinished.npz", Settings.of(few, 1e-8, None, True, 10_000_000), Scales()
    _, whole, linkage = late(few)

    def stop(name, run):
        if run.clocks is not None and run.clocks.steps > whole.cluster_steps / 2:
            save(file, "origin", {name: run})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        late(few, progress=stop)
    resume = load(file, "origin", {"run": (few, settings, scales)})
    assert resume["run"].clocks.steps > whole.cluster_steps / 2
    _, again, rows = late(few, resume=resume)
    assert again.cluster_steps == whole.cluster_steps
    assert np.array_equal(rows, linkage)


def without(key):
    def damage(file):
        with np.load(file) as kept:
            rest = {name: kept[name] for name in kept.files if name != key}
        np.savez(file, **rest)

    return damage


def one_array(file):
    with file.open("wb") as stream:
        np.save(stream, np.ones(3))


def flipped(first, count):
    def damage(file):
        whole = bytearray(file.read_bytes())
        for place in range(first, first + count):
            whole[place] ^= 0xFF
        file.write_bytes(whole)

    return damage


DAMAGES = {
    "empty": lambda file: file.write_bytes(b""),
    "text": lambda file: file.write_text("no file of ours"),
    "truncated": lambda file: file.write_bytes(file.read_bytes()[:-100]),
    "cut in half": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    "one array": one_array,
    "flipped header": flipped(60, 40),
    "flipped values": flipped(1500, 200),
    "no origin": without("origin"),
    "no clock": without("run:clock"),
    "no points": without("run:points"),
    "no tree": without("run:tree"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_refused_in_one_line(few, tmp_path, damage):
    file, settings, scales = tmp_path / "unfinished.npz", Settings.of(few, 1e-8, None, True, 10_000_000), Scales()
    save(file, "origin", {"run": Course(few, settings, Continuum(few, scales))})
    assert set(load(file, "origin", {"run": (few, settings, scales)})) == {"run"}
    damage(file)
    with pytest.raises(InputError, match="must be a snapshot of this run") as caught:
        load(file, "origin", {"run": (few, settings, scales)})
    assert "\n" not in str(caught.value)


@pytest.mark.slow
@pytest.mark.parametrize("dim", [4, 5])
@pytest.mark.parametrize("model", ["sa", "usa"])
def test_in_high_dimension_both_models_run_by_tiles(dim, model):
    """The sums by tiles hand out arrays that cannot be written to."""
    system = ParticleSystem.uniform(40, dim, 30.0, model, 1)
    times, found, _ = late(system, 3)
    assert found.status == "collapsed"
    assert np.max(np.abs(times - direct(system, 3))) < 1e-6


def test_the_estimate_is_of_the_order_of_what_was_measured_and_values_are_checked(few):
    assert "1000000 tokens" in expected(10**6, 3, 1000.0, False)
    assert "hours" in expected(10**7, 64, 1000.0, True) or "days" in expected(10**7, 64, 1000.0, True)
    with pytest.raises(InputError, match="tolerance"):
        simulate_large_collapse(few, tolerance=1e-3)
    with pytest.raises(InputError, match="beta"):
        simulate_large_collapse(ParticleSystem.uniform(5, 3, 0.0, "sa", 0))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("dim", "beta", "model", "weighted"),
    [(3, 100.0, "usa", False), (3, 100.0, "sa", True), (2, 1000.0, "sa", False), (2, 300.0, "usa", True)],
)
def test_the_last_ten_mergers_are_those_of_the_direct_engine(dim, beta, model, weighted, monkeypatch):
    monkeypatch.setattr(_stages, "FEWEST", 16)
    masses = np.random.default_rng(1).uniform(0.5, 2, 200) if weighted else None
    points = ParticleSystem.uniform(200, dim, beta, model, 2).points
    system = ParticleSystem.project(points, beta, model, masses)
    assert np.max(np.abs(late(system)[0] - direct(system))) < 1e-6


@pytest.mark.slow
def test_nothing_changes_with_tolerance_chord_hand_over_and_rotation(monkeypatch):
    monkeypatch.setattr(_stages, "FEWEST", 16)
    system = ParticleSystem.uniform(200, 3, 100.0, "sa", 4)
    times = late(system)[0]
    # an error of positions of 1e-9 is one of log times of beta times the condition as much
    events = simulate_collapse(system).events[-10:]
    allowed = np.maximum(1e-6, 1e-7 * np.array([event.condition for event in events]))
    turn = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))[0]
    turned = ParticleSystem.project(system.points @ turn, 100.0, "sa")
    for other in (
        late(system, tolerance=1e-9)[0],
        late(system, scales=Scales(merge_chord=1e-4))[0],
        late(system, scales=Scales(until=30.0))[0],
        late(turned)[0],
    ):
        assert np.all(np.abs(other - times) < allowed)


@pytest.mark.slow
def test_errors_contain_the_distance_to_the_direct_engine_and_conditions_are_moderate():
    system = ParticleSystem.uniform(120, 3, 100.0, "sa", 5)
    found, _ = simulate_large_collapse(system)
    exact = direct(system)
    inside = [
        event.error is not None and abs(event.log_time - time) <= event.error + 2e-8
        for event, time in zip(found.events[-10:], exact, strict=True)
    ]
    assert sum(inside) >= 8
    assert found.condition is not None
    assert found.condition < 1e3

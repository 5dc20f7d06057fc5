"""Records, snapshots, input and the command."""

import json
import math

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.cluster.hierarchy import is_valid_linkage

from fathometer.attention import ParticleSystem
from fathometer.attention.dynamics.collapse import Collapse, CollapseStatus, Snapshot, _drive, simulate_collapse
from fathometer.cli import run
from fathometer.evidence import InputError
from tests.oracles.attention import circle
from tests.oracles.collapse import event_log_times, masses, spread, tokens


@pytest.mark.slow
@pytest.mark.parametrize(("n", "d", "beta", "model", "end"), [(5, 2, 4, "sa", 400.0), (6, 3, 5, "usa", 900.0)])
def test_events_against_plain_time(n, d, beta, model, end):
    system = tokens(spread(n, d), beta, model, masses(n, "lin"))
    expected = event_log_times(system.points, system.masses, beta, model, 0.1 / math.sqrt(beta), end)
    assert len(expected) >= n - 2
    found = simulate_collapse(system, tolerance=1e-10, check=False)
    assert_allclose([event.log_time for event in found.events[: len(expected)]], expected, atol=1e-8)


def test_a_collapse_survives_json_and_its_tree_is_a_linkage():
    system = ParticleSystem.uniform(10, 3, 50, "sa", 0)
    found = simulate_collapse(system)
    assert Collapse.from_json(json.loads(json.dumps(found.to_json(), allow_nan=False))) == found
    tree = found.merge_tree()
    assert is_valid_linkage(np.column_stack([tree[:, :2], tree[:, 2] - tree[0, 2], tree[:, 3]]))
    assert tree[-1, 3] == 10
    times = [event.log_time for event in found.events]
    assert times == sorted(times)
    first, second = found.events[:2]
    assert_allclose(second.log_plateau, math.log(math.exp(second.log_time) - math.exp(first.log_time)), rtol=1e-9)
    assert_allclose(
        [event.mass for event in found.events], [len(sum(event.members, ())) / 10 for event in found.events]
    )
    assert [level.clusters for level in found.energy_levels] == list(range(10, 0, -1))
    assert 1e-2 < found.condition < 1e3
    assert found.rhs_evaluations * 4 < found.pair_evaluations < found.rhs_evaluations * 32**2
    assert all(event.error < 1e-6 for event in found.events)
    assert found.note == ""
    assert "rounding" in simulate_collapse(system, tolerance=1e-12, check=False).note


def test_without_the_check_nothing_is_claimed():
    found = simulate_collapse(ParticleSystem.uniform(5, 3, 50, "sa", 0), check=False)
    assert found.condition is None
    assert all(event.error is None and event.condition is None for event in found.events)


def test_without_attraction_range():
    found = simulate_collapse(tokens(circle(0, 1), 0, "usa"), check=False)
    assert_allclose(
        found.log_time_of_collapse.value, math.log(math.log(math.tan(0.5) / math.tan(math.asin(0.05)))), atol=1e-8
    )


@pytest.mark.slow
@pytest.mark.parametrize("jumps", [True, False])
def test_a_run_goes_on_from_a_snapshot_as_if_it_had_not_stopped(jumps, monkeypatch):
    monkeypatch.setattr(_drive, "_CHECKPOINT", 16)
    system = ParticleSystem.uniform(40, 3, 300, "sa", 2)
    whole, kept = simulate_collapse(system, jumps=jumps), {}

    class StopError(Exception):
        pass

    for stage, left in (("run", 30), ("run", 12), ("run", 5), ("fine", 20), ("twin", 8)):

        def stop(name, run, stage=stage, left=left):
            kept[name] = json.loads(json.dumps(Snapshot.of(run).to_json(), allow_nan=False))
            if name == stage and len(run.cloud.alive) <= left:
                raise StopError

        with pytest.raises(StopError):
            simulate_collapse(system, jumps=jumps, progress=stop, resume=snapshots(kept))
    assert kept["twin"]["counts"][0] > 0
    assert simulate_collapse(system, jumps=jumps, resume=snapshots(kept)) == whole
    with pytest.raises(InputError, match="the snapshot must be of the same points"):
        simulate_collapse(system, jumps=jumps, tolerance=1e-9, resume=snapshots(kept))


def snapshots(kept):
    return {name: Snapshot.from_json(document) for name, document in kept.items()}


def test_a_collapse_out_of_steps_keeps_its_events_and_has_no_time():
    found = simulate_collapse(ParticleSystem.uniform(10, 3, 20, "sa", 0), max_steps=70)
    assert found.status is CollapseStatus.STEP_LIMIT
    assert found.clusters > 1
    assert found.log_time_of_collapse.value == math.inf
    assert len(found.events) < 9


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"tolerance": 0}, "tolerance must be >= 1e-13"),
        ({"tolerance": 1e-3}, "tolerance must be .* <= 0.0001"),
        ({"event_chord": 0.5}, "event_chord must be .* <= 0.1,"),
        ({"event_chord": 0}, "event_chord must be >="),
        ({"max_steps": 0}, "max_steps must be >= 1"),
    ],
)
def test_options_out_of_range_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        simulate_collapse(tokens(circle(0, 1), 100, "sa"), **options)


def test_bad_points_never_reach_it():
    for points, message in ((np.array([[1.0, 0], [0, 0]]), "row 1"), (np.array([[1.0, np.nan]]), "finite")):
        with pytest.raises(InputError, match=message):
            ParticleSystem.project(points, 1, "sa")


CONTRACT = {
    "status", "events", "log_time_of_collapse", "condition", "rhs_evaluations", "energy_levels",
}  # fmt: skip


@pytest.mark.slow
def test_the_command_keeps_the_contract_in_json_and_file(tmp_path, capsys):
    arguments = ["attention", "collapse", "--uniform", "7,3", "--beta", "60", "--model", "usa", "--out", str(tmp_path)]
    assert run([*arguments, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document.keys() >= CONTRACT
    assert document["status"] == "collapsed"
    assert document["events"][0].keys() >= {"log_time", "error", "members", "mass", "log_plateau"}
    assert document["log_time_of_collapse"].keys() >= {"value", "lower", "upper", "kind"}
    assert document == json.loads((tmp_path / "attention-collapse.json").read_text())
    assert run([*arguments, "--no-check"]) == 0
    shown = capsys.readouterr().out
    assert "collapsed: 1 cluster(s) left" in shown


def test_the_command_on_a_saddle_and_on_bad_input(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("square.npy", circle(0, np.pi / 2, np.pi, 3 * np.pi / 2))
    assert run(["attention", "collapse", "--points", "square.npy", "--beta", "5", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["status"], document["events"], document["clusters"]) == ("saddle", [], 4)
    assert run(["attention", "collapse", "--points", "square.npy", "--beta", "5", "--tolerance", "1"]) == 2
    assert "tolerance must be" in capsys.readouterr().err


@pytest.mark.slow
def test_an_interrupted_command_goes_on(tmp_path, capsys, monkeypatch):
    import fathometer.attention.dynamics.collapse._watch as watch

    monkeypatch.setattr(_drive, "_CHECKPOINT", 1)
    arguments = ["attention", "collapse", "--uniform", "12,3", "--beta", "60", "--json"]
    assert run(arguments) == 0
    whole = json.loads(capsys.readouterr().out)
    real = watch.Watch.__call__

    def interrupt(self, name, run):
        if len(run.cloud.alive) == 5:
            self._interrupted.append(True)
        real(self, name, run)

    monkeypatch.setattr(watch.Watch, "__call__", interrupt)
    assert run([*arguments, "--out", str(tmp_path)]) == 130
    kept = tmp_path / "attention-collapse-unfinished.json"
    assert len(json.loads(kept.read_text())["run"]["meetings"]) >= 7
    assert "saved to" in capsys.readouterr().err
    monkeypatch.setattr(watch.Watch, "__call__", real)
    assert run([*arguments, "--seed", "1", "--out", str(tmp_path)]) == 2  # another run has the same file
    assert f"{kept}: the snapshot must be of the same points" in capsys.readouterr().err
    monkeypatch.setattr(watch, "SAY_EVERY", -1.0)
    assert run([*arguments, "--out", str(tmp_path)]) == 0
    captured = capsys.readouterr()
    assert "run: 5 clusters left, log t = " in captured.err
    found = json.loads(captured.out)
    assert not kept.exists()
    assert found == whole
    monkeypatch.setattr(watch.Watch, "__call__", interrupt)
    assert run([*arguments, "--out", str(tmp_path)]) == 130
    capsys.readouterr()
    assert run([*arguments, "--tolerance", "1e-7", "--out", str(tmp_path)]) == 2
    assert "unfinished.json: the snapshot must be of the same points" in capsys.readouterr().err
    monkeypatch.setattr(watch.Watch, "__call__", real)
    kept.write_text("{}")
    assert run([*arguments, "--out", str(tmp_path)]) == 2
    assert "must be a snapshot of this run" in capsys.readouterr().err


def test_outcomes_in_plain_words(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("square.npy", circle(0, np.pi / 2, np.pi, 3 * np.pi / 2))
    assert run(["attention", "collapse", "--points", "square.npy", "--beta", "5"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "cancel" in shown
    assert "move a token a little" in shown
    floor = simulate_collapse(ParticleSystem.uniform(6, 2, 1e10, "sa", 1), tolerance=1e-12)
    assert floor.status is CollapseStatus.TOLERANCE_FLOOR
    assert "give a larger tolerance, or a smaller beta" in floor.note
    short = simulate_collapse(ParticleSystem.uniform(10, 3, 20, "sa", 0), max_steps=70)
    assert "70 steps were not enough" in short.note


@pytest.mark.slow
def test_coincident_tokens_meet_at_minus_infinity(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("three.npy", circle(1, 1, 2))
    assert run(["attention", "collapse", "--points", "three.npy", "--beta", "5"]) == 0
    shown = capsys.readouterr().out
    assert "-inf" in shown
    assert run(["attention", "collapse", "--points", "three.npy", "--beta", "5", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["events"][0]["log_time"] is None


@pytest.mark.parametrize("beta", [1e6, 1e8, 1e9, 1e10])
@pytest.mark.parametrize(("n", "d", "model"), [(2, 2, "sa"), (5, 3, "usa"), (6, 2, "sa")])
def test_huge_betas_give_a_result_or_say_why_not(beta, n, d, model):
    """Warnings are errors; what collapsed did so by closed forms alone, with the error that rounding leaves."""
    found = simulate_collapse(ParticleSystem.uniform(n, d, beta, model, 1), max_steps=2000)
    assert all(0 < level.energy <= 1 for level in found.energy_levels)
    json.dumps(found.to_json(), allow_nan=False)
    if found.status is CollapseStatus.COLLAPSED:
        assert all(1e-17 * beta < event.error < 1e-7 * max(beta, 1e9) for event in found.events)
    else:
        assert found.status is CollapseStatus.TOLERANCE_FLOOR
        assert found.note

"""`fathometer attention collapse`: the verdicts that it ends in."""

import json

import numpy as np
import pytest

from fathometer import attention
from fathometer.attention.dynamics.collapse import _watch
from fathometer.cli import run
from tests.oracles.attention import circle

FAR = ["attention", "collapse", "--points", "far.npy", "--beta", "200", "--model", "usa"]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("far.npy", circle(0, 0.6, 1.6, 3.3))


def judged(capsys, arguments, code=0):
    assert run([*arguments, "--json"]) == code
    document = json.loads(capsys.readouterr().out)
    return {verdict["theorem"]: verdict["status"] for verdict in document["verdicts"]}


@pytest.mark.slow
def test_far_tokens_are_judged_by_the_energy_and_the_staircase(capsys):
    verdicts = judged(capsys, FAR)
    names = "energy_increases", "staircase_times", "staircase_levels", "staircase_length"
    assert {verdicts[name] for name in names} == {"HOLDS"}
    assert verdicts["coalescence_time"] == "INAPPLICABLE"
    assert run(FAR) == 0
    shown = capsys.readouterr().out
    assert "collapsed: 1 cluster(s) left" in shown
    assert "HOLDS  energy_increases" in shown


@pytest.mark.slow
def test_verdicts_can_be_left_out(capsys):
    assert run([*FAR, "--json"]) == 0
    whole = json.loads(capsys.readouterr().out)
    assert run([*FAR, "--no-verdicts", "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert "verdicts" not in plain
    of_states = {"verdicts", "certified", "not_certified", "late_rate"}
    for event in [*whole["events"], *plain["events"]]:
        event.pop("certified_log_plateau"), event.pop("certified_why_not")
    assert plain == {"certified": None, "not_certified": "no states were kept (--no-verdicts)", "late_rate": None} | {
        key: value for key, value in whole.items() if key not in of_states
    }


def test_large_clouds_are_drawn_and_their_states_are_not_stored(tmp_path, capsys):
    large = ["attention", "collapse", "--points", "far.npy", "--beta", "20", "--engine", "large", "--no-check"]
    assert run([*large, "--no-verdicts", "--figure", "drawn.svg"]) == 0
    assert (tmp_path / "drawn.svg").exists()
    assert run([*large, "--store", "states.npz"]) == 2
    assert "--store keeps the states of all tokens" in capsys.readouterr().err


@pytest.mark.slow
def test_theorems_are_held_against_the_last_clusters_of_a_large_cloud(capsys):
    assert run([*FAR, "--engine", "large", "--no-check", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    held = {(verdict["case"], verdict["theorem"]): verdict["status"] for verdict in document["verdicts"]}
    names = "energy_increases", "staircase_times", "staircase_levels", "staircase_length"
    assert {held["last clusters", name] for name in names} == {"HOLDS"}
    last = document["last_clusters"]
    assert document["certified"] is None
    assert "last_clusters" in document["not_certified"]
    assert sum(last["masses"]) == pytest.approx(1, abs=1e-12)
    assert (last["clusters"], len(last["certified_log_plateaus"])) == (4, 3)


def test_nothing_is_judged_where_nothing_moves(capsys):
    np.save("square.npy", circle(0, np.pi / 2, np.pi, 3 * np.pi / 2))
    assert run(["attention", "collapse", "--points", "square.npy", "--beta", "5", "--json"]) == 0
    assert "verdicts" not in json.loads(capsys.readouterr().out)


def test_a_theorem_that_is_broken_gives_the_code_1(capsys, monkeypatch):
    def broken(run):
        from fathometer.attention.theorems.energy.energy_increases import THEOREM
        from fathometer.evidence import Estimate

        falling = Estimate.exact(-np.arange(len(run.axis), dtype=float), along=run.axis)
        return [THEOREM.judge(run.problem, falling)]

    monkeypatch.setattr(attention, "run_verdicts", broken)
    assert judged(capsys, FAR, code=1)["energy_increases"] == "VIOLATED"


@pytest.mark.slow
def test_an_interrupt_while_states_are_taken_loses_nothing(tmp_path, capsys, monkeypatch):
    assert run([*FAR, "--json"]) == 0
    whole = json.loads(capsys.readouterr().out)
    real = _watch.Watch.again

    def interrupt(self, name, run):
        self._interrupted.append(True)
        real(self, name, run)

    monkeypatch.setattr(_watch.Watch, "again", interrupt)
    assert run([*FAR, "--out", str(tmp_path)]) == 130
    kept = json.loads((tmp_path / "attention-collapse-unfinished.json").read_text())
    assert {name: len(snapshot["clusters"]["points"]) for name, snapshot in kept.items()} == dict.fromkeys(kept, 1)
    monkeypatch.setattr(_watch.Watch, "again", real)
    capsys.readouterr()
    assert run([*FAR, "--json", "--out", str(tmp_path)]) == 0
    assert json.loads(capsys.readouterr().out) == whole


@pytest.mark.slow
def test_two_clusters_that_take_longer_than_any_float(capsys):
    np.save("pair.npy", circle(0, 2.8))
    verdicts = judged(capsys, ["attention", "collapse", "--points", "pair.npy", "--beta", "1000"])
    assert verdicts["coalescence_time"] == verdicts["staircase_times"] == "HOLDS"
    assert "VIOLATED" not in verdicts.values()


def test_the_help_says_which_tolerances_the_large_engine_takes(capsys):
    assert run(["attention", "collapse", "--help"]) == 0
    assert "by the large engine between 1e-11 and 1e-6" in " ".join(capsys.readouterr().out.split())
    for tolerance in ("0.9e-11", "1.1e-6"):
        large = ["attention", "collapse", "--uniform", "5,3", "--beta", "9", "--engine", "large"]
        assert run([*large, "--tolerance", tolerance]) == 2
        assert "tolerance" in capsys.readouterr().err

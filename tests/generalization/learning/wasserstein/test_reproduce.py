"""The published table: its numbers, the comparison, and runs that were interrupted."""

import json
import os
import signal
import time

import numpy as np
import pytest

from fathometer.cli import run
from fathometer.data import PublicSet
from fathometer.evidence import InputError
from fathometer.generalization.learning.wasserstein import (
    PUBLISHED_SETS,
    VARIANTS,
    Experiment,
    Reproduced,
    _reproduce,
    experiments,
    published_risks,
    reproduce,
)
from fathometer.generalization.learning.wasserstein._published import tolerance
from fathometer.generalization.learning.wasserstein._reproduce import number_of_priors, remark

M_TRAIN = {"letter": 10000, "satimage": 3217, "pendigits": 5496, "segmentation": 1155, "tictactoe": 479, "mnist": 35000}


def test_every_published_risk_is_a_count_over_the_published_sizes():
    """To four decimals, over the sizes of the halves that the loaders make."""
    assert {name[2] for name in published_risks()} == set(PUBLISHED_SETS)
    for cell in published_risks().values():
        m = M_TRAIN[cell.set]
        for risk in (cell.train, cell.test):
            assert abs(round(risk * m) / m - risk) <= 0.5e-4 + 1e-12, cell
    assert len(published_risks()) == 204


COUNTS = {
    "letter": (1, 20, 40, 60, 80, 100),
    "satimage": (1, 11, 22, 34, 45, 56),
    "pendigits": (1, 14, 29, 44, 59, 74),
    "segmentation": (1, 6, 13, 20, 27, 33),
    "tictactoe": (1, 4, 8, 13, 17, 21),
    "mnist": (1, 37, 74, 112, 149, 187),
}


@pytest.mark.parametrize("name", COUNTS)
def test_the_published_numbers_of_priors(name):
    assert tuple(number_of_priors(ratio, M_TRAIN[name]) for ratio in (0, 0.2, 0.4, 0.6, 0.8, 1)) == COUNTS[name]


def test_the_tolerance_and_the_spread_of_identical_runs():
    cells = published_risks()
    letter = cells["batch", "linear", "letter", "eps=1/m", "0.2"]
    assert (letter.train, letter.test) == (0.2847, 0.2966)
    assert letter.agrees(0.2847, 0.3065, 10000)
    assert not letter.agrees(0.2847, 0.3067, 10000)
    assert not letter.agrees(0.2746, 0.2966, 10000)
    erm = cells["batch", "linear", "pendigits", "erm", "0.2"]
    assert (erm.lowest, erm.highest) == (0.0640, 0.0762)
    assert erm.agrees(0.0491, 0.0615, 5496)
    assert tolerance(479) == 0.03


def test_remarks_say_why_a_comparison_may_fail():
    assert remark(Experiment("letter"), "erm") == ""
    assert remark(Experiment("pendigits"), "erm") == "rows in another order"
    assert remark(Experiment("tictactoe"), "erm") == "unstable"
    assert remark(Experiment("letter", "online"), "online") == "decided by rounding"
    assert remark(Experiment("letter", "online"), "ogd") == ""


def clouds(name: str = "tictactoe", rows: int = 120) -> PublicSet:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, rows)
    return PublicSet(name, rng.normal(size=(rows, 2)) + 3.0 * labels[:, None], labels, 2, 12.0)


@pytest.fixture
def small(monkeypatch):
    """Sets of 120 rows in place of the files, and a count of what is computed."""
    computed = []
    original = _reproduce.run_experiment

    def counted(experiment, *rest):
        computed.append(experiment)
        return original(experiment, *rest)

    monkeypatch.setattr(_reproduce, "load_public_set", lambda name, folder: clouds(name))
    monkeypatch.setattr(_reproduce, "run_experiment", counted)
    monkeypatch.setattr(_reproduce, "QUICK_STEPS", 40)
    return computed


@pytest.mark.slow
def test_a_batch_experiment_and_its_record(small, tmp_path):
    chosen = experiments(["tictactoe"], quick=True, delta=0.1)
    rows = reproduce(chosen, tmp_path)
    assert [row.column for row in rows] == [*VARIANTS, *VARIANTS]
    assert {row.priors for row in rows} == {1}
    assert all(row.agrees is None and row.published_test is None for row in rows)
    assert [row.ledger is None for row in rows] == [True] * 6 + [False] * 6
    for row in rows[6:]:
        assert row.ledger.delta_spent <= 0.1
        assert [line.bound for line in row.ledger.rows if line.bound == "test_kl"] == ["test_kl"]
        assert Reproduced.from_json(json.loads(json.dumps(row.to_json()))) == row


@pytest.mark.slow
def test_an_interrupted_reproduction_keeps_what_it_finished(small, tmp_path, monkeypatch):
    chosen = experiments(["tictactoe", "pendigits"], setting="online", quick=True)
    monkeypatch.setattr(_reproduce, "_run_online", interrupted_after(2, _reproduce._run_online))
    with pytest.raises(KeyboardInterrupt):
        reproduce(chosen, tmp_path, folder=tmp_path / "cells")
    kept = len(list((tmp_path / "cells").glob("*.npz")))
    assert kept >= 1
    monkeypatch.undo()
    monkeypatch.setattr(_reproduce, "load_public_set", lambda name, folder: clouds(name))
    said: list[str] = []
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "cells").glob("*.npz")}
    rows = reproduce(chosen, tmp_path, folder=tmp_path / "cells", announce=said.append)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert said[-1] == "4 of 4 cells"
    assert [row.column for row in rows] == ["online", "ogd"] * 4


def interrupted_after(count: int, original):
    calls = []

    def run_or_stop(*arguments):
        calls.append(1)
        if len(calls) > count:
            raise KeyboardInterrupt
        return original(*arguments)

    return run_or_stop


@pytest.mark.slow
def test_the_command_prints_and_stores_both_tables(small, tmp_path, capsys):
    arguments = ["certify", "reproduce", "--sets", "letter", "--quick", "--out", str(tmp_path / "out"), "--seed", "0"]
    monkey_steps = [*arguments, "--data", str(tmp_path)]
    assert run(monkey_steps) == 0
    shown = capsys.readouterr().out
    for text in (
        "as published: 0/1 risks",
        "as the theorems ask",
        "vacuous ones in brackets",
        "a quick run is shorter",
    ):
        assert text in shown
    stored = json.loads((tmp_path / "out" / "certify-reproduce.json").read_text())
    assert len(stored["rows"]) == 2 * len(VARIANTS)
    assert {verdict["status"] for verdict in stored["verdicts"]} <= {"HOLDS", "VACUOUS"}
    computed = len(small)
    assert run([*monkey_steps, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == stored["rows"]
    assert len(small) == computed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--sets", "adult"], "no public set is called 'adult'; known: letter"),
        (["--sets", "letter"], "no file 'LetterRecognition.rda' in"),
        (["--model", "cnn", "--sets", "letter"], "model must be linear or nn, got 'cnn'"),
        (["--setting", "stream"], "setting must be batch or online, got 'stream'"),
        (["--delta", "0"], "delta must be > 0 and < 1, got 0"),
    ],
)
def test_bad_usage_is_one_line(arguments, message, tmp_path, capsys):
    assert run(["certify", "reproduce", "--data", str(tmp_path), *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_more_priors_than_rows_are_refused(small, tmp_path):
    with pytest.raises(InputError, match="K must be at most the number of rows, 60, got 77"):
        reproduce([Experiment("tictactoe", ratio=10.0, steps=5)], tmp_path)


@pytest.mark.slow
def test_the_command_obeys_an_interrupt_at_the_next_word(small, tmp_path, capsys, monkeypatch):
    """Two trainings side by side: the one that speaks first is interrupted while it speaks."""
    original = _reproduce.run_experiment

    def interrupted(experiment, data, announce):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.1)
        announce("a word")
        return original(experiment, data, announce)

    arguments = [
        "certify",
        "reproduce",
        "--quick",
        "--sets",
        "tictactoe",
        "--data",
        str(tmp_path),
        "--out",
        str(tmp_path),
    ]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have left it ignored
    try:
        with monkeypatch.context() as patched:
            patched.setattr(_reproduce, "run_experiment", interrupted)
            assert run(arguments) == 130
        assert "a word" in capsys.readouterr().err
        assert run(arguments) in (0, 1)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)

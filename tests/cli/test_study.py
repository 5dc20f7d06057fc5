"""`fathometer study`: a specification that is run, shown, watched, exported and drawn; and those that cannot be."""

import csv
import json
import subprocess
import sys
import threading
import time
from argparse import Namespace

import numpy as np
import pytest

from fathometer.cli import run
from fathometer.cli.study._engines import engine_of
from fathometer.evidence import InputError
from fathometer.study import Study, open as open_study

SMALL = """
title = "two bounds"
[computation]
name = "coverage"
[grid]
experiment = ["test_binomial", "maurer_seeger"]
m = [16, 64]
[fixed]
draws = 200
delta = 0.2
[figure]
x = "m"
y = "failure_rate"
lines = "experiment"
columns = ["allowed_rate"]
log = ["x"]
"""
FAILS = SMALL.replace("[16, 64]", "[3, 64]")
DIVERGES = """
[computation]
name = "sweep"
[grid]
scale = [0.3, 0.5]
step = [0.05, 0.1]
[fixed]
depth = 2
steps = 100
runs = 2
[judge]
[[judge.columns]]
column = "sharpness"
at_most = 3
[figure]
x = "scale"
y = "step"
colour = "start_sharpness"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A study that was run."""
    here = tmp_path_factory.mktemp("studies")
    (here / "small.toml").write_text(SMALL)
    assert run(["study", "run", str(here / "small.toml"), "--out", str(here / "small")]) == 0
    return here


@pytest.fixture
def shown(folder, capsys):
    def of(command: str, code: int = 0) -> dict:
        capsys.readouterr()
        assert run([*command.replace("DIR", str(folder / "small")).split(), "--json"]) == code
        return json.loads(capsys.readouterr().out)

    return of


def test_show_has_the_keys_of_the_contract(shown):
    told = shown("study show DIR")
    assert {"cells", "finished", "failed", "seconds", "columns", "verdicts", "failures"} <= set(told)
    assert (told["cells"], told["finished"], told["failed"], told["failures"]) == (4, 4, 0, [])
    assert {"m", "experiment", "seed", "failure_rate", "status", "machine"} <= set(told["columns"])
    assert {one["theorem"] for one in told["verdicts"]} == {"test_binomial", "maurer_seeger"}


def test_a_finished_cell_is_not_computed_again(folder, capsys):
    before = Study(folder / "small").seconds
    assert run(["study", "run", str(folder / "small.toml"), "--out", str(folder / "small"), "--resume"]) == 0
    assert "4 of 4 cells are there, 0 are to be computed" in capsys.readouterr().err
    assert Study(folder / "small").seconds == before


def test_the_folder_is_called_like_the_specification(folder, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(["study", "run", str(folder / "small.toml"), "--seed", "7", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["specification"]["seeds"] == [7]
    assert (tmp_path / "small" / "table.parquet").is_file()


def test_a_specification_with_more_cells_computes_those_alone(folder, tmp_path, capsys):
    spec = tmp_path / "more.toml"
    for text, words in ((SMALL, "4 of 4 cells"), (SMALL.replace("[16, 64]", "[16, 32, 64]"), "2 are to be computed")):
        spec.write_text(text)
        assert run(["study", "run", str(spec)[:-5] + ".toml", "--out", str(tmp_path / "more")]) == 0
        assert words in capsys.readouterr().err


class TestFailedCells:
    @pytest.fixture
    def failed(self, tmp_path, capsys):
        (tmp_path / "fails.toml").write_text(FAILS)
        assert run(["study", "run", str(tmp_path / "fails.toml"), "--out", str(tmp_path / "f")]) == 0
        return tmp_path, capsys.readouterr()

    def test_are_shown_in_one_line_each(self, failed):
        _, captured = failed
        lines = [line for line in captured.out.splitlines() if line.startswith("failed: ")]
        assert lines[0] == "failed: experiment = test_binomial, m = 3: InputError: m must be >= 8, got 3"
        assert len(lines) == 2

    def test_are_left_alone_unless_they_are_asked_for_again(self, failed, capsys):
        here, _ = failed
        again = ["study", "run", str(here / "fails.toml"), "--out", str(here / "f")]
        run(again)
        assert "0 are to be computed" in capsys.readouterr().err
        run([*again, "--retry"])
        assert "2 failed" in capsys.readouterr().err

    def test_are_undecided_where_nothing_holds(self, tmp_path):
        (tmp_path / "f.toml").write_text(FAILS.replace("[3, 64]", "[3, 4]"))
        assert run(["study", "run", str(tmp_path / "f.toml"), "--out", str(tmp_path / "f")]) == 3


@pytest.mark.slow
def test_a_column_that_is_judged_can_be_violated(tmp_path, capsys):
    (tmp_path / "s.toml").write_text(DIVERGES)
    assert run(["study", "run", str(tmp_path / "s.toml"), "--out", str(tmp_path / "s")]) == 1
    assert "sharpness at most 3" in capsys.readouterr().out
    assert run(["study", "figure", str(tmp_path / "s"), "--figure", str(tmp_path / "plane.svg")]) == 0
    assert "mean sharpness at the start" in (tmp_path / "plane.svg").read_text().replace("\n", " ")


class TestExport:
    def test_csv(self, folder, shown, tmp_path):
        told = shown(f"study export DIR {tmp_path / 'x.csv'}")
        assert told == {"file": str(tmp_path / "x.csv"), "form": "csv", "cells": 4}
        rows = list(csv.DictReader((tmp_path / "x.csv").read_text("utf-8").splitlines()))
        assert [(row["experiment"], row["m"]) for row in rows] == [
            ("test_binomial", "16"), ("test_binomial", "64"), ("maurer_seeger", "16"), ("maurer_seeger", "64"),
        ]  # fmt: skip
        assert all(row["status"] == "finished" for row in rows)

    def test_parquet(self, folder, shown, tmp_path):
        import pyarrow.parquet as pq

        shown(f"study export DIR {tmp_path / 'x.parquet'}")
        assert pq.read_table(tmp_path / "x.parquet").equals(
            Study(folder / "small").table().replace_schema_metadata(None)
        )

    @pytest.mark.parametrize(("name", "engine"), [("x.nc", "scipy"), ("x.zarr", "zarr")])
    def test_with_arrays(self, folder, shown, tmp_path, name, engine):
        xarray = pytest.importorskip("xarray")
        shown(f"study export DIR {tmp_path / name}")
        own = open_study(folder / "small")
        with xarray.open_dataset(tmp_path / name, engine=engine) as read:
            np.testing.assert_array_equal(read["failure_rate"], own["failure_rate"])
            assert dict(read.sizes) == dict(own.sizes)
            assert read["failure_rate"].attrs["meaning"] == "failures / samples"

    def test_a_folder_of_zarr_is_written_anew_and_nothing_else(self, folder, shown, tmp_path, capsys):
        target = tmp_path / "x.zarr"
        target.mkdir()
        (target / "mine.txt").write_text("kept")
        assert run(["study", "export", str(folder / "small"), str(target)]) == 2
        assert f"{str(target)!r} is there and holds no zarr" in capsys.readouterr().err
        assert (target / "mine.txt").read_text() == "kept"
        (target / "mine.txt").rename(target / ".zgroup")
        for _ in range(2):
            shown(f"study export DIR {target}")
        assert list(tmp_path.iterdir()) == [target]
        assert (target / "failure_rate").is_dir()

    def test_a_form_that_is_not_the_ending(self, shown, tmp_path):
        assert shown(f"study export DIR {tmp_path / 'x.txt'} --to csv")["form"] == "csv"


def test_figure(folder, shown):
    told = shown("study figure DIR")
    assert told["file"] == str(folder / "small" / "figure.svg")
    drawn = (folder / "small" / "figure.svg").read_text()
    assert "points of each sample m" in drawn
    assert "allowed rate" in drawn


class TestList:
    def test_all(self, shown):
        told = {one["name"]: one for one in shown("study list")["computations"]}
        assert told["collapse"]["parameters"]["beta"] == {
            "allowed": "0 to 1e+10", "default": 1, "about": "inverse temperature beta", "file": False,
        }  # fmt: skip
        assert told["collapse"]["columns"]["mergers"] == {"type": "int", "meaning": "number of mergers"}
        assert told["train"]["parameters"]["data"]["file"] is True

    def test_one_in_full(self, capsys):
        assert run(["study", "list", "sharpness"]) == 0
        out = capsys.readouterr().out
        assert "number of layers L" in out
        assert "s_lower_paper" in out


class TestWatch:
    def test_a_study_that_is_over_is_shown(self, shown):
        assert shown("study watch DIR --every 0.1")["finished"] == 4

    @pytest.mark.slow
    def test_a_study_that_runs_is_followed_to_its_end(self, tmp_path, capsys):
        draws = SMALL.replace("draws = 200", "draws = 10000").replace("[16, 64]", "[3, 64, 200, 1000]")
        (tmp_path / "long.toml").write_text(draws)
        command = [sys.executable, "-m", "fathometer", "study", "run", str(tmp_path / "long.toml")]
        with subprocess.Popen([*command, "--out", str(tmp_path / "long")], stderr=subprocess.DEVNULL) as runs:
            while not (tmp_path / "long" / "study.json").exists() and runs.poll() is None:
                time.sleep(0.05)
            assert run(["study", "watch", str(tmp_path / "long"), "--every", "0.1"]) in (0, 3)
            assert runs.wait(60) in (0, 3)
        captured = capsys.readouterr()
        assert "6 of 8 cells finished, 2 failed" in captured.out
        assert "failed: experiment = " in captured.out

    def test_every_failure_is_told_once_in_the_order_of_time(self, monkeypatch, tmp_path):
        from fathometer.cli.study import _told
        from fathometer.cli.study.watch import _Watched

        said, seen = [], []
        monkeypatch.setattr("fathometer.study.say_progress", said.append)
        monkeypatch.setattr(_told, "failures_of", lambda study: [_told.Failure(c, {"c": c}, "", "", 0) for c in seen])
        study = Namespace(title="t", cells=9, finished=0, failed=0)
        watched = _Watched(study)  # type: ignore[arg-type]
        for now in ("8", "28", "28", "123458"):
            seen[:] = now
            study.failed = len(now)
            watched.look(study)  # type: ignore[arg-type]
        assert [line[-3] for line in said if line.startswith("failed: c = ")] == list("821345")

    def test_nothing_is_written_to_the_folder(self, folder, shown):
        (folder / "small" / "lock").write_text("process 1 on node7")
        before = {path.name: path.stat().st_mtime_ns for path in (folder / "small").iterdir()}
        shown("study watch DIR --every 0.1")
        assert {path.name: path.stat().st_mtime_ns for path in (folder / "small").iterdir()} == before

    def test_one_that_stopped_is_said_to_miss_cells(self, tmp_path, capsys):
        (tmp_path / "s.toml").write_text(SMALL)
        assert run(["study", "run", str(tmp_path / "s.toml"), "--out", str(tmp_path / "s")]) == 0
        journal = tmp_path / "s" / "journal.jsonl"
        journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:3]))
        (tmp_path / "s" / "table.parquet").unlink()
        run(["study", "watch", str(tmp_path / "s")])
        assert "nobody computes it: 1 cells are missing" in capsys.readouterr().out


def test_two_runs_in_one_folder_are_refused(folder, capsys):
    from fathometer.study.store._lock import locked

    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with locked(folder / "small"):
            entered.set()
            leave.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    entered.wait(60)
    try:
        assert run(["study", "run", str(folder / "small.toml"), "--out", str(folder / "small")]) == 2
        assert "is in use by" in capsys.readouterr().err
    finally:
        leave.set()
        thread.join()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SMALL.replace('"coverage"', '"coverige"'), "no computation is called 'coverige'; known: collapse"),
        (SMALL.replace("draws = 200", "drawz = 200"), "coverage has no parameter 'drawz'; known: experiment, m"),
        (SMALL.replace("[16, 64]", "[]"), "the grid is empty"),
        (SMALL.replace("[16, 64]", "[16, 16]"), "[grid] m has 16 twice"),
        (SMALL.replace("[16, 64]", "{from = 64, to = 16, count = 2}"), "must go from a smaller to a larger number"),
        (SMALL.replace("draws = 200", "draws = 20"), "[fixed] draws must be a number from 100 to 1e+06, got 20"),
        (SMALL.replace("[figure]", "[figures]"), "has no key 'figures'"),
        (SMALL.replace('x = "m"', 'x = "mm"'), "[figure] x must be one of"),
        (SMALL + "[judge]\ntheorem = ['x']\n", "[judge] has no key 'theorem'"),
        (SMALL + "[limits]\nseconds = -1\n", "seconds"),
        ("title = ", "is not TOML"),
        ("title = 'x'", "must have [computation] with the key 'name'"),
    ],
)
def test_specifications_that_cannot_be_are_one_line(tmp_path, capsys, text, message):
    (tmp_path / "bad.toml").write_text(text)
    assert run(["study", "run", str(tmp_path / "bad.toml"), "--out", str(tmp_path / "bad")]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert message in err


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("run nowhere.toml", "'nowhere.toml' cannot be read"),
        ("run small.toml --jobs 0", "--jobs"),
        ("run small.toml --jobs 2 --scheduler tcp://127.0.0.1:1", "give --scheduler or --jobs, not both"),
        ("run small.toml --resume --out new", "--resume: 'new' holds no study"),
        ("run other.toml --out small", "holds another study"),
        ("show nowhere", "'nowhere' holds no study"),
        ("watch nowhere", "'nowhere' holds no study"),
        ("watch small --every 0", "every must be >= 0.1"),
        ("figure nowhere", "'nowhere' holds no study"),
        ("figure small --figure x.bmp", "a figure must be named"),
        ("export nowhere x.csv", "'nowhere' holds no study"),
        ("export small x.xlsx", "a study is exported to csv, parquet, netcdf or zarr, got '.xlsx'"),
        ("export small x.csv --to excel", "got 'excel'"),
        ("export small nowhere/below/small.toml/x.csv", ""),
        ("list nothing", "no computation is called 'nothing'"),
    ],
)
def test_bad_input_is_one_line(folder, monkeypatch, capsys, command, message):
    monkeypatch.chdir(folder)
    (folder / "other.toml").write_text(DIVERGES)
    if command.endswith("toml/x.csv"):
        command = "export small small.toml/x.csv"
    assert run(["study", *command.split()]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert message in err


def test_one_job_is_this_process_and_more_are_others(monkeypatch):
    assert engine_of(None, None)[1] == engine_of(None, 1)[1] == "this process"
    monkeypatch.setattr("fathometer.cli.study._engines.find_spec", lambda name: None)
    engine, where = engine_of(None, 3)
    assert getattr(engine, "jobs", None) == 3
    assert where.startswith("3 processes")
    with pytest.raises(InputError, match="not both"):
        engine_of("tcp://127.0.0.1:1", 2)


def test_a_theorem_that_no_cell_is_judged_by_leaves_the_study_undecided(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.toml").write_text(SMALL + "[judge]\ntheorems = ['test_binomal']\n")
    assert run("study run s.toml --out kept".split()) == 3
    assert "no cell has a verdict of test_binomal" in capsys.readouterr().out

"""Runs of studies: nothing that was finished is lost or computed again, whatever ends them."""

import errno
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from fathometer.evidence import InputError
from fathometer.study import Study, in_process, processes, run_study, specification_of
from fathometer.study.engines import Cell, Outcome
from fathometer.study.store import _arrays
from fathometer.study.store._journal import OUTCOMES, read_entries
from fathometer.study.store._lock import locked
from tests.study.computations import find

DOCUMENT = {"computation": {"name": "add"}, "grid": {"beta": [1, 2, 3], "n": [3, 4]}}
DIFFERENT = ["seconds", "machine"]


class Counting:
    """An engine that remembers what it was asked for, and does something after some cells."""

    def __init__(self, after=None, then=None):
        self.asked, self._after, self._then = [], after, then

    def run(self, cells, compute, limits, finished, announce):
        self.asked = [cell.address for cell in cells]

        def handed(outcome):
            finished(outcome)
            handed.count += 1
            if handed.count == self._after:
                self._then()

        handed.count = 0
        in_process().run(cells, compute, limits, handed, announce)


def run(folder, engine=None, document=DOCUMENT, **options):
    said = []
    specification = specification_of(document, find)
    try:
        study = run_study(specification, folder, engine or in_process(), say=said.append, **options)
    except BaseException as error:
        error.said = said
        raise
    return study.table().drop(DIFFERENT), said


def stored(folder):
    return [entry.cell for entry in read_entries(folder)]


def test_a_second_run_computes_nothing(tmp_path):
    table, said = run(tmp_path)
    assert said == [f"study add: 6 of 6 cells in {tmp_path}"]
    engine = Counting()
    again, said = run(tmp_path, engine)
    assert engine.asked == []
    assert said[0] == f"{tmp_path}: the study goes on; 6 of 6 cells are there, 0 are to be computed"
    assert again.equals(table)


def test_a_changed_specification_computes_the_new_cells_alone(tmp_path):
    run(tmp_path)
    more = {"computation": {"name": "add"}, "grid": {"beta": [3, 4], "n": [3, 4, 5]}, "title": "more"}
    engine = Counting()
    table, said = run(tmp_path, engine, more)
    assert len(engine.asked) == 4
    assert said[0] == f"{tmp_path}: the specification has changed; 2 of 6 cells are there, 4 are to be computed"
    assert table.equals(run(tmp_path / "fresh", None, more)[0])
    engine = Counting()
    back, _ = run(tmp_path, engine)
    assert engine.asked == []
    assert back.equals(run(tmp_path / "fresh2")[0])


def test_other_columns_that_are_judged_need_no_computation(tmp_path):
    run(tmp_path)
    engine = Counting()
    judged = {**DOCUMENT, "judge": {"columns": [{"column": "total", "at_least": 6}]}}
    run(tmp_path, engine, judged)
    assert engine.asked == []
    assert Study(tmp_path).verdict_counts()["total at least 6"] == {"VIOLATED": 2, "HOLDS": 4}


def test_other_code_computes_all_anew_and_says_so(tmp_path, monkeypatch):
    run(tmp_path)
    monkeypatch.setattr("fathometer.study.spec._specification.code_version", lambda _: "0.1.0+other")
    engine = Counting()
    table, said = run(tmp_path, engine)
    assert len(engine.asked) == 6
    assert said[0] == f"{tmp_path}: the code has changed; 0 of 6 cells are there, 6 are to be computed"
    assert table.num_rows == 6


@pytest.mark.parametrize(
    "other",
    [
        {"computation": {"name": "slow"}},
        {"computation": {"name": "add"}, "title": "another", "fixed": {"beta": 77}},
    ],
)
def test_another_study_in_the_folder_is_refused(tmp_path, other):
    table, _ = run(tmp_path)
    with pytest.raises(InputError, match="holds another study, 'add' of add: take another folder"):
        run(tmp_path, None, other)
    assert Study(tmp_path).table().drop(DIFFERENT).equals(table)


def test_a_folder_that_is_in_use_or_no_folder_is_refused(tmp_path):
    with locked(tmp_path), pytest.raises(InputError, match=f"is in use by process {os.getpid()}"):
        run(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="must be a folder that can be written to"):
        run(tmp_path / "file")


def test_failed_cells_are_data_and_are_computed_again_only_if_asked_for(tmp_path):
    document = {"computation": {"name": "poisoned"}, "grid": {"model": ["none", "raise", "columns", "kind", "shape"]}}
    table, said = run(tmp_path, None, document)
    assert said[-1] == f"study poisoned: 5 of 5 cells, 4 failed in {tmp_path}"
    rows = {row["model"]: row for row in table.to_pylist()}
    assert rows["none"]["status"] == "finished"
    lines = {
        "raise": "InputError: beta must be positive",
        "columns": "InputError: poisoned must give the columns total, got total, more",
        "kind": "InputError: poisoned column 'total' must be float or None, got 'many'",
        "shape": "InputError: poisoned array 'steps' must have axes step, got (2, 2)",
    }
    for model, line in lines.items():
        assert (rows[model]["status"], rows[model]["error"], rows[model]["total"]) == ("failed", line, None)
    assert 'raise InputError("beta must be positive")' in rows["raise"]["traceback"]
    engine = Counting()
    run(tmp_path, engine, document)
    assert engine.asked == []
    run(tmp_path, engine, document, retry=True)
    assert sorted(engine.asked) == sorted(rows[model]["cell"] for model in lines)
    study = Study(tmp_path)
    assert (study.cells, study.finished, study.failed, study.table().num_rows) == (5, 1, 4, 5)


def test_an_interrupt_keeps_what_is_finished_and_says_how_to_go_on(tmp_path):
    engine = Counting(3, lambda: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt) as stopped:
        run(tmp_path, engine)
    kept = len(stored(tmp_path))
    assert kept >= 3
    line = f"study add: stopped with {kept} of 6 cells in {tmp_path}; the same command goes on from there"
    assert stopped.value.said[-1] == line
    assert Study(tmp_path).finished == kept
    assert (tmp_path / "table.parquet").exists()
    table, _ = run(tmp_path)
    assert sorted(stored(tmp_path)) == sorted(set(table["cell"].to_pylist()))
    assert table.equals(run(tmp_path / "fresh")[0])
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_fault_of_an_engine_keeps_what_is_finished(tmp_path):
    def lost():
        raise InputError("no scheduler at tcp://10.0.0.1:1")

    with pytest.raises(InputError, match="no scheduler"):
        run(tmp_path, Counting(2, lost))
    assert len(stored(tmp_path)) == Study(tmp_path).table().num_rows == 2


def test_a_clock_that_is_set_back_changes_nothing(tmp_path, monkeypatch):
    now = [1e9]

    def clock():
        now[0] -= 3600
        return now[0]

    monkeypatch.setattr(time, "time", clock)
    table, _ = run(tmp_path)
    study = Study(tmp_path)
    assert table.num_rows == 6
    assert all(seconds >= 0 for seconds in study.table()["seconds"].to_pylist())


class Disk:
    """A disk that is full from some write on."""

    def __init__(self, monkeypatch, room):
        self.left, self._write, self._fsync = room, os.write, os.fsync
        monkeypatch.setattr(os, "write", lambda *given: self._spend(self._write, *given))
        monkeypatch.setattr(os, "fsync", lambda *given: self._spend(self._fsync, *given))
        open_group = _arrays.is_whole
        monkeypatch.setattr(_arrays, "is_whole", lambda *given: self._spend(open_group, *given))

    def _spend(self, operation, *given):
        self.left -= 1
        if self.left < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return operation(*given)


@pytest.mark.parametrize("room", range(0, 22))
def test_a_full_disk_ends_the_run_with_one_line_and_loses_nothing(tmp_path, monkeypatch, room):
    """Every write of the run is once the first for which there is no room."""
    kept = []
    with monkeypatch.context() as patched:
        disk = Disk(patched, room)
        line = ""
        try:
            run(tmp_path)
        except InputError as error:
            line = str(error)
        kept = stored(tmp_path)
    full = "the disk is full" in line or "No space left on device" in line
    assert full == (disk.left < 0)
    assert "\n" not in line
    if kept:
        assert Study(tmp_path).table()["cell"].to_pylist() == kept
    engine = Counting()
    table, _ = run(tmp_path, engine)
    assert len(engine.asked) == 6 - len(kept)
    assert stored(tmp_path)[: len(kept)] == kept
    assert table.equals(run(tmp_path / "fresh")[0])
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_drafts_of_a_killed_process_are_cleared(tmp_path):
    run(tmp_path)
    (tmp_path / ".table.parquet.abc").write_text("half")
    (tmp_path / ".arrays.zarr.abc").mkdir()
    (tmp_path / ".mine.txt").write_text("")
    run(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == [".mine.txt"]


def test_arrays_are_kept_where_zarr_is_not_installed(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "zarr", None)
    _, said = run(tmp_path)
    assert said[0] == (
        "study add: arrays in zarr need xarray and zarr: pip install 'fathometer[store]'; "
        "they are kept, and the next run writes them"
    )
    monkeypatch.undo()
    run(tmp_path)
    assert (tmp_path / "arrays.zarr").is_dir()


def test_progress_has_the_time_left(tmp_path, monkeypatch):
    monkeypatch.setattr("fathometer.study._progress.SAY_EVERY", 0.0)

    class Slow:
        def run(self, cells, compute, limits, finished, announce):
            announce("a worker was lost")
            for cell in cells:
                time.sleep(0.01)
                finished(Outcome(Cell(cell.address, {}, 0), compute(cell.parameters, cell.seed)))

    monkeypatch.setattr("fathometer.study._run_study.Progress", _every_time)
    _, said = run(tmp_path, Slow())
    assert said[0] == "study add: a worker was lost"
    assert said[1].startswith("study add: 16.7 %, 1 of 6 cells, about ")
    assert said[1].endswith(" left")


def _every_time(what, say, *, done):
    from fathometer.study import Progress

    return Progress(what, say, done=done, every=0.0)


SLOW = {"computation": {"name": "slow"}, "grid": {"n": list(range(1, 41))}, "fixed": {"beta": 0.02}}
SCRIPT = """
import sys
from pathlib import Path
from fathometer.study import in_process, processes, run_study, specification_of
from tests.study.computations import find
jobs = int(sys.argv[2])
run_study(specification_of({document!r}, find), Path(sys.argv[1]), processes(jobs) if jobs else in_process())
"""


def started(folder, jobs):
    code = SCRIPT.format(document=SLOW)
    return subprocess.Popen([sys.executable, "-c", code, str(folder), str(jobs)], stderr=subprocess.DEVNULL)


def wait_for_cells(folder, count, process):
    while process.poll() is None:
        if (folder / OUTCOMES).exists() and (folder / OUTCOMES).read_bytes().count(b"\n") >= count:
            return
        time.sleep(0.005)


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [0, 2])
def test_a_killed_run_loses_nothing_and_goes_on(tmp_path, jobs):
    """Killed at random moments, until it is finished."""
    rng, folder, before = random.Random(jobs), tmp_path / "killed", []
    for kill in range(4):
        process = started(folder, jobs)
        wait_for_cells(folder, 1 + rng.randrange(8) + len(before), process)
        time.sleep(rng.random() * 0.05)
        process.send_signal(signal.SIGKILL if kill < 3 else signal.SIGINT)
        process.wait(60)
        now = stored(folder)
        assert now[: len(before)] == before
        assert len(now) > len(before)
        before = now
    table, _ = run(folder, None, SLOW)
    assert len(stored(folder)) == len(set(stored(folder))) == 40
    assert table.equals(run(tmp_path / "whole", processes(2), SLOW)[0])


@pytest.mark.slow
def test_an_interrupt_of_processes_keeps_what_is_finished(tmp_path):
    process = started(tmp_path, 2)
    wait_for_cells(tmp_path, 5, process)
    process.send_signal(signal.SIGINT)
    process.wait(60)
    assert process.returncode not in (0, 70)
    assert Study(tmp_path).finished == len(stored(tmp_path)) >= 5
    assert (tmp_path / "table.parquet").exists()

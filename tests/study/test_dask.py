"""Dask: real schedulers and workers on the loopback, and what is lost when they are killed: nothing."""

import contextlib
import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Timer

import numpy as np
import pytest
from distributed import Client

from fathometer.evidence import InputError
from fathometer.study.engines import _dask
from fathometer.study.engines._dask import dask_cluster
from fathometer.study.engines._engine import Cell, Limits, Outcome
from fathometer.study.engines.cluster import _shift
from fathometer.study.engines.cluster._crew import Crew
from fathometer.study.engines.cluster._versions import difference
from fathometer.study.engines.cluster._work import Work
from tests.study import dask_cells
from tests.study.dask_cells import cells, traces

ROOT = Path(__file__).parents[2]
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
OLD_NUMPY = """
import importlib.metadata as metadata
metadata.version = lambda name, true=metadata.version: "1.26.0" if name == "numpy" else true(name)
"""


class Machines:
    """Schedulers and workers that a test starts; whatever is left is killed at its end."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.folder, self.started = folder, []

    def scheduler(self) -> subprocess.Popen:
        log = self.folder / f"log-{len(self.started)}"
        started = self._start("scheduler", "--port", str(self.port))
        wait_until(lambda: "Scheduler at:" in log.read_text())
        return started

    def worker(self, *options: str, nanny: bool = False) -> subprocess.Popen:
        kind = "--nanny" if nanny else "--no-nanny"
        return self._start("worker", self.address, "--nthreads", "1", kind, *options)

    def client(self, *arguments: object) -> subprocess.Popen:
        return self._run("-m", "tests.study.dask_cells", *map(str, arguments))

    def _start(self, kind: str, *options: str) -> subprocess.Popen:
        return self._run("-m", f"distributed.cli.dask_{kind}", "--host", "127.0.0.1", "--no-dashboard", *options)

    def _run(self, *words: str) -> subprocess.Popen:
        with (self.folder / f"log-{len(self.started)}").open("w") as log:
            started = subprocess.Popen(
                [sys.executable, *words],
                cwd=self.folder,
                env=ENVIRONMENT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.started.append(started)
        return started

    def end(self) -> None:
        for process in self.started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # a nanny and its worker
            process.wait()


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    there = Machines(tmp_path)
    yield there
    there.end()


class Kept:
    """Outcomes in the order in which they came; something can be done when there are so many."""

    def __init__(self, count: int = -1, then: Callable[[], object] = lambda: None) -> None:
        self.outcomes: list[Outcome] = []
        self.lines: list[str] = []
        self.before: set[int] = set()
        self._count, self._then = count, then

    def __call__(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        if len(self.outcomes) == self._count:
            self.before = {kept.cell.parameters["x"] for kept in self.outcomes}
            self._then()

    def values(self) -> dict[int, object]:
        return {kept.cell.parameters["x"]: kept.computed.values["value"] for kept in self.outcomes if kept.computed}

    def run(self, address: str | None, todo: list[Cell], compute, limits: Limits | None = None) -> None:
        dask_cluster(address, 2).run(todo, compute, limits or Limits(), self, self.lines.append)


def squares(count: int) -> dict[int, int]:
    return {x: x**2 for x in range(count)}


def wait_until(true: Callable[[], bool], seconds: float = 120.0) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


# without machines


def drained(work: Work, kills: Callable[[Cell], bool]) -> tuple[list[str], list[str], int]:
    """Compute all work with a worker that dies over some cells: what was finished, what failed, how many died."""
    done, bad, deaths = [], [], 0
    while (batch := work.next(1)) is not None:
        for cell in batch.cells:
            if kills(cell):
                deaths += 1
                failed = work.blame(batch)
                if failed is not None:
                    bad.append(failed.address)
                    work.hand_over(Outcome(failed, None, "WorkerLost"))
                break
            if work.hand_over(Outcome(cell, None, seconds=0.001)):
                done.append(cell.address)
    return done, bad, deaths


@pytest.mark.parametrize("count", [1, 2, 50, 3000])
def test_cells_that_kill_workers_are_found_and_the_others_finish(count):
    todo = cells(count, Path("none"))
    killers = {"0", str(count // 2), str(count - 1)}
    done, bad, deaths = drained(Work(todo), lambda cell: cell.address in killers)
    assert set(bad) == killers
    assert sorted([*done, *bad]) == sorted(cell.address for cell in todo)
    assert deaths <= 4 * len(killers)


def test_work_that_comes_back_through_no_fault_of_its_own_is_handed_out_again():
    work = Work(cells(3, Path("none")))
    for _ in range(10):
        batch = work.next(1)
        work.give_back(batch)
    assert drained(work, lambda cell: False) == (["0", "1", "2"], [], 0)
    assert work.left == 0


def test_an_outcome_counts_once():
    work = Work(cells(1, Path("none")))
    (cell,) = work.next(1).cells
    assert work.hand_over(Outcome(cell, None))
    assert not work.hand_over(Outcome(cell, None))


def test_a_worker_gets_as_much_as_it_has_room_for():
    crew, work = Crew(), Work(cells(10, Path("none")))
    assert crew.join("a", 2, first=True)
    assert not crew.join("a", 2, first=True)
    assert crew.free(True) is None  # nobody knows yet whether it is fit
    crew.member("a").fit = True
    while (member := crew.free(True)) is not None:
        crew.give(member, work.next(crew.lanes()))
    assert set(crew.member("a").batches) == {0, 1, 2}
    assert crew.member("a").begun() == {0, 1}
    assert crew.finish(0).number == 0
    assert crew.leave("a").begun() == {1, 2}
    assert crew.finish(1) is None
    assert crew.lanes() == 0


def test_the_first_difference_of_versions_is_named():
    here = {"Python": "3.12.1", "numpy": "2.1.0"}
    assert difference(here, here) == ""
    assert difference(here, {**here, "numpy": "2.0.0"}) == "has numpy 2.0.0, and this machine has 2.1.0"


@pytest.mark.parametrize("address", ["nowhere://host:1", "tcp://host:port"])
def test_what_is_no_address_is_refused(address, tmp_path):
    with pytest.raises(InputError, match=address):
        Kept().run(address, cells(1, tmp_path / "traces"), dask_cells.square)


def test_nobody_at_the_address(machines, tmp_path, monkeypatch):
    monkeypatch.setattr(_dask, "CONNECT_WITHIN", 0.5)
    with pytest.raises(
        InputError, match=f"^no Dask scheduler answered at {machines.address} within 0 s$|within 0.5 s$"
    ):
        Kept().run(machines.address, cells(1, tmp_path / "traces"), dask_cells.square)


# with machines


@pytest.mark.slow
def test_each_cell_is_computed_once_on_some_worker(machines, tmp_path):
    machines.scheduler(), machines.worker(), machines.worker()
    kept = Kept()
    kept.run(machines.address, cells(500, tmp_path / "traces"), dask_cells.square)
    assert kept.values() == squares(500)
    assert traces(tmp_path / "traces") == dict.fromkeys(range(500), 1)
    assert all(outcome.machine for outcome in kept.outcomes)
    assert kept.lines == []


@pytest.mark.slow
def test_a_cluster_of_this_machine(tmp_path):
    kept = Kept()
    kept.run(None, cells(100, tmp_path / "traces"), dask_cells.square)
    assert kept.values() == squares(100)


@pytest.mark.slow
def test_large_and_failed_outcomes_come_back(machines, tmp_path):
    machines.scheduler(), machines.worker()
    large, mixed = Kept(), Kept()
    large.run(machines.address, cells(6, tmp_path / "traces"), dask_cells.matrix)
    assert {outcome.cell.parameters["x"] for outcome in large.outcomes} == set(range(6))
    for outcome in large.outcomes:
        np.testing.assert_equal(outcome.computed.arrays["a"], np.full((128, 1024), outcome.cell.parameters["x"]))
    mixed.run(machines.address, cells(8, tmp_path / "traces"), dask_cells.some_fail)
    assert mixed.values() == {0: 0, 2: 2}
    failed = {outcome.cell.parameters["x"]: outcome for outcome in mixed.outcomes if not outcome.computed}
    assert failed[3].error == "ValueError: 3 is odd"
    assert "some_fail" in failed[3].traceback
    assert "cannot be sent" in failed[4].error
    assert failed[6].error.startswith("what was computed cannot be read here: ModuleNotFoundError")
    assert all(outcome.machine for outcome in mixed.outcomes)


@pytest.mark.slow
def test_a_worker_that_is_killed_loses_nothing_that_was_finished(machines, tmp_path):
    machines.scheduler(), machines.worker(), machines.worker()
    kept = Kept(10, lambda: os.kill(int(kept.outcomes[-1].machine.split(":")[1]), signal.SIGKILL))
    kept.run(machines.address, cells(40, tmp_path / "traces", seconds=0.2), dask_cells.square)
    count = traces(tmp_path / "traces")
    assert kept.values() == squares(40)
    assert len(kept.outcomes) == 40
    assert [x for x in kept.before if count[x] != 1] == []
    assert len(kept.lines) == 1
    assert "is lost" in kept.lines[0]


@pytest.mark.slow
def test_a_scheduler_that_comes_back_is_given_what_is_missing(machines, tmp_path):
    first, worker = machines.scheduler(), machines.worker()

    def restart() -> None:
        first.kill()
        first.wait()
        worker.wait(60)
        machines.scheduler(), machines.worker()

    kept = Kept(10, restart)
    kept.run(machines.address, cells(30, tmp_path / "traces", seconds=0.1), dask_cells.square)
    count = traces(tmp_path / "traces")
    assert kept.values() == squares(30)
    assert len(kept.outcomes) == 30
    assert [x for x in kept.before if count[x] != 1] == []
    assert "is gone" in kept.lines[0]
    assert kept.lines[1] == "the scheduler is back"


@pytest.mark.slow
def test_a_scheduler_that_stays_away_ends_the_run_with_a_line(machines, tmp_path, monkeypatch):
    monkeypatch.setattr(_dask, "SCHEDULER_BACK_WITHIN", 2.0)
    scheduler = machines.scheduler()
    machines.worker()
    kept = Kept(5, scheduler.kill)
    with pytest.raises(InputError, match=r"did not come back within 2 s; what was finished is kept; run"):
        kept.run(machines.address, cells(100, tmp_path / "traces", seconds=0.1), dask_cells.square)
    assert kept.before <= set(kept.values())


@pytest.mark.slow
def test_the_last_worker_is_waited_for(machines, tmp_path, monkeypatch):
    monkeypatch.setattr(_shift, "WITHOUT_WORKERS", 2.0)
    machines.scheduler()
    worker = machines.worker()
    wait_until(lambda: "Registered to" in (tmp_path / "log-1").read_text())
    kept = Kept(5, worker.kill)
    with pytest.raises(InputError, match=r"^no worker for 2 s; what was finished is kept; run"):
        kept.run(machines.address, cells(100, tmp_path / "traces", seconds=0.1), dask_cells.square)
    assert "is lost" in kept.lines[0]


@pytest.mark.slow
def test_a_poisoned_cell_fails_and_the_others_finish(machines, tmp_path):
    machines.scheduler(), machines.worker(nanny=True), machines.worker(nanny=True)
    kept = Kept()
    kept.run(machines.address, cells(60, tmp_path / "traces"), dask_cells.poisoned)
    assert kept.values() == {x: value for x, value in squares(60).items() if x != 7}
    (failed,) = (outcome for outcome in kept.outcomes if not outcome.computed)
    assert failed.cell.parameters["x"] == 7
    assert failed.error == "WorkerLost: 2 workers died while they computed it"
    assert failed.machine
    assert 2 <= traces(tmp_path / "traces", "killed")[7] <= 3


@pytest.mark.slow
def test_a_hanging_cell_under_a_limit_fails_and_the_others_finish(machines, tmp_path):
    machines.scheduler(), machines.worker(nanny=True)
    kept = Kept()
    kept.run(machines.address, cells(8, tmp_path / "traces"), dask_cells.one_hangs, Limits(seconds=1.0))
    assert kept.values() == {x: value for x, value in squares(8).items() if x != 3}
    (failed,) = (outcome for outcome in kept.outcomes if not outcome.computed)
    assert failed.error.startswith("TimeLimit: ")


@pytest.mark.slow
def test_a_worker_that_leaves_in_order_blames_no_cell_that_has_limits(machines, tmp_path):
    """The data of another client make it leave slowly: it can still speak when the process of the cell is ended."""
    machines.scheduler(), machines.worker(), machines.worker()
    with Client(machines.address, set_as_default=False) as other:
        other.wait_for_workers(2)
        leaves = next(iter(other.scheduler_info()["workers"]))
        held = other.scatter({str(number): np.zeros(100) for number in range(2000)}, workers=[leaves])
        kept = Kept(2, lambda: Timer(1.5, other.retire_workers, ([leaves],)).start())
        todo = cells(6, tmp_path / "traces", seconds=3.0)
        kept.run(machines.address, todo, dask_cells.square, Limits(seconds=100.0))
        assert len(held) == 2000
    assert [outcome.error for outcome in kept.outcomes] == [""] * 6
    assert kept.values() == squares(6)


@pytest.mark.slow
def test_a_worker_with_other_versions_is_refused_by_name(machines, tmp_path):
    preload = tmp_path / "old.py"
    preload.write_text(OLD_NUMPY)
    machines.scheduler(), machines.worker("--preload", str(preload))
    with pytest.raises(InputError, match=r"^worker \S+ at tcp:\S+ has numpy 1\.26\.0, and this machine has 2"):
        Kept().run(machines.address, cells(3, tmp_path / "traces"), dask_cells.square)
    assert not traces(tmp_path / "traces")


@pytest.mark.slow
def test_a_worker_with_other_versions_that_comes_later_gets_nothing(machines, tmp_path):
    preload = tmp_path / "old.py"
    preload.write_text(OLD_NUMPY)
    machines.scheduler(), machines.worker()
    kept = Kept(1, lambda: machines.worker("--preload", str(preload)))
    kept.run(machines.address, cells(80, tmp_path / "traces", seconds=0.2), dask_cells.square)
    assert kept.values() == squares(80)
    assert len({outcome.machine for outcome in kept.outcomes}) == 1
    (line,) = kept.lines
    assert "has numpy 1.26.0" in line
    assert line.endswith("; it gets nothing to compute")


@pytest.mark.slow
def test_a_full_disk_ends_the_run(machines, tmp_path):
    machines.scheduler(), machines.worker()

    def fill() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    kept = Kept(3, fill)
    with pytest.raises(OSError, match="No space left"):
        kept.run(machines.address, cells(100, tmp_path / "traces", seconds=0.1), dask_cells.square)
    time.sleep(1.0)
    count = traces(tmp_path / "traces").total()
    time.sleep(1.0)
    assert traces(tmp_path / "traces").total() == count < 100  # nobody computes what nobody waits for


@pytest.mark.slow
@pytest.mark.parametrize("place", ["address", "here"])
@pytest.mark.parametrize("name", ["SIGKILL", "SIGINT"])
def test_a_client_that_is_killed_or_interrupted_goes_on_where_it_was(machines, tmp_path, place, name):
    if place == "address":
        machines.scheduler(), machines.worker(), machines.worker()
    arguments = (machines.address if place == "address" else place, tmp_path, 40)
    kept = tmp_path / "kept"
    client = machines.client(*arguments)
    wait_until(lambda: kept.exists() and len(kept.read_text().split()) >= 8)
    os.killpg(client.pid, getattr(signal, name))
    assert client.wait(60) == (130 if name == "SIGINT" else -signal.SIGKILL)
    if name == "SIGINT":
        assert "Traceback" not in "".join(log.read_text() for log in tmp_path.glob("log-*"))
    before = set(map(int, kept.read_text().split()))
    time.sleep(2.0)
    settled = traces(tmp_path / "traces")
    assert before <= set(settled)
    assert settled.total() < 40  # the workers have stopped
    assert machines.client(*arguments).wait(120) == 0
    count = traces(tmp_path / "traces")
    assert sorted(map(int, kept.read_text().split())) == list(range(40))
    assert [x for x in before if count[x] != 1] == []

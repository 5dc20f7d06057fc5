"""Parts of the engine on Dask without a cluster: what a worker says, what it ends, what cannot be read."""

import pickle
import threading
import time
from types import SimpleNamespace

import distributed
import pytest

from fathometer.evidence import InputError
from fathometer.study import Computed
from fathometer.study.engines._dask import dask_cluster
from fathometer.study.engines._engine import Cell, Limits, Outcome
from fathometer.study.engines.cluster._in_worker import Order, compute_batch
from fathometer.study.engines.cluster._kept_child import kept_child
from fathometer.study.engines.cluster._parcel import packed, unpacked
from tests.study.dask_cells import Unreadable


class FakeWorker:
    """As much of a Dask worker as a batch asks for."""

    def __init__(self) -> None:
        self.state = SimpleNamespace(tasks={"batch": SimpleNamespace(state="executing")})
        self.status = SimpleNamespace(name="running")
        self.loop = SimpleNamespace(add_callback=lambda *what: None, call_later=None)
        self.sent: list[Outcome] = []

    def get_current_task(self) -> str:
        return "batch"

    def log_event(self, topic: str, message: dict) -> None:
        self.sent += map(unpacked, message["outcomes"])


@pytest.fixture
def worker(monkeypatch):
    there = FakeWorker()
    monkeypatch.setattr(distributed, "get_worker", lambda: there)
    return there


def scripted(parameters, seed):
    """Tell the worker to leave, then fail, as the cell says."""
    if parameters["status"]:
        distributed.get_worker().status = SimpleNamespace(name=parameters["status"])
    if parameters["fails"]:
        raise ValueError("no")
    return Computed({"value": 1})


def outcomes(worker: FakeWorker, *script: tuple[str, bool], careful: bool = False) -> list[tuple[str, str]]:
    cells = tuple(Cell(str(i), {"status": status, "fails": fails}, 0) for i, (status, fails) in enumerate(script))
    assert compute_batch(pickle.dumps(Order("run", cells, pickle.dumps(scripted), Limits(), careful))) == []
    return [(outcome.cell.address, outcome.error) for outcome in worker.sent]


@pytest.mark.parametrize("careful", [False, True])
@pytest.mark.parametrize("status", ["closing_gracefully", "closing"])
def test_a_cell_that_fails_while_its_worker_leaves_is_not_blamed(worker, status, careful):
    assert outcomes(worker, ("", False), (status, True), ("", False), careful=careful) == [("0", "")]


def test_a_cell_that_finishes_while_its_worker_leaves_counts(worker):
    assert outcomes(worker, ("closing_gracefully", False), ("", False)) == [("0", "")]


def test_a_failed_cell_is_sent_by_a_worker_that_stays(worker):
    assert outcomes(worker, ("", True), ("paused", True)) == [("0", "ValueError: no"), ("1", "ValueError: no")]


class FakeChild:
    def __init__(self) -> None:
        self.told: list[str] = []

    def stop(self) -> None:
        self.told.append("stop")

    def close(self) -> None:
        self.told.append("close")


def test_a_watcher_that_hesitates_spares_the_process_of_the_next_batch():
    child, looked, go_on = FakeChild(), threading.Event(), threading.Event()

    def wanted() -> bool:
        looked.set()
        go_on.wait(10)
        return False

    before = set(threading.enumerate())
    with kept_child("hesitates", lambda: child, wanted, lambda *_: None):
        assert looked.wait(10)
        (watcher,) = set(threading.enumerate()) - before
    go_on.set()
    watcher.join(10)
    assert not watcher.is_alive()
    assert child.told == []


def test_a_process_that_was_killed_is_put_away_before_the_next_batch():
    child = FakeChild()
    with kept_child("kills", lambda: child, lambda: False, lambda *_: None):
        until = time.monotonic() + 10
        while not child.told:
            assert time.monotonic() < until
            time.sleep(0.01)
    assert child.told[0] == "stop"
    assert child.told[-1] == "close"


def test_what_cannot_be_read_is_a_failed_cell():
    sent = Outcome(Cell("a", {"x": 1}, 0), Computed({"value": Unreadable()}), seconds=2.0, machine="far:1")
    found = unpacked(packed(sent))
    assert found.cell == sent.cell
    assert found.computed is None
    assert found.error == "what was computed cannot be read here: ModuleNotFoundError: No module named 'elsewhere'"
    assert (found.seconds, found.machine) == (2.0, "far:1")


def test_what_cannot_be_packed_is_a_failed_cell():
    found = unpacked(packed(Outcome(Cell("a", {}, 0), Computed({"value": lambda: 0}), machine="far:1")))
    assert found.computed is None
    assert found.error.startswith("what was computed cannot be sent: ")
    assert found.machine == "far:1"


@pytest.mark.parametrize(
    "address",
    ["", "foo", "http://x:1", "tcp://", "tcp://:5", "tcp://::1:5", "tcp://x:0", "tcp://x:99999", "tcp://..:5"],
)
def test_no_client_is_made_for_what_is_no_address(address, monkeypatch):
    monkeypatch.setattr(distributed, "Client", lambda *_, **__: pytest.fail("a client was made"))
    with pytest.raises(InputError, match=r"is no address of a scheduler, such as tcp://host:8786: ") as refused:
        dask_cluster(address, 1).run([Cell("a", {}, 0)], scripted, Limits(), print, print)
    assert "\n" not in str(refused.value)


def test_an_address_that_needs_certificates_says_so(monkeypatch):
    monkeypatch.setattr(distributed, "Client", lambda *_, **__: pytest.fail("a client was made"))
    with pytest.raises(InputError, match=r"^tls://x:1 needs certificates: "):
        dask_cluster("tls://x:1", 1).run([Cell("a", {}, 0)], scripted, Limits(), print, print)

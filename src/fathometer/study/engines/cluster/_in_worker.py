"""What runs in a worker: it says what it is, then computes batches."""

import pickle
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from fathometer.evidence import InputError
from fathometer.study.engines._child import Child
from fathometer.study.engines._engine import Cell, Compute, Limits, Outcome
from fathometer.study.engines._one_cell import failed, machine, one_line, outcome_of
from fathometer.study.engines.cluster._kept_child import kept_child
from fathometer.study.engines.cluster._parcel import packed
from fathometer.study.engines.cluster._versions import versions

if TYPE_CHECKING:
    from distributed import Worker

TOPIC = "fathometer-outcomes"
"""Dask's events under which outcomes travel, of all runs: a scheduler keeps the last thousand of a topic."""
LARGEST = 16 * 2**10
"""Bytes of an event. A larger outcome comes with the end of its batch, past the scheduler."""

_SEND_AFTER = 0.1
_ARRIVED = 0.03
_LONGEST = 5.0


@dataclass(frozen=True)
class Arrival:
    """A worker that is ready, or not.

    Attributes:
        machine: host and process.
        versions: of what it computes with.
        trouble: why it cannot load the computation; empty if it can.
    """

    machine: str
    versions: dict[str, str]
    trouble: str = ""


@dataclass(frozen=True)
class Order:
    """A batch.

    Attributes:
        run: name of the run; its outcomes carry it.
        cells: to compute, in order.
        compute: pickled.
        limits: of each cell.
        careful: one of the cells may kill this process: each outcome is on its way before the next cell begins.
    """

    run: str
    cells: tuple[Cell, ...]
    compute: bytes
    limits: Limits
    careful: bool


def dask_setup(worker: object) -> None:
    """Be deaf to the user's interrupt, which is for the client; Dask calls this in workers that the client starts."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def arrive(compute: bytes) -> Arrival:
    """Say what this worker has; the import of the computation is part of that, so the first batch need not wait."""
    try:
        return Arrival(machine(), versions(pickle.loads(compute)))
    except Exception as error:  # of the modules that it imports
        return Arrival(machine(), versions(), one_line(error))


def compute_batch(packed_order: bytes) -> list[bytes]:
    """Compute the cells of an order; the client hears of each by an event, a moment after it is finished.

    It ends early when nobody wants the rest, or when the cells take longer than was thought: the client sees what is
    missing, and another worker may have time.

    Args:
        packed_order: the order, pickled.

    Returns:
        Outcomes too large for events, pickled.
    """
    from distributed import get_worker

    worker, order = get_worker(), pickle.loads(packed_order)
    compute, wanted, began = pickle.loads(order.compute), _wanted(worker), time.monotonic()
    stream = _Stream(lambda outcomes: worker.log_event(TOPIC, {"run": order.run, "outcomes": outcomes}), worker)
    with _computing(worker, order, compute, wanted) as outcome:
        for cell in order.cells:
            found = outcome(cell)
            if found.computed is None and not wanted():
                break  # it may have failed only because its process was ended; another worker will see
            stream.add(found, alone=order.careful)
            if order.careful:
                time.sleep(_ARRIVED)
            if not wanted() or time.monotonic() - began > _LONGEST:
                break
    stream.flush()
    return stream.large


def _wanted(worker: "Worker") -> Callable[[], bool]:
    """Whether the batch that runs in this thread has not been cancelled, nor the worker told to close.

    What was not wanted once is never wanted again: a process may have been ended for it, even if the worker then stays.
    """
    key, over = worker.get_current_task(), threading.Event()

    def wanted() -> bool:
        task = worker.state.tasks.get(key)
        if task is None or task.state != "executing" or worker.status.name not in ("running", "paused"):
            over.set()
        return not over.is_set()

    return wanted


@contextmanager
def _computing(
    worker: "Worker", order: Order, compute: Compute, wanted: Callable[[], bool]
) -> Iterator[Callable[[Cell], Outcome]]:
    """How a cell is computed: here, or in a process of its own if it has limits.

    Yields:
        From a cell to its outcome.
    """
    if order.limits == Limits():
        yield partial(outcome_of, compute)
        return

    def later(seconds: float, call: Callable[[], None]) -> None:
        worker.loop.add_callback(worker.loop.call_later, seconds, call)

    with kept_child(order.run, lambda: Child(compute, order.limits), wanted, later) as child:
        yield partial(_limited, child)


def _limited(child: Child, cell: Cell) -> Outcome:
    try:
        return child.compute(cell)
    except InputError as error:
        return failed(cell, one_line(error))


class _Stream:
    """Outcomes on their way to the client, several to an event.

    Args:
        send: takes the outcomes of one event.
        worker: whose loop sends what has waited long enough while a cell computes.
    """

    def __init__(self, send: Callable[[list[bytes]], None], worker: "Worker") -> None:
        self._send, self._loop, self._lock = send, worker.loop, threading.Lock()
        self._bundle: list[bytes] = []
        self.large: list[bytes] = []

    def add(self, outcome: Outcome, *, alone: bool) -> None:
        """Send an outcome soon, or at once if it travels alone."""
        parcel = packed(outcome)
        if alone:
            self._send([parcel])
        elif len(parcel) > LARGEST:
            self.large.append(parcel)
        else:
            self._wait(parcel)

    def flush(self) -> None:
        """Send what waits."""
        with self._lock:
            bundle, self._bundle = self._bundle, []
        if bundle:
            self._send(bundle)

    def _wait(self, parcel: bytes) -> None:
        with self._lock:
            first = not self._bundle
            self._bundle.append(parcel)
            full = sum(map(len, self._bundle)) > LARGEST
        if full:
            self.flush()
        elif first:
            self._loop.add_callback(self._loop.call_later, _SEND_AFTER, self.flush)

"""A run as long as its scheduler lives: batches go out, outcomes come in, workers come and go."""

import pickle
import queue
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from fathometer.evidence import InputError
from fathometer.study.engines._engine import Limits, Outcome
from fathometer.study.engines._one_cell import failed, one_line
from fathometer.study.engines.cluster._crew import Crew, Member
from fathometer.study.engines.cluster._in_worker import TOPIC, Arrival, Order, arrive, compute_batch
from fathometer.study.engines.cluster._parcel import unpacked
from fathometer.study.engines.cluster._versions import difference, versions
from fathometer.study.engines.cluster._work import TRIES, Batch, Work

if TYPE_CHECKING:
    from distributed import Client, Future

WITHOUT_WORKERS = 60.0
"""Seconds that a run waits for workers when there is none."""
RESUME = "what was finished is kept; run the same study again to go on"
"""How a line ends that says why a run has."""

_LOOK_EVERY = 0.2
_PATIENCE = 5  # times as long where workers still load what they need
_LAST_WORDS = 0.3
_FETCH_WITHIN = 60.0
_MOST_LOST_ON_ARRIVAL = 5


class SchedulerGoneError(Exception):
    """The scheduler does not answer any more."""


@dataclass(frozen=True)
class Run:
    """What stays the same when the scheduler does not.

    Attributes:
        name: of this run; no other has it.
        title: of its tasks in Dask's dashboard.
        compute: pickled.
        limits: of each cell.
        finished: takes outcomes.
        announce: takes lines.
        interrupted: whether the user wants to end.
    """

    name: str
    title: str
    compute: bytes
    limits: Limits
    finished: Callable[[Outcome], None]
    announce: Callable[[str], None]
    interrupted: Callable[[], bool]


class Shift:
    """Gives work to the workers of one scheduler.

    Args:
        client: of the scheduler.
        work: what is left.
        run: of which this is a part.
        first: whether the run begins with it.
    """

    def __init__(self, client: "Client", work: Work, run: Run, *, first: bool) -> None:
        self._client, self._work, self._run = client, work, run
        self._crew, self._heard = Crew(), queue.SimpleQueue[tuple[Callable[..., None], tuple[Any, ...]]]()
        self._futures: dict[int, Future] = {}
        self._greetings: dict[str, Future] = {}
        self._began: dict[int, float] = {}
        self._lost_on_arrival, self._refused, self._alone_since = 0, "", time.monotonic()
        self._first = first

    def work(self) -> None:
        """Compute what is left.

        Raises:
            SchedulerGoneError: if the scheduler ends before.
            KeyboardInterrupt: at the user's interrupt.
            InputError: if a worker has other versions, or there are no workers for too long.
        """
        self._client.subscribe_topic(TOPIC, self._on_outcomes)
        self._client.subscribe_topic("all", self._on_workers)
        try:
            self._meet_all()
            while self._work.left:
                self._give()
                self._listen(_LOOK_EVERY)
                self._look_around()
        finally:
            self._end()

    def _end(self) -> None:
        """Let go of everything: nobody shall compute what nobody waits for. None of this waits for the scheduler."""
        for batch in reversed(self._crew.batches()):
            self._work.give_back(batch)
        with suppress(Exception):  # of a client that has lost its scheduler
            for topic in (TOPIC, "all"):
                self._client.unsubscribe_topic(topic)
            for future in (*self._futures.values(), *self._greetings.values()):
                future.release()

    # what Dask's own threads say: they only put it into the queue

    def _on_outcomes(self, event: tuple[float, Any]) -> None:
        _, message = event
        if message["run"] == self._run.name:
            self._heard.put((self._hand_over, (message["outcomes"],)))

    def _on_workers(self, event: tuple[float, Any]) -> None:
        _, message = event
        if message.get("action") == "add-worker":
            self._heard.put((self._meet_all, ()))
        elif message.get("action") == "remove-worker":
            self._heard.put((self._miss, (message["worker"], bool(message.get("expected")))))

    def _on_end(self, number: int, future: "Future") -> None:
        self._heard.put((self._finish, (number, future)))

    def _on_greeting(self, address: str, future: "Future") -> None:
        self._heard.put((self._welcome, (address, future)))

    # what this thread does with it

    def _listen(self, seconds: float) -> None:
        """Take in what was said, and what is said within some seconds if that is nothing."""
        with suppress(queue.Empty):
            hear, what = self._heard.get(timeout=seconds)
            hear(*what)
            while True:
                hear, what = self._heard.get_nowait()
                hear(*what)

    def _look_around(self) -> None:
        if self._run.interrupted():
            self._listen(_LAST_WORDS)
            raise KeyboardInterrupt
        if self._client.status != "running":
            raise SchedulerGoneError
        longest = WITHOUT_WORKERS * (_PATIENCE if self._greetings else 1)
        if self._crew.lanes():
            self._alone_since = time.monotonic()
        elif time.monotonic() - self._alone_since > longest:
            why = f" ({self._refused})" if self._refused else ""
            raise InputError(f"no worker for {longest:.0f} s{why}; {RESUME}")

    def _meet_all(self) -> None:
        """Ask every worker that is new what it has.

        Raises:
            SchedulerGoneError: if the scheduler does not say who is there.
        """
        try:
            present = self._client.scheduler_info(n_workers=-1)["workers"]
        except OSError:
            raise SchedulerGoneError from None
        for address, facts in present.items():
            if self._crew.join(address, facts["nthreads"], first=self._first):
                self._greet(address)

    def _greet(self, address: str) -> None:
        key = f"greeting-{self._run.name}-{time.monotonic_ns()}"
        future = self._client.submit(arrive, self._run.compute, workers=[address], key=key, pure=False)
        self._greetings[address] = future
        future.add_done_callback(partial(self._on_greeting, address))

    def _welcome(self, address: str, future: "Future") -> None:
        """Look at what a worker has answered."""
        member = self._crew.member(address)
        if member is None or self._greetings.get(address) is not future:
            return
        del self._greetings[address]
        trouble = self._trouble(member, future)
        if trouble:
            self._refuse(member, f"worker {member.machine or address} {trouble}")
        else:
            member.fit = True

    def _trouble(self, member: Member, future: "Future") -> str:
        """Why a worker cannot be used; empty if it can.

        Raises:
            SchedulerGoneError: if the question was cancelled, which happens when the scheduler is lost.
        """
        if future.status == "cancelled":
            raise SchedulerGoneError
        if future.status != "finished":
            return f"cannot load fathometer: {_why(future)}"
        arrival: Arrival = future.result(timeout=_FETCH_WITHIN)
        member.machine = f"{arrival.machine} at {member.address}"
        other = difference(versions(pickle.loads(self._run.compute)), arrival.versions)
        return other or (f"cannot load the computation: {arrival.trouble}" if arrival.trouble else "")

    def _refuse(self, member: Member, why: str) -> None:
        if member.first:
            raise InputError(why)
        self._refused = why
        self._run.announce(f"{why}; it gets nothing to compute")

    def _give(self) -> None:
        """Give batches to workers that have room."""
        while (member := self._crew.free(self._work.short)) and (batch := self._work.next(self._crew.lanes())):
            self._first = False
            self._crew.give(member, batch)
            self._began[batch.number] = time.monotonic()
            order = Order(self._run.name, batch.cells, self._run.compute, self._run.limits, batch.careful)
            key = f"{self._run.title}-{self._run.name}-batch-{batch.number}"
            packed = pickle.dumps(order)
            future = self._client.submit(compute_batch, packed, workers=[member.address], key=key, pure=False)
            self._futures[batch.number] = future
            future.add_done_callback(partial(self._on_end, batch.number))

    def _hand_over(self, outcomes: list[bytes]) -> None:
        for parcel in outcomes:
            self._take(unpacked(parcel))

    def _take(self, outcome: Outcome) -> None:
        if self._work.hand_over(outcome):
            self._run.finished(outcome)

    def _finish(self, number: int, future: "Future") -> None:
        """Take in the end of a batch; what it has not computed goes back.

        Raises:
            SchedulerGoneError: if the batch was cancelled, which happens when the scheduler is lost.
        """
        if number not in self._futures:
            return
        if future.status == "cancelled":
            raise SchedulerGoneError
        batch = self._crew.finish(number)
        if batch is None:
            return
        trouble = self._fetch(batch, future)
        self._forget(number)
        if trouble:
            self._blame(batch, trouble, "")
        else:
            self._work.give_back(batch)

    def _fetch(self, batch: Batch, future: "Future") -> str:
        """Fetch the large outcomes of a batch, if any is missing; why the batch has failed if it has."""
        if future.status != "finished":
            return _why(future)
        if self._work.rest(batch):
            with suppress(TimeoutError, OSError):
                self._hand_over(future.result(timeout=_FETCH_WITHIN))
        return ""

    def _miss(self, address: str, expected: bool) -> None:
        """Give the batches of a worker that is gone to others; look closely at what it was computing if it died."""
        member, greeting = self._crew.leave(address), self._greetings.pop(address, None)
        if member is None:
            return
        if greeting is not None:
            greeting.release()
            self._count_arrivals(member, expected)
        if member.batches and not expected:
            self._run.announce(f"worker {member.machine} is lost; its cells are computed again elsewhere")
        begun = set() if expected else member.begun()
        for number, batch in reversed(member.batches.items()):
            if number in begun:
                self._blame(batch, f"WorkerLost: {TRIES} workers died while they computed it", member.machine)
            else:
                self._work.give_back(batch)
            self._forget(number)

    def _count_arrivals(self, member: Member, expected: bool) -> None:
        self._lost_on_arrival += not expected
        if self._lost_on_arrival >= _MOST_LOST_ON_ARRIVAL:
            raise InputError(f"{self._lost_on_arrival} workers died while they loaded the computation; {RESUME}")

    def _blame(self, batch: Batch, trouble: str, machine: str) -> None:
        cell = self._work.blame(batch)
        if cell is not None:
            seconds = time.monotonic() - self._began[batch.number]
            self._take(failed(cell, trouble, seconds=seconds, where=machine))

    def _forget(self, number: int) -> None:
        """Let a batch go; if it is still computed, its worker stops after the cell."""
        self._futures.pop(number).release()
        del self._began[number]


def _why(future: "Future") -> str:
    """What a task has raised, in one line."""
    error: Any = future.exception(timeout=_FETCH_WITHIN)
    return one_line(error)

"""A process of its own that computes one cell after the other, keeps compiled code, and can be stopped."""

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from multiprocessing.connection import Connection, Pipe

from fathometer.evidence import InputError
from fathometer.study._memory import gigabytes
from fathometer.study.engines._engine import Cell, Compute, Limits, Outcome
from fathometer.study.engines._one_cell import failed, machine, one_line, outcome_of
from fathometer.study.engines._resident import resident

_LOOK_EVERY = 0.02  # seconds between two looks at the memory
_ALIVE_EVERY = 1.0  # seconds between two looks of the child at its parent
_GRACE = 5.0  # seconds that a process has to go when it is asked to
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_START = "import sys; sys.path[:] = {path!r}; from fathometer.study.engines._child import serve; serve({handle})"


class Child:
    """One process that computes cells. It is started when the first one comes, and again after it was killed.

    A cell that goes beyond the limits is killed with the process, and so is one that ends it; both are failed outcomes.
    A process that has kept much memory of cells before is replaced before the next one.

    Args:
        compute: a function of a module.
        limits: of one cell.
        threads: that libraries may use in it; as many as they like if not given.
    """

    def __init__(self, compute: Compute, limits: Limits, threads: int | None = None) -> None:
        self._compute, self._limits, self._threads = _by_name(compute), limits, threads
        self._process: subprocess.Popen[bytes] | None = None
        self._line: Connection | None = None
        self._used, self._fresh = False, 0.0
        self.lost = 0
        """How many processes were lost with a cell."""

    def compute(self, cell: Cell) -> Outcome:
        """Compute a cell.

        Raises:
            InputError: if no process can be started, or it cannot import the computation.
        """
        if self._used and self._has_grown():
            self.close()
        if self._process is None:
            self._start()
        began, process, line = time.perf_counter(), self._process, self._line
        assert process is not None
        assert line is not None
        self._used = True
        try:
            line.send((cell.parameters, cell.seed))
            if not (error := self._wait(process, line, began)):
                return Outcome(cell, *pickle.loads(line.recv_bytes()))
        except (EOFError, OSError):
            error = _ended(process)
        except Exception as refused:  # of foreign objects, which raise what they like
            error = f"what is computed cannot be sent: {one_line(refused)}"
        self.lost += 1
        self.close()
        return failed(cell, error, "", time.perf_counter() - began, machine(process.pid))

    def stop(self) -> None:
        """End the process at once, and with it the cell that another thread waits for."""
        process = self._process
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()

    def close(self) -> None:
        """End the process, in the thread that computes."""
        self.stop()
        process, self._process = self._process, None
        line, self._line = self._line, None
        if process is not None:
            process.wait()
        if line is not None:
            line.close()
        self._used = False

    def _start(self) -> None:
        ours, theirs = Pipe()
        code = _START.format(path=sys.path, handle=theirs.fileno())
        count = None if self._threads is None else str(self._threads)
        environment = os.environ | {name: count for name in _THREADS if count and name not in os.environ}
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-c", code],
                stdin=subprocess.DEVNULL,
                stdout=sys.stderr.fileno() if _has_handle(sys.stderr) else subprocess.DEVNULL,
                env=environment,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,  # an interrupt of the user is for the parent to obey
            )
        except OSError as error:
            raise InputError(f"no process can be started: {error.strerror}") from error
        theirs.close()
        self._line = ours
        try:
            ours.send(self._compute)
            complaint = ours.recv()
        except (EOFError, OSError):
            complaint = _ended(self._process)
        if complaint:
            self.close()
            raise InputError(f"a process that computes cells cannot start: {complaint}")
        self._fresh = resident(self._process.pid)

    def _wait(self, process: subprocess.Popen[bytes], line: Connection, began: float) -> str:
        """Wait for an answer; why there will be none, if a limit is passed."""
        seconds, memory = self._limits.seconds, self._limits.memory
        while True:
            left = None if seconds is None else began + seconds - time.perf_counter()
            pause = left if memory is None else _LOOK_EVERY if left is None else min(_LOOK_EVERY, left)
            if line.poll(None if pause is None else max(0.0, pause)):
                return ""
            if left is not None and left <= 0:
                return f"TimeLimit: took longer than {seconds:g} s"
            if memory is not None and (size := resident(process.pid)) > memory:
                return f"MemoryLimit: used {gigabytes(size)}, the limit is {gigabytes(memory)}"

    def _has_grown(self) -> bool:
        """Whether cells before have left less than half of the room that there was at first."""
        memory, process = self._limits.memory, self._process
        return memory is not None and process is not None and resident(process.pid) > (self._fresh + memory) / 2


def serve(handle: int) -> None:
    """Compute cells for the parent, until it closes the line or is gone.

    Args:
        handle: of the line to the parent.
    """
    line, parent = Connection(handle), os.getppid()
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        compute = line.recv()()
        line.send("")
    except (EOFError, OSError):
        return
    except BaseException as error:
        line.send(one_line(error))
        return
    with suppress(EOFError, OSError):
        while True:
            parameters, seed = line.recv()
            line.send_bytes(_answer(outcome_of(compute, Cell("", parameters, seed))))


def _answer(outcome: Outcome) -> bytes:
    try:
        return pickle.dumps((outcome.computed, outcome.error, outcome.traceback, outcome.seconds, outcome.machine))
    except Exception as error:  # of foreign objects, which raise what they like
        why = f"what was computed cannot be sent: {one_line(error)}"
        return pickle.dumps((None, why, "", outcome.seconds, outcome.machine))


def _leave_with(parent: int) -> None:
    """End this process when its parent is gone, whatever is being computed."""
    while os.getppid() == parent:
        time.sleep(_ALIVE_EVERY)
    os._exit(1)


class _by_name:  # noqa: N801
    """A function that another process imports when it calls this, so that what fails there can be said."""

    def __init__(self, compute: Compute) -> None:
        try:
            self._pickled = pickle.dumps(compute)
        except Exception as error:
            raise InputError(f"a computation must be a function of a module: {one_line(error)}") from error
        if getattr(compute, "__module__", "") == "__main__":
            raise InputError("a computation must be a function of a module, and not of the script that runs")

    def __call__(self) -> Compute:
        return pickle.loads(self._pickled)


def _has_handle(stream: object) -> bool:
    try:
        return stream.fileno() >= 0  # type: ignore[attr-defined]
    except (AttributeError, OSError, ValueError):
        return False


def _ended(process: subprocess.Popen[bytes]) -> str:
    """How a process ended, in words."""
    try:
        code = process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        return "ProcessLost: the process that computed it does not answer"
    if code < 0:
        with suppress(ValueError):
            return f"ProcessLost: the process that computed it was ended by {signal.Signals(-code).name}"
    return f"ProcessLost: the process that computed it ended with code {code}"

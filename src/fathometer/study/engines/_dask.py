"""The engine on Dask: workers of this machine, or of any scheduler."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fathometer.evidence import InputError
from fathometer.study._interruptions import interruptions
from fathometer.study.engines._engine import Cell, Compute, Engine, Limits, Outcome
from fathometer.study.engines.cluster._connection import CONNECT_WITHIN, cluster, connect, disconnect
from fathometer.study.engines.cluster._shift import RESUME, Run, SchedulerGoneError, Shift
from fathometer.study.engines.cluster._work import Work

SCHEDULER_BACK_WITHIN = 60.0
"""Seconds that a run waits for a scheduler that it has lost."""


def dask_cluster(address: str | None = None, jobs: int | None = None) -> Engine:
    """Return the engine that computes on Dask workers.

    Needs the extra `dask`. A cluster without an address lives for one run and listens on the loopback only; a script
    that starts one keeps its own work under `if __name__ == "__main__":`, for the workers import it.

    Args:
        address: of a scheduler, such as "tcp://host:8786"; None starts a cluster on this machine.
        jobs: workers of this machine, each a process with one thread; None for as many as processors. A scheduler at an
            address has workers of its own.
    """
    return _Dask(address, jobs)


@dataclass(frozen=True)
class _Dask:
    address: str | None
    jobs: int | None

    def run(
        self,
        cells: Sequence[Cell],
        compute: Compute,
        limits: Limits,
        finished: Callable[[Outcome], None],
        announce: Callable[[str], None],
    ) -> None:
        """Compute all cells; see `Engine.run`."""
        with interruptions() as interrupted, cluster(self.address, self.jobs, announce) as place:
            name, ask = uuid.uuid4().hex[:8], lambda: bool(interrupted)
            run = Run(name, _title(compute), _pickled(compute), limits, finished, announce, ask)
            _shifts(place, self.address, Work(cells), run)


def _shifts(place: Any, address: str | None, work: Work, run: Run) -> None:
    """Compute while there is a scheduler; when it is gone, wait for it and go on.

    Args:
        place: what to connect to.
        address: of the scheduler, for messages.
        work: what is left.
        run: whose work it is.

    Raises:
        InputError: if no scheduler answers in time.
        KeyboardInterrupt: at the user's interrupt.
    """
    first, within = True, CONNECT_WITHIN
    while work.left:
        client = connect(place, within, lambda: not run.interrupted())
        if run.interrupted():
            raise KeyboardInterrupt
        if client is None:
            raise InputError(_absent(address, within, first))
        if not first:
            run.announce("the scheduler is back")
        try:
            Shift(client, work, run, first=first).work()
        except SchedulerGoneError:
            first, within = False, SCHEDULER_BACK_WITHIN
            run.announce(f"the scheduler {address or 'of this machine'} is gone; waiting {within:.0f} s for it")
        finally:
            disconnect(client)


def _absent(address: str | None, within: float, first: bool) -> str:
    if first:
        return f"no Dask scheduler answered at {address} within {within:.0f} s"
    return f"the scheduler {address} did not come back within {within:.0f} s; {RESUME}"


def _title(compute: Compute) -> str:
    """A name for Dask's dashboard: of the module and the function."""
    function = getattr(compute, "func", compute)
    module = getattr(function, "__module__", "").rpartition(".")[2].strip("_")
    return f"{module}.{getattr(function, '__name__', type(function).__name__).strip('_')}".lstrip(".")


def _pickled(compute: Compute) -> bytes:
    """By its name, or by its code if it is of a notebook or a script."""
    import cloudpickle

    return cloudpickle.dumps(compute)

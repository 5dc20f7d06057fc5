"""The way to a scheduler: one on this machine that lives for a run, or one that others have started."""

import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from fathometer.evidence import InputError
from fathometer.study.engines.cluster._address import check_address

if TYPE_CHECKING:
    from distributed import Client

CONNECT_WITHIN = 10.0
"""Seconds after which a scheduler that does not answer is not there."""

_ONE_TRY = 5.0
_QUIET_LOOPS = {"distributed.admin.tick.interval": "500ms"}
"""Every loop of Dask ticks fifty times a second, which takes two workers of two processors 4 % of their time."""
_LOOPBACK = "127.0.0.1"
_IN_WORKER = "fathometer.study.engines.cluster._in_worker"
_EXTRA = 'Dask needs the extra: pip install "fathometer[dask]"'


@contextmanager
def cluster(address: str | None, jobs: int | None, announce: Callable[[str], None]) -> Iterator[Any]:
    """Start a cluster on the loopback unless there is an address.

    Only this user's processes can speak to it: whoever can reach a scheduler can run code as its owner.

    Args:
        address: of a scheduler that runs already.
        jobs: workers to start, each a process with one thread; as many as processors if None.
        announce: is told where the dashboard is.

    Yields:
        What a client connects to.

    Raises:
        InputError: if the extra is not installed, or the address cannot be one.
    """
    if find_spec("distributed") is None:
        raise InputError(_EXTRA)
    with _quiet(), ExitStack() as stack:
        if address is not None:
            check_address(address)
        yield address or stack.enter_context(_local(jobs, announce))


@contextmanager
def _local(jobs: int | None, announce: Callable[[str], None]) -> Iterator[Any]:
    from dask import config
    from distributed import LocalCluster

    picture = find_spec("bokeh") is not None
    dashboard: Any = f"{_LOOPBACK}:0" if picture else None
    with config.set(_QUIET_LOOPS):
        local = LocalCluster(
            n_workers=jobs or os.cpu_count(),
            threads_per_worker=1,
            processes=True,
            host=_LOOPBACK,
            dashboard_address=dashboard,
            memory_limit=None,
            preload=_IN_WORKER,
            security=_credentials(),
            silence_logs=logging.CRITICAL,
        )
        if picture:
            announce(f"dashboard: {local.dashboard_link}")
        try:
            yield local
        finally:
            local.close(timeout=10)


def _credentials() -> Any:
    """Certificates for one run, that other users of this machine do not have."""
    from distributed.security import Security

    return Security.temporary() if find_spec("cryptography") else None


@contextmanager
def _quiet() -> Iterator[None]:
    """What happens to machines is announced in lines of our own; Dask's logs would tell it again."""
    import distributed  # noqa: F401  (sets levels of its own)

    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


def connect(place: Any, within: float, wanted: Callable[[], bool] = lambda: True) -> "Client | None":
    """Return a client of a cluster or an address; None if nobody answers in time.

    Args:
        place: cluster or address.
        within: seconds.
        wanted: whether to go on trying.
    """
    from distributed import Client

    until = time.monotonic() + within
    while wanted() and (left := until - time.monotonic()) > 0:
        try:
            return Client(place, timeout=max(min(left, _ONE_TRY), 0.1), set_as_default=False)
        except (OSError, TimeoutError, AssertionError):  # the last is how Dask says that its loop began too late
            time.sleep(0.1)
    return None


def disconnect(client: "Client") -> None:
    """Close a client, whose scheduler may be gone."""
    with suppress(Exception):
        client.close(timeout=2)

"""Tests run in float64, refuse silent promotions of rank and dtype, and forget compiled code before memory is full.

The last line says how much of the time of all workers was the compiler's.
"""

import os
import shutil
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jax
import platformdirs
import pytest

from tests import use_checked

use_checked()
import fathometer.numerics  # noqa: E402, F401  (switches JAX to float64)

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a job that a shell runs in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)

_MOST_MAPS = 20_000
_MOST_STORED = 2 << 30
"""Bytes."""
_BEGAN = time.monotonic()
_COMPILING = ("/jax/core/compile/jaxpr_to_mlir_module_duration", "/jax/core/compile/backend_compile_duration")
_seconds: Counter[str] = Counter()


def _count(event: str, seconds: float, **_: Any) -> None:
    if event in _COMPILING:
        _seconds["compiler"] += seconds


jax.monitoring.register_event_duration_secs_listener(_count)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Count the seconds of a process that runs tests; a worker hands them to whoever sums them."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None or not session.config.getoption("numprocesses", None):
        _seconds["all"] += time.monotonic() - _BEGAN
    if output is not None:
        output["seconds"] = dict(_seconds)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Sum the seconds of the workers."""
    _seconds.update(getattr(node, "workeroutput", {}).get("seconds", {}))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how much of the time was the compiler's."""
    share = 100 * _seconds["compiler"] / max(_seconds["all"], 1e-9)
    line = f"compiler: {_seconds['compiler']:.0f} of {_seconds['all']:.0f} s of all workers, {share:.0f} %"
    terminalreporter.write_line(line)


def pytest_runtest_setup() -> None:
    """Leave out what begins after `TESTS_UNTIL`, in seconds since 1970: see .ci/run."""
    if time.time() > float(os.environ.get("TESTS_UNTIL", "inf")):
        pytest.skip("left out: the time for tests is over")


@pytest.fixture(autouse=True, scope="session")
def _strict_arrays() -> None:
    jax.config.update("jax_numpy_rank_promotion", "raise")
    jax.config.update("jax_numpy_dtype_promotion", "strict")


@pytest.fixture(autouse=True, scope="session")
def _store() -> Iterator[None]:
    """Store what is compiled for the next run of the tests, too: not in the user's folder, nor in another worker's."""
    folder = Path(platformdirs.user_cache_dir("fathometer-tests")) / os.environ.get("PYTEST_XDIST_WORKER", "alone")
    if sum(file.stat().st_size for file in folder.glob("*")) > _MOST_STORED:
        shutil.rmtree(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAX_COMPILATION_CACHE_DIR", str(folder))
        jax.config.update("jax_compilation_cache_dir", str(folder))
        yield


@pytest.fixture(autouse=True, scope="module")
def _compiled_code(_store: None) -> Iterator[None]:
    """Store what takes the compiler long; keep a worker below the memory maps that Linux allows a process (65 530)."""
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.05)
    yield
    if _memory_maps() > _MOST_MAPS:
        jax.clear_caches()


@pytest.fixture(autouse=True, scope="module")
def _modules_of_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Forget what a file of tests wrote and imported: the next may give another module the same name."""
    known, searched = set(sys.modules), list(sys.path)
    yield
    written = str(tmp_path_factory.getbasetemp())
    for name in set(sys.modules) - known:
        if str(getattr(sys.modules[name], "__file__", None)).startswith(written):
            del sys.modules[name]
    sys.path[:] = searched


@pytest.fixture(autouse=True, scope="module")
def _threads_of_tests() -> Iterator[None]:
    """Let work that a file of tests leaves in threads of ours come to its end: it draws random numbers, for one."""
    known = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - known:
        if str(getattr(getattr(thread, "_target", None), "__module__", None)).startswith("fathometer"):
            thread.join(60)


def _memory_maps() -> int:
    """Those of this process, most of which compiled code holds; more than any limit where the system does not say."""
    maps = Path("/proc/self/maps")
    return maps.read_bytes().count(b"\n") if maps.exists() else sys.maxsize

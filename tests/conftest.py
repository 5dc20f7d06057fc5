"""Tests run in float64, with silent promotions of rank and dtype refused, and forget compiled code after each file.

The last line says how much of the time of all workers was the compiler's.
"""

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import jax
import pytest

import fathometer.numerics  # noqa: F401  (switches JAX to float64)

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


@pytest.fixture(autouse=True, scope="session")
def _strict_arrays() -> None:
    jax.config.update("jax_numpy_rank_promotion", "raise")
    jax.config.update("jax_numpy_dtype_promotion", "strict")


@pytest.fixture(autouse=True, scope="module")
def _forget_compiled_code() -> Iterator[None]:
    """Keep a worker below the number of memory maps that Linux allows a process (65 530): compiled code holds them."""
    yield
    jax.clear_caches()

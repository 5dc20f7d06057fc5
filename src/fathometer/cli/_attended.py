"""A command under attendance: it hears an interrupt at once, whatever it computes, and is never silent for long."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

INTERRUPTED = 130
"""What a shell reports of a program that SIGINT ended (128 + 2)."""

_POLL, _SILENCE = 0.1, 10.0
_STACK = 64 * 2**20  # some systems give threads less than LAPACK takes
_DEFECT = 70


def attended(command: Callable[[], int]) -> int:
    """Run a command in a thread of its own, since compiled code in the main thread would keep it from hearing anything.

    An interrupt goes to those who listen to keep what was computed (`study.interruptions`); if nobody does, or at the
    second one, the program ends with code 130. After ten seconds without a word, and every ten seconds, a line on
    standard error says that it is at work.
    """
    codes: list[int] = []
    threading.stack_size(_STACK)
    worker = threading.Thread(target=lambda: codes.append(_code(command)), daemon=True)
    before = signal.signal(signal.SIGINT, _interrupt)
    began = time.monotonic()
    worker.start()
    try:
        while worker.is_alive():
            worker.join(_POLL)
            _break_silence(time.monotonic() - began)
    finally:
        signal.signal(signal.SIGINT, before)
    return codes[0] if codes else _DEFECT


def _code(command: Callable[[], int]) -> int:
    try:
        return command()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)


def _break_silence(seconds: float) -> None:
    """Say that a command is at work which says nothing itself."""
    if seconds < _SILENCE:  # most commands: nothing to import
        return
    from fathometer.study import duration, say_progress, silent_for

    if silent_for() >= _SILENCE:
        with suppress(OSError):
            say_progress(f"fathometer: at work for {duration(seconds)}; Ctrl-C stops it")


def _interrupt(*_: object) -> None:
    study = sys.modules.get("fathometer.study")
    if study is not None and study.pass_on():
        return
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.write("fathometer: interrupted\n")
        sys.stderr.flush()
    os._exit(INTERRUPTED)

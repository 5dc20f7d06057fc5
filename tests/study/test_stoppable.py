"""Work that does not look at interrupts ends when the user says so."""

import signal
import subprocess
import sys
import threading
import time

import pytest

from fathometer.study import stoppable

STUCK = """
import sys, time
from fathometer.study import stoppable
print("began", flush=True)
try:
    stoppable(lambda: time.sleep(600))
except KeyboardInterrupt:
    print("stopped", flush=True)
    sys.exit(1)
"""


def test_it_returns_what_the_work_returns_and_ticks_meanwhile():
    ticks = []
    assert stoppable(lambda: time.sleep(0.5) or 7, lambda: ticks.append(1)) == 7
    assert ticks


def test_it_raises_what_the_work_raises():
    with pytest.raises(ZeroDivisionError):
        stoppable(lambda: 1 / 0)


def test_in_another_thread_it_just_works():
    found = []
    thread = threading.Thread(target=lambda: found.append(stoppable(lambda: 7)))
    thread.start()
    thread.join()
    assert found == [7]


def test_an_interrupt_does_not_wait_for_the_work():
    process = subprocess.Popen([sys.executable, "-c", STUCK], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "began\n"
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert out == "stopped\n"
    assert process.returncode == 130
